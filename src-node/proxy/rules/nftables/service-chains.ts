import { chainHash } from '../hash.ts'
import type { ProxyEndpoint, ServicePort } from '../model.ts'
import type { NftTable } from './table.ts'

/** As much of a name as tools show well; what is cut off is in its hash. */
const LONGEST_NAME = 200

/** One service port, the table it is written to and how its chains are named. */
interface Writing {
  readonly table: NftTable
  readonly port: ServicePort
  readonly clusterCidr: string
  readonly chain: (kind: 'service' | 'local' | 'external' | 'firewall') => string
  /** The key of one of its addresses. */
  readonly at: (ip: string) => string
}

/**
 * The chains and elements of one service port. `service-` spreads over the endpoints of all nodes, `local-` over those of this one; the
 * traffic policies choose. `external-` takes what comes from outside; `firewall-` drops it before, where a load balancer does not admit it.
 * Without any endpoint traffic is rejected; where only a local policy finds none it is dropped, so that load balancers try the next node.
 * Of two services that claim the same address and port the first has it.
 */
export function addServicePort(table: NftTable, port: ServicePort, clusterCidr: string): void {
  const name = nameOf(port)
  const hash = chainHash(`${port.id}/${port.protocol}`)
  const writing: Writing = {
    table,
    port,
    clusterCidr,
    chain: (kind) => `${kind}-${hash}-${name}`.slice(0, LONGEST_NAME),
    at: (ip) => `${ip} . ${port.protocol} . ${port.port}`,
  }
  put(table, 'cluster-ips', port.clusterIp, '')
  addInternal(writing)
  const outside = port.nodePort !== undefined || port.externalIps.length + port.balancerIps.length > 0
  if (outside) addExternal(writing)
  addBalancers(writing, outside)
}

/** `shop/web/tcp/http`. */
function nameOf({ id, protocol }: ServicePort): string {
  const [service, port = ''] = id.split(':') as [string, string?]
  return `${service}/${protocol}/${port}`
}

function put(table: NftTable, collection: string, key: string, verdict: string): void {
  const elements = table.collections.get(collection)!.elements as Map<string, string>
  if (!elements.has(key)) elements.set(key, verdict)
}

/** The cluster IP. */
function addInternal({ table, port, chain, at }: Writing): void {
  const endpoints = port.internalLocal ? port.local : port.all
  if (endpoints.length === 0) put(table, 'no-endpoint-services', at(port.clusterIp), refusal(port))
  else put(table, 'service-ips', at(port.clusterIp), `goto ${chain(port.internalLocal ? 'local' : 'service')}`)
}

const refusal = ({ all }: ServicePort): string => (all.length > 0 ? 'drop' : 'goto reject-chain')

/** Node port, external IPs and load-balancer addresses. */
function addExternal(writing: Writing): void {
  const { table, port, chain, at } = writing
  const addresses = [...port.externalIps, ...port.balancerIps]
  const byPort = port.nodePort === undefined ? undefined : `${port.protocol} . ${port.nodePort}`
  if ((port.externalLocal ? port.local : port.all).length === 0) {
    for (const ip of addresses) put(table, 'no-endpoint-services', at(ip), refusal(port))
    if (byPort) put(table, 'no-endpoint-nodeports', byPort, refusal(port))
  }
  if (port.all.length === 0) return
  table.chains.set(chain('external'), { rules: externalRules(writing) })
  for (const ip of addresses) put(table, 'service-ips', at(ip), `goto ${chain('external')}`)
  if (byPort) put(table, 'service-nodeports', byPort, `goto ${chain('external')}`)
  if (port.sourceRanges.length > 0 && port.balancerIps.length > 0) addFirewall(writing)
}

/**
 * With a local policy the source address is kept, and what pods and the node itself send goes to any endpoint, as if it came back through
 * a load balancer. With a cluster policy the source is replaced, so that answers come back this way.
 */
function externalRules({ port, clusterCidr, chain }: Writing): string[] {
  const all = chain('service')
  if (!port.externalLocal) return ['jump mark-for-masquerade', `goto ${all}`]
  return [
    `ip saddr ${clusterCidr} goto ${all}`,
    'fib saddr type local jump mark-for-masquerade',
    `fib saddr type local goto ${all}`,
    ...(port.local.length > 0 ? [`goto ${chain('local')}`] : []),
  ]
}

/** A rule for each range, since ranges may overlap, which elements of one set may not. */
function addFirewall({ table, port, chain, at }: Writing): void {
  const allowed = port.sourceRanges.map((range) => `ip saddr ${range} return`)
  table.chains.set(chain('firewall'), { rules: [...allowed, 'drop'] })
  for (const ip of port.balancerIps) put(table, 'firewall-ips', at(ip), `goto ${chain('firewall')}`)
}

/** The chains that spread traffic, each only if something leads there. */
function addBalancers(writing: Writing, outside: boolean): void {
  const { table, port, clusterCidr, chain } = writing
  const cluster = `ip daddr ${port.clusterIp} ${port.protocol} dport ${port.port}`
  const outsiders = `${cluster} ip saddr != ${clusterCidr} jump mark-for-masquerade`
  const names = new Map(
    [...port.all, ...port.local].map((endpoint) => [keyOf(endpoint), addEndpoint(writing, endpoint)]),
  )
  const balancer = (endpoints: readonly ProxyEndpoint[], first: readonly string[]): { rules: string[] } => {
    const chains = endpoints.map((endpoint) => names.get(keyOf(endpoint))!)
    const kept =
      port.affinitySeconds === undefined ? [] : chains.map((name) => `ip saddr @${affinityOf(name)} goto ${name}`)
    return { rules: [...first, ...kept, spread(chains)] }
  }
  if (port.all.length > 0 && (!port.internalLocal || outside))
    table.chains.set(chain('service'), balancer(port.all, port.internalLocal ? [] : [outsiders]))
  if (port.local.length > 0 && (port.internalLocal || (port.externalLocal && outside)))
    table.chains.set(chain('local'), balancer(port.local, port.internalLocal ? [outsiders] : []))
}

const keyOf = ({ ip, port }: ProxyEndpoint): string => `${ip}/${port}`

/** Even chance. */
function spread(chains: readonly string[]): string {
  if (chains.length === 1) return `goto ${chains[0]}`
  return `numgen random mod ${chains.length} vmap { ${chains.map((name, i) => `${i} : goto ${name}`).join(', ')} }`
}

/** The set of the clients that keep an endpoint, by its chain's name. */
const affinityOf = (chain: string): string => chain.replace(/^endpoint-/, 'affinity-')

/** Its chain's name. The kernel notes a client with its time, so that another time needs no other set. */
function addEndpoint({ table, port }: Writing, endpoint: ProxyEndpoint): string {
  const { ip, port: number } = endpoint
  const hash = chainHash(`${port.id}/${port.protocol}/${ip}:${number}`)
  const name = `endpoint-${hash}-${nameOf(port)}__${keyOf(endpoint)}`.slice(0, LONGEST_NAME)
  const set = affinityOf(name)
  const isSticky = port.affinitySeconds !== undefined
  if (isSticky)
    table.collections.set(set, {
      kind: 'set',
      declaration: 'type ipv4_addr; flags dynamic,timeout;',
      elements: 'kernel',
    })
  table.chains.set(name, {
    rules: [
      `ip saddr ${ip} jump mark-for-masquerade`,
      ...(isSticky ? [`update @${set} { ip saddr timeout ${port.affinitySeconds}s }`] : []),
      `meta l4proto ${port.protocol} dnat to ${ip}:${number}`,
    ],
  })
  return name
}
