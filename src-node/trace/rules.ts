import type { RuleHit, RulesReport, TraceProtocol } from '../../src-wire/trace/steps.ts'

/** A rule of `iptables-save -c`. */
export interface SavedRule {
  table: 'nat' | 'filter'
  chain: string
  /** What stands behind the chain's name. */
  spec: string
  target: string
  packets: number
}

const RULE = /^\[(\d+):\d+\] -A (\S+) (.*)$/
const TARGET = / -[jg] (\S+)/

/** Rules of one table, in order. */
export function parseRules(table: SavedRule['table'], saved: string): SavedRule[] {
  return saved.split('\n').flatMap((line) => {
    const [, packets, chain, spec] = RULE.exec(line) ?? []
    const target = TARGET.exec(` ${spec}`)?.[1]
    return target ? [{ table, chain: chain!, spec: spec!, target, packets: Number(packets) }] : []
  })
}

/** Where a packet was sent, and what became of it. */
export interface Sent {
  protocol: TraceProtocol
  address: string
  port: number
  /** Address and port of the endpoint, where its answers say so. */
  endpoint?: { address: string; port: number } | undefined
  /** Addresses of the node itself, which node ports are on. */
  own: readonly string[]
}

/** The rules that a packet met, from `iptables-save` before and after it. */
export interface RulesSeen {
  report: RulesReport
  /** The rules of the way, and the refusing one, as they were saved; and the one that replaced the source. */
  lines: string[]
  masqueraded: string[]
}

/** Says of a rule how often it was met between the two looks at the tables. */
export type Weigh = (rule: SavedRule) => RuleHit

/** Says by how much a rule's counter has grown; nothing of one that was written anew meanwhile. */
export function weigher(before: readonly SavedRule[]): Weigh {
  const counted = new Map(before.map((rule) => [keyOf(rule), rule.packets]))
  return (rule) => {
    const had = counted.get(keyOf(rule))
    const grew = had === undefined || had > rule.packets ? {} : { grew: rule.packets - had }
    return { table: rule.table, chain: rule.chain, target: rule.target, ...grew }
  }
}

/**
 * The way of a packet through kube-proxy's chains: from the rule that names its address to the DNAT to the endpoint that the
 * connection's own entry names. `before` and `after` are the tables at both sides of the probe: their counters say which of several
 * rules it took, and which one refused it.
 */
export function rulesTaken(before: readonly SavedRule[], after: readonly SavedRule[], sent: Sent): RulesSeen {
  const weigh = weigher(before)
  const chains = new Map<string, SavedRule[]>()
  for (const rule of after) if (rule.table === 'nat') push(chains, rule)
  const way = wayThrough({ chains, sent, weigh })
  const refusal = after.find((rule) => rule.table === 'filter' && refuses(rule, sent))
  const replaced = masquerade(after, weigh)
  const affinity = affinityOn(way, chains, weigh)
  const endpoint = destination(way.at(-1))
  return {
    report: {
      way: way.map(weigh),
      ...(refusal && { refusal: weigh(refusal) }),
      ...(affinity && { affinity }),
      ...(replaced && { masquerade: weigh(replaced) }),
      ...(endpoint && { endpoint }),
    },
    lines: [...way, ...(refusal ? [refusal] : [])].map(lineOf),
    masqueraded: replaced ? [lineOf(replaced)] : [],
  }
}

/** Packets that a rule has met since; 0 where nobody knows. */
const growthOf = (rule: SavedRule, weigh: Weigh): number => weigh(rule).grew ?? 0

const keyOf = ({ table, chain, spec }: SavedRule): string => `${table} ${chain} ${spec}`
export const lineOf = ({ packets, chain, spec }: SavedRule): string => `[${packets} packets] -A ${chain} ${spec}`

function push(chains: Map<string, SavedRule[]>, rule: SavedRule): void {
  const rules = chains.get(rule.chain)
  if (rules) rules.push(rule)
  else chains.set(rule.chain, [rule])
}

const option = (spec: string, name: string): string | undefined => new RegExp(`(?:^| )${name} (\\S+)`).exec(spec)?.[1]

