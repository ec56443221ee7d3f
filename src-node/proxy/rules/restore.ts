import { sameTexts } from '../../../src-kube/machinery/same-texts.ts'
import type { Chains, RuleSet } from './iptables.ts'

/** Chains that come and go with services; any that is found and not wanted is ours to delete. */
const DYNAMIC = /^KUBE-(SVC|SVL|SEP|EXT|FW)-/

const empty: RuleSet = { nat: new Map(), filter: new Map() }

/**
 * The least input for `iptables-restore --noflush` that turns `applied` into `wanted`: chains that differ are rewritten whole,
 * chains that are gone are emptied and deleted, the rest is not touched. Undefined when nothing differs. `stale` are chains
 * of an earlier run that the kernel still has.
 */
export function restoreInput(
  wanted: RuleSet,
  applied: RuleSet = empty,
  stale: readonly string[] = [],
): string | undefined {
  const nat = tableInput('nat', wanted.nat, applied.nat, stale)
  const filter = tableInput('filter', wanted.filter, applied.filter, [])
  return nat.length + filter.length > 0 ? [...nat, ...filter, ''].join('\n') : undefined
}

/** How many rules of a table there are, and how many of them a write gave. */
export interface RuleCount {
  all: number
  last: number
}

/** What {@link restoreInput} of the same two comes to, by table. */
export function countRules(wanted: RuleSet, applied: RuleSet = empty): Record<keyof RuleSet, RuleCount> {
  const count = (table: keyof RuleSet): RuleCount => {
    let [all, last] = [0, 0]
    for (const [chain, rules] of wanted[table]) {
      all += rules.length
      if (!sameTexts(rules, applied[table].get(chain))) last += rules.length
    }
    return { all, last }
  }
  return { nat: count('nat'), filter: count('filter') }
}

function tableInput(table: string, wanted: Chains, applied: Chains, stale: readonly string[]): string[] {
  const changed = [...wanted].filter(([chain, rules]) => !sameTexts(rules, applied.get(chain)))
  const gone = [...new Set([...applied.keys(), ...stale])].filter((chain) => !wanted.has(chain))
  if (changed.length + gone.length === 0) return []
  return [
    `*${table}`,
    // A declared chain is emptied; all are declared before any rule names them.
    ...changed.map(([chain]) => `:${chain} - [0:0]`),
    ...gone.map((chain) => `:${chain} - [0:0]`),
    ...changed.flatMap(([chain, rules]) => rules.map((rule) => `-A ${chain} ${rule}`)),
    ...gone.map((chain) => `-X ${chain}`),
    'COMMIT',
  ]
}

/** Our dynamic chains in the output of `iptables-save -t nat`. */
export function dynamicChains(saved: string): string[] {
  return saved
    .split('\n')
    .map((line) => /^:(\S+)/.exec(line)?.[1])
    .filter((chain) => chain !== undefined)
    .filter((chain) => DYNAMIC.test(chain))
}
