import { chainHash } from './hash.ts'
import type { RuleSet } from './iptables.ts'
import type { ProxyEndpoint, ServicePort } from './model.ts'

/** One service port, the tables it is written to and how its rules are worded. */
interface Writing {
  readonly rules: RuleSet
  readonly port: ServicePort
  readonly clusterCidr: string
  readonly comment: (words: string) => string
  readonly to: (ip: string) => string
  readonly chain: (kind: 'SVC' | 'SVL' | 'EXT' | 'FW') => string
}

/**
 * The rules of one service port (kubernetes.io, "Virtual IPs and Service Proxies"). KUBE-SVC spreads over the endpoints of all nodes,
 * KUBE-SVL over those of this one; the traffic policies choose. KUBE-EXT takes what comes from outside, KUBE-FW before it whom a load
 * balancer admits. Without any endpoint traffic is rejected; where only a local policy finds none it is dropped, so that load balancers
 * try the next node.
 */
export function addServicePort(rules: RuleSet, port: ServicePort, clusterCidr: string): void {
  const key = `${port.id}/${port.protocol}`
  const writing: Writing = {
    rules,
    port,
    clusterCidr,
    comment: (words) => `-m comment --comment "${port.id} ${words}"`,
    to: (ip) => `-d ${ip}/32 -p ${port.protocol} -m ${port.protocol} --dport ${port.port}`,
    chain: (kind) => `KUBE-${kind}-${chainHash(key)}`,
  }
  addInternal(writing)
  const outside = port.nodePort !== undefined || port.externalIps.length + port.balancerIps.length > 0
  if (outside) addExternal(writing)
  addBalancers(writing, outside)
}

/** The cluster IP. */
function addInternal(writing: Writing): void {
  const { rules, port, comment, to, chain } = writing
  const endpoints = port.internalLocal ? port.local : port.all
  if (endpoints.length === 0) return refuse(writing, 'KUBE-SERVICES', to(port.clusterIp))
  const target = chain(port.internalLocal ? 'SVL' : 'SVC')
  rules.nat.get('KUBE-SERVICES')!.push(`${to(port.clusterIp)} ${comment('cluster IP')} -j ${target}`)
}

/** Node port, external IPs and load-balancer addresses. */
function addExternal(writing: Writing): void {
  const { rules, port, comment, to, chain } = writing
  const byNodePort = `-m ${port.protocol} --dport ${port.nodePort}`
  if ((port.externalLocal ? port.local : port.all).length === 0) {
    for (const ip of [...port.externalIps, ...port.balancerIps]) refuse(writing, 'KUBE-EXTERNAL-SERVICES', to(ip))
    const toNode = `-p ${port.protocol} -m addrtype --dst-type LOCAL ${byNodePort}`
    if (port.nodePort !== undefined) refuse(writing, 'KUBE-EXTERNAL-SERVICES', toNode)
  }
  if (port.all.length === 0) return
  const external = chain('EXT')
  rules.nat.set(external, externalRules(writing))
  const services = rules.nat.get('KUBE-SERVICES')!
  for (const ip of port.externalIps) services.push(`${to(ip)} ${comment('external IP')} -j ${external}`)
  const first = port.sourceRanges.length > 0 ? chain('FW') : external
  for (const ip of port.balancerIps) services.push(`${to(ip)} ${comment('loadbalancer IP')} -j ${first}`)
  if (port.sourceRanges.length > 0 && port.balancerIps.length > 0) addFirewall(writing)
  if (port.nodePort === undefined) return
  rules.nat.get('KUBE-NODEPORTS')!.push(`-p ${port.protocol} ${byNodePort} ${comment('node port')} -j ${external}`)
}

/**
 * With a local policy the source address is kept, and what pods and the node itself send goes to any endpoint, as if it came back through
 * a load balancer. With a cluster policy the source is replaced, so that answers come back this way.
 */