/** Whether a rule names the protocol and port of a packet, and its address where it names one. */
function names({ spec }: SavedRule, { protocol, address, port, own }: Sent): boolean {
  if (option(spec, '-p') !== protocol || option(spec, '--dport') !== String(port)) return false
  const target = option(spec, '-d')
  return target === undefined ? own.includes(address) : target === `${address}/32`
}

const entranceChains = ['KUBE-SERVICES', 'KUBE-NODEPORTS', 'KUBE-HOSTPORTS']
const refusing = new Set(['KUBE-SERVICES', 'KUBE-EXTERNAL-SERVICES', 'KUBE-PROXY-FIREWALL'])

const refuses = (rule: SavedRule, sent: Sent): boolean =>
  refusing.has(rule.chain) && (rule.target === 'REJECT' || rule.target === 'DROP') && names(rule, sent)

/** What was sent, through which chains of the nat table, and how often their rules were met. */
interface Passage {
  chains: ReadonlyMap<string, SavedRule[]>
  sent: Sent
  weigh: Weigh
}

function wayThrough(passage: Passage): SavedRule[] {
  const { chains, sent } = passage
  const entrances = entranceChains
    .flatMap((chain) => chains.get(chain) ?? [])
    .filter((rule) => rule.target !== 'KUBE-MARK-MASQ' && names(rule, sent))
  for (const entrance of entrances) {
    const rest = toEndpoint(passage, entrance)
    if (rest) return [entrance, ...rest]
  }
  return entrances.slice(0, 1)
}

/** No chain of kube-proxy's leads further than this. */
const DEEPEST = 6

/** What follows a rule up to the DNAT to the endpoint; undefined where it does not lead there. */
function toEndpoint(passage: Passage, rule: SavedRule, depth = 0): SavedRule[] | undefined {
  const { chains, weigh } = passage
  const { endpoint } = passage.sent
  if (depth > DEEPEST) return undefined
  // Without an entry that names the endpoint only counters tell.
  if (!endpoint && growthOf(rule, weigh) === 0) return undefined
  if (rule.target === 'DNAT') {
    const to = destination(rule)
    return !endpoint || (to?.address === endpoint.address && to.port === endpoint.port) ? [] : undefined
  }
  // One that keeps a client and one that chooses by chance lead to the same chain: the one that grew was taken.
  const next = [...(chains.get(rule.target) ?? [])].sort((a, b) => growthOf(b, weigh) - growthOf(a, weigh))
  for (const one of next) {
    const rest = toEndpoint(passage, one, depth + 1)
    if (rest) return [one, ...rest]
  }
  return undefined
}

/** Where a DNAT leads; undefined for another rule. */
function destination(rule: SavedRule | undefined): { address: string; port: number } | undefined {
  const [, address, port] = /^(.+):(\d+)$/.exec(option(rule?.spec ?? '', '--to-destination') ?? '') ?? []
  return address === undefined ? undefined : { address, port: Number(port) }
}

function affinityOn(
  way: readonly SavedRule[],
  chains: ReadonlyMap<string, SavedRule[]>,
  weigh: Weigh,
): RulesReport['affinity'] {
  const recalls = way
    .flatMap(({ chain }) => chains.get(chain) ?? [])
    .filter(({ spec }) => spec.includes('--rcheck') && spec.includes('-m recent'))
  const [first] = recalls
  if (!first) return undefined
  const taken = way.find(({ spec }) => spec.includes('--rcheck'))
  return { seconds: Number(option(first.spec, '--seconds')), kept: taken !== undefined && growthOf(taken, weigh) > 0 }
}

const masquerading = ['KUBE-POSTROUTING', 'FLANNEL-POSTRTG']

/** The one whose counter grew; others may have moved it too, so it counts only where the entry says that the source was replaced. */
const masquerade = (after: readonly SavedRule[], weigh: Weigh): SavedRule | undefined =>
  after.find((rule) => rule.target === 'MASQUERADE' && masquerading.includes(rule.chain) && growthOf(rule, weigh) > 0)
