import type { Evidence, RuleHit } from '../../src-wire/trace/steps.ts'
import type { TraceOptions } from './options.ts'
import type { RulesSeen, Sent } from './rules.ts'

const table = ['ip', 'kube-proxy']
/** No chain of kube-proxy's leads further than this. */
const DEEPEST = 4

/** The verdict of the one element that is shown. */
const ELEMENT = /elements = \{[^}]* : ([^},]*[^\s},])/

type Run = Pick<TraceOptions['host'], 'run'>

/** The rules of a packet, and the lines that show them. */
export interface NftSeen {
  report: Pick<RulesSeen['report'], 'way' | 'refusal' | 'endpoint' | 'affinity'>
  evidence: Evidence[]
}

/**
 * The way of a packet through kube-proxy's nftables table: the element that names its address, then the chains down to the endpoint that the
 * connection's own entry names. Nothing counts there, but each address and port has one element, so none need be told from others. Undefined on a
 * node without that table. `keeping` is what {@link nftKeeping} told before the packet was sent.
 */
export async function nftTaken(
  host: Run,
  sent: Sent,
  keeping: ReadonlySet<string> = new Set(),
): Promise<NftSeen | undefined> {
  if (!(await hasTable(host))) return undefined
  const seen: NftSeen = { report: { way: [] }, evidence: [] }
  const refusal = await verdictOf(host, 'no-endpoint', sent, seen)
  if (refusal) {
    const target = refusal.verdict === 'drop' ? 'DROP' : 'REJECT'
    seen.report.refusal = { table: 'filter', chain: refusal.map, target }
    return seen
  }
  const entrance = await verdictOf(host, 'service', sent, seen)
  const first = entrance && /^goto (\S+)$/.exec(entrance.verdict)?.[1]
  if (!entrance || !first || !sent.endpoint) return seen
  const chains = await toEndpoint({ host, endpoint: sent.endpoint, seen }, first)
  if (!chains) return seen
  const hits = [entrance.map, ...chains.map(short)]
  seen.report.way = hits.map((chain, i): RuleHit => ({ table: 'nat', chain, target: hits[i + 1] ?? 'DNAT' }))
  seen.report.endpoint = sent.endpoint
  const seconds = stickiness((await said(host, ['list', 'chain', ...table, chains.at(-1)!])) ?? '')
  if (seconds !== undefined) seen.report.affinity = { seconds, kept: keeping.has(chains.at(-1)!) }
  return seen
}

/**
 * The chains of endpoints that a client is kept with. Asked before a packet is sent: its chain notes the client anew, and afterwards nobody can tell
 * whether it was known.
 */
export async function nftKeeping(host: Run, sent: Sent, client: string): Promise<Set<string>> {
  const kept = new Set<string>()
  if (!(await hasTable(host))) return kept
  const entrance = await verdictOf(host, 'service', sent, { report: { way: [] }, evidence: [] })
  const waiting = targetsIn(entrance?.verdict ?? '')
  for (let depth = 0; depth <= DEEPEST && waiting.length > 0; depth++) {
    const listed = (await said(host, ['list', 'chain', ...table, waiting.shift()!])) ?? ''
    for (const [, set, chain] of listed.matchAll(/ip saddr @(\S+) goto (\S+)/g))
      if (await said(host, ['get', 'element', ...table, set!, `{ ${client} }`])) kept.add(chain!)
    waiting.push(...targetsIn(listed).filter((target) => !target.startsWith('endpoint-')))
  }
  return kept
}

const hasTable = async (host: Run): Promise<boolean> =>
  ((await said(host, ['list', 'tables', 'ip'])) ?? '').split('\n').includes(`table ${table.join(' ')}`)

const targetsIn = (text: string): string[] => [
  ...new Set([...text.matchAll(/goto ([^\s,}]+)/g)].map((match) => match[1]!)),
]

const units: Readonly<Record<string, number>> = { d: 86_400, h: 3_600, m: 60, s: 1 }

/** Seconds for which an endpoint's chain keeps a client, written as `1d2h3m4s`. */
function stickiness(chain: string): number | undefined {
  const [, time] = /update @affinity-.* timeout (\w+)/.exec(chain) ?? []
  if (time === undefined) return undefined
  return [...time.matchAll(/(\d+)([dhms])(?![a-z])/g)].reduce((sum, [, n, unit]) => sum + Number(n) * units[unit!]!, 0)
}

/** `service-0009G7DPMCV0V5VA`: without the names of objects, which its lines show to whom they may be shown. */
const short = (chain: string): string => /^\w+-[0-9A-Z]{16}/.exec(chain)?.[0] ?? chain

async function verdictOf(
  host: Run,
  kind: 'service' | 'no-endpoint',
  { protocol, address, port, own }: Sent,
  seen: NftSeen,
): Promise<{ map: string; verdict: string } | undefined> {
  const [byAddress, byPort] =
    kind === 'service' ? ['service-ips', 'service-nodeports'] : ['no-endpoint-services', 'no-endpoint-nodeports']
  const keys: Array<[string, string]> = [[byAddress, `${address} . ${protocol} . ${port}`]]
  if (own.includes(address)) keys.push([byPort, `${protocol} . ${port}`])
  for (const [map, key] of keys) {
    const args = ['get', 'element', ...table, map, `{ ${key} }`]
    const verdict = ELEMENT.exec((await said(host, args)) ?? '')?.[1]
    if (verdict === undefined) continue
    seen.evidence.push({ command: ['nft', ...args].join(' '), lines: [`${key} : ${verdict}`] })
    return { map, verdict }
  }
  return undefined
}

/** What is looked for, on which node, and where it is noted. */
interface Search {
  host: Run
  endpoint: NonNullable<Sent['endpoint']>
  seen: NftSeen
}

/** The chains from one to the endpoint's; undefined where it does not lead there. */
async function toEndpoint(search: Search, chain: string, depth = 0): Promise<string[] | undefined> {
  const { host, endpoint, seen } = search
  if (isOf(chain, endpoint)) return [chain]
  if (depth > DEEPEST || chain.startsWith('endpoint-')) return undefined
  const args = ['list', 'chain', ...table, chain]
  const listed = (await said(host, args)) ?? ''
  // One that is named for clients that are kept is named by chance, too.
  for (const target of targetsIn(listed).toSorted((a, b) => Number(isOf(b, endpoint)) - Number(isOf(a, endpoint)))) {
    const rest = await toEndpoint(search, target, depth + 1)
    if (!rest) continue
    const lines = listed.split('\n').filter((line) => line.includes(target))
    seen.evidence.splice(1, 0, { command: ['nft', ...args].join(' '), lines: lines.map((line) => line.trim()) })
    return [chain, ...rest]
  }
  return undefined
}

/** Whether a chain is the one that translates to an endpoint. */
const isOf = (chain: string, { address, port }: { address: string; port: number }): boolean =>
  chain.endsWith(`__${address}/${port}`)

/** Undefined where the tool refuses: what is asked for is not there. */
const said = (host: Run, args: string[]): Promise<string | undefined> =>
  host.run('nft', args).then(
    ({ stdout }) => stdout,
    () => undefined,
  )