function externalRules({ port, clusterCidr, comment, chain }: Writing): string[] {
  const all = chain('SVC')
  if (!port.externalLocal) return [`${comment('masquerade traffic from outside')} -j KUBE-MARK-MASQ`, `-j ${all}`]
  const node = '-m addrtype --src-type LOCAL'
  return [
    `-s ${clusterCidr} ${comment('pod traffic')} -j ${all}`,
    `${comment('masquerade traffic of the node')} ${node} -j KUBE-MARK-MASQ`,
    `${comment('traffic of the node')} ${node} -j ${all}`,
    ...(port.local.length > 0 ? [`-j ${chain('SVL')}`] : []),
  ]
}

/** What comes from no allowed range is not translated, and then dropped at the load balancer's address. */
function addFirewall({ rules, port, comment, to, chain }: Writing): void {
  const allowed = port.sourceRanges.map((range) => `-s ${range} ${comment('allowed range')} -j ${chain('EXT')}`)
  rules.nat.set(chain('FW'), allowed)
  for (const ip of port.balancerIps)
    rules.filter.get('KUBE-PROXY-FIREWALL')!.push(`${to(ip)} ${comment('from no allowed range')} -j DROP`)
}

/** The chains that spread traffic, each only if something leads there. */
function addBalancers(writing: Writing, outside: boolean): void {
  const { port, clusterCidr, comment, to, chain } = writing
  const outsiders = `! -s ${clusterCidr} ${to(port.clusterIp)} ${comment('cluster IP')} -j KUBE-MARK-MASQ`
  if (port.all.length > 0 && (!port.internalLocal || outside))
    addBalancer(writing, chain('SVC'), port.all, port.internalLocal ? [] : [outsiders])
  if (port.local.length > 0 && (port.internalLocal || (port.externalLocal && outside)))
    addBalancer(writing, chain('SVL'), port.local, port.internalLocal ? [outsiders] : [])
}

function refuse(
  { rules, port, comment }: Writing,
  chain: 'KUBE-SERVICES' | 'KUBE-EXTERNAL-SERVICES',
  match: string,
): void {
  const [words, target] =
    port.all.length > 0
      ? ['has no local endpoints', 'DROP']
      : ['has no endpoints', 'REJECT --reject-with icmp-port-unreachable']
  rules.filter.get(chain)!.push(`${match} ${comment(words)} -j ${target}`)
}

/** A chain that spreads over endpoints, by affinity first, then by even chance; and a chain for each endpoint. */
function addBalancer(
  { rules: { nat }, port }: Writing,
  chain: string,
  endpoints: readonly ProxyEndpoint[],
  first: readonly string[],
): void {
  const rules = [...first]
  const names = endpoints.map((endpoint) => endpointChain(nat, port, endpoint))
  if (port.affinitySeconds !== undefined)
    for (const name of names)
      rules.push(`-m recent --name ${name} --rcheck --seconds ${port.affinitySeconds} --reap --rsource -j ${name}`)
  endpoints.forEach(({ ip, port: number }, i) => {
    const left = endpoints.length - i
    const chance = left > 1 ? `-m statistic --mode random --probability ${(1 / left).toFixed(11)} ` : ''
    rules.push(`-m comment --comment "${port.id} -> ${ip}:${number}" ${chance}-j ${names[i]}`)
  })
  nat.set(chain, rules)
}

function endpointChain(nat: RuleSet['nat'], port: ServicePort, endpoint: ProxyEndpoint): string {
  const target = `${endpoint.ip}:${endpoint.port}`
  const name = `KUBE-SEP-${chainHash(`${port.id}/${port.protocol}/${target}`)}`
  const sticky = port.affinitySeconds === undefined ? '' : `-m recent --name ${name} --set --rsource `
  nat.set(name, [
    `-s ${endpoint.ip}/32 -m comment --comment "${port.id}" -j KUBE-MARK-MASQ`,
    `-p ${port.protocol} -m comment --comment "${port.id}" ${sticky}-m ${port.protocol} -j DNAT --to-destination ${target}`,
  ])
  return name
}
