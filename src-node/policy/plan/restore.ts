import { sameTexts } from '../../../src-kube/machinery/same-texts.ts'
import type { Chains } from './chains.ts'
import { ASKING, FORWARDED, isOurChain } from './names.ts'

/** Our chains in the kernel; without rules where nobody knows which it has. */
export type Applied = ReadonlyMap<string, readonly string[] | undefined>

/** A built-in chain's rules as `iptables -S CHAIN` prints them. */
export interface BuiltIn {
  chain: string
  saved: string
}

/** What leads from the built-in chains into ours. The first: kube-proxy's own accept what is masqueraded, whoever it is for. */
const jumps = (dnsAddress: string): ReadonlyArray<{ chain: string; rule: string; target: string }> => [
  { chain: 'FORWARD', rule: `-m comment --comment "network policies" -j ${FORWARDED}`, target: FORWARDED },
  {
    chain: 'INPUT',
    rule: `-d ${dnsAddress}/32 -m comment --comment "network policies" -j ${ASKING}`,
    target: ASKING,
  },
]

/**
 * The least input for `iptables-restore --noflush` that turns `applied` into `wanted`: one transaction, so that no packet is judged by half of it.
 * Our jumps are made the first of their chains, and go with the last of our chains. Undefined when nothing differs.
 */
export function restoreInput(
  wanted: Chains,
  applied: Applied,
  builtIns: readonly BuiltIn[],
  dnsAddress: string,
): string | undefined {
  const changed = [...wanted].filter(([chain, rules]) => !sameTexts(rules, applied.get(chain)))
  const gone = [...applied.keys()].filter((chain) => !wanted.has(chain))
  const moved = jumps(dnsAddress).flatMap((jump) => {
    const saved = builtIns.find(({ chain }) => chain === jump.chain)?.saved ?? ''
    return jumpInput(jump, saved, wanted.has(jump.target))
  })
  if (changed.length + gone.length + moved.length === 0) return undefined
  return [
    '*filter',
    // A declared chain is emptied; all are declared before any rule names them.
    ...changed.map(([chain]) => `:${chain} - [0:0]`),
    ...gone.map((chain) => `:${chain} - [0:0]`),
    ...changed.flatMap(([chain, rules]) => rules.map((rule) => `-A ${chain} ${rule}`)),
    ...moved,
    ...gone.map((chain) => `-X ${chain}`),
    'COMMIT',
    '',
  ].join('\n')
}

function jumpInput(jump: { chain: string; rule: string; target: string }, saved: string, wanted: boolean): string[] {
  const rules = saved.split('\n').filter((line) => line.startsWith(`-A ${jump.chain} `))
  const isOurs = (line: string): boolean => line.endsWith(`-j ${jump.target}`)
  const ours = rules.filter(isOurs)
  if (wanted && ours.length === 1 && isOurs(rules[0]!)) return []
  const removed = ours.map((line) => line.replace('-A', '-D'))
  return wanted ? [...removed, `-I ${jump.chain} 1 ${jump.rule}`] : removed
}

/** Our chains in the output of `iptables -S`. */
export function chainsFound(saved: string): Applied {
  const names = saved.split('\n').flatMap((line) => /^-N (\S+)$/.exec(line)?.[1] ?? [])
  return new Map(names.filter(isOurChain).map((chain) => [chain, undefined]))
}
