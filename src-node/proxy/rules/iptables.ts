import { chainHash } from './hash.ts'
import type { ProxyEndpoint, ServicePort } from './model.ts'

/** Chains of one table → their rules in order, without the leading `-A CHAIN`. */
export type Chains = Map<string, string[]>

export interface RuleSet {
  nat: Chains
  filter: Chains
}

/** A port of the node that leads to a pod on it. */
export interface HostPort {
  hostIp: string
  hostPort: number
  protocol: string
  podIp: string
  containerPort: number
}

export interface RuleOptions {
  ports: readonly ServicePort[]
  hostPorts: readonly HostPort[]
  clusterCidr: string
  /** The DNS service's address: each node answers it itself, so it is not translated. */
  dnsAddress: string
}

/** Bit that marks packets whose source is to be replaced; kube-proxy's own default. */
const MASQUERADE_MARK = '0x4000/0x4000'

/**
 * All rules of kube-proxy's iptables mode as data (kubernetes.io, "Virtual IPs and Service Proxies"): services → a chain a
 * service port → a chain an endpoint, chosen by chance; no endpoints → refused. Chain names are those of kube-proxy, so
 * that old habits of looking at them hold.
 */
export function iptablesRules(options: RuleOptions): RuleSet {
  const nat: Chains = new Map([
    ['KUBE-MARK-MASQ', ['-j MARK --or-mark 0x4000']],
    [
      'KUBE-POSTROUTING',
      [
        `-m mark ! --mark ${MASQUERADE_MARK} -j RETURN`,
        '-j MARK --xor-mark 0x4000',
        `-m comment --comment "kubernetes service traffic requiring SNAT" -j MASQUERADE --random-fully`,
      ],
    ],
    ['KUBE-SERVICES', []],
    ['KUBE-NODEPORTS', []],
    ['KUBE-HOSTPORTS', []],
  ])
  const filter: Chains = new Map([
    ['KUBE-SERVICES', []],
    ['KUBE-EXTERNAL-SERVICES', []],
    [
      'KUBE-FORWARD',
      [
        '-m conntrack --ctstate INVALID -j DROP',
        `-m mark --mark ${MASQUERADE_MARK} -m comment --comment "kubernetes forwarding rules" -j ACCEPT`,
        '-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
      ],
    ],
  ])
  for (const port of options.ports) {
    if (port.clusterIp !== options.dnsAddress) addPort(nat, filter, port, options.clusterCidr)
  }
  for (const hostPort of options.hostPorts) addHostPort(nat, hostPort)
  nat
    .get('KUBE-SERVICES')!
    .push(
      '-m comment --comment "kubernetes service nodeports; NOTE: this must be the last rule in this chain" -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS',
    )
  return { nat, filter }
}

function addPort(nat: Chains, filter: Chains, port: ServicePort, clusterCidr: string): void {
  const comment = (words: string): string => `-m comment --comment "${port.id} ${words}"`
  const to = (ip: string): string => `-d ${ip}/32 -p ${port.protocol} -m ${port.protocol} --dport ${port.port}`
  const key = `${port.id}/${port.protocol}`
  const services = nat.get('KUBE-SERVICES')!
  const internal = `KUBE-SVC-${chainHash(key)}`
  const same = !port.externalLocal
  const outer = same ? internal : `KUBE-SVL-${chainHash(key)}`

  if (port.internal.length > 0) {
    services.push(`${to(port.clusterIp)} ${comment('cluster IP')} -j ${internal}`)
    const outsiders = `! -s ${clusterCidr} ${to(port.clusterIp)} ${comment('cluster IP')} -j KUBE-MARK-MASQ`
    addBalancer(nat, internal, port, port.internal, [outsiders])
  } else {
    refuse(filter, 'KUBE-SERVICES', `${to(port.clusterIp)} ${comment('has no endpoints')}`)
  }
  const outside = port.nodePort !== undefined || port.externalIps.length > 0
  if (!outside) return
  if (port.external.length === 0) return refuseOutside(filter, port, comment, to)
  if (!same || port.internal.length === 0) addBalancer(nat, outer, port, port.external, [])
  const external = `KUBE-EXT-${chainHash(key)}`
  nat.set(external, [
    ...(port.externalLocal
      ? [`-s ${clusterCidr} ${comment('pod traffic')} -j ${port.internal.length > 0 ? internal : outer}`]
      : [`${comment('masquerade traffic from outside')} -j KUBE-MARK-MASQ`]),
    `-j ${outer}`,
  ])
  for (const ip of port.externalIps) {
    for (const range of port.sourceRanges.length > 0 ? port.sourceRanges : ['']) {
      services.push(`${range ? `-s ${range} ` : ''}${to(ip)} ${comment('external IP')} -j ${external}`)
    }
  }
  if (port.nodePort !== undefined) {
    const match = `-p ${port.protocol} -m ${port.protocol} --dport ${port.nodePort}`
    nat.get('KUBE-NODEPORTS')!.push(`${match} ${comment('node port')} -j ${external}`)
  }
}

function refuseOutside(
  filter: Chains,
  port: ServicePort,
  comment: (words: string) => string,
  to: (ip: string) => string,
): void {
  // A local policy without local endpoints drops, so that load balancers try the next node; otherwise nobody is there.
  const words = port.externalLocal ? 'has no local endpoints' : 'has no endpoints'
  for (const ip of port.externalIps)
    refuse(filter, 'KUBE-EXTERNAL-SERVICES', `${to(ip)} ${comment(words)}`, port.externalLocal)
  if (port.nodePort === undefined) return
  const match = `-p ${port.protocol} -m addrtype --dst-type LOCAL -m ${port.protocol} --dport ${port.nodePort}`
  refuse(filter, 'KUBE-EXTERNAL-SERVICES', `${match} ${comment(words)}`, port.externalLocal)
}

function refuse(filter: Chains, chain: string, match: string, drop = false): void {
  filter.get(chain)!.push(`${match} -j ${drop ? 'DROP' : 'REJECT --reject-with icmp-port-unreachable'}`)
}

/** A chain that spreads over endpoints, by affinity first, then by even chance; and a chain for each endpoint. */
function addBalancer(
  nat: Chains,
  chain: string,
  port: ServicePort,
  endpoints: readonly ProxyEndpoint[],
  first: string[],
): void {
  const rules = [...first]
  const names = endpoints.map((endpoint) => endpointChain(nat, port, endpoint))
  if (port.affinitySeconds !== undefined) {
    for (const name of names) {
      rules.push(`-m recent --name ${name} --rcheck --seconds ${port.affinitySeconds} --reap --rsource -j ${name}`)
    }
  }
  names.forEach((name, i) => {
    const left = names.length - i
    const chance = left > 1 ? `-m statistic --mode random --probability ${(1 / left).toFixed(11)} ` : ''
    const target = `${endpoints[i]!.ip}:${endpoints[i]!.port}`
    rules.push(`-m comment --comment "${port.id} -> ${target}" ${chance}-j ${name}`)
  })
  nat.set(chain, rules)
}

function endpointChain(nat: Chains, port: ServicePort, endpoint: ProxyEndpoint): string {
  const target = `${endpoint.ip}:${endpoint.port}`
  const name = `KUBE-SEP-${chainHash(`${port.id}/${port.protocol}/${target}`)}`
  const sticky = port.affinitySeconds === undefined ? '' : `-m recent --name ${name} --set --rsource `
  nat.set(name, [
    `-s ${endpoint.ip}/32 -m comment --comment "${port.id}" -j KUBE-MARK-MASQ`,
    `-p ${port.protocol} -m comment --comment "${port.id}" ${sticky}-m ${port.protocol} -j DNAT --to-destination ${target}`,
  ])
  return name
}

function addHostPort(nat: Chains, hostPort: HostPort): void {
  const protocol = hostPort.protocol.toLowerCase()
  const address = hostPort.hostIp && hostPort.hostIp !== '0.0.0.0' ? `-d ${hostPort.hostIp}/32 ` : ''
  const match = `${address}-p ${protocol} -m ${protocol} --dport ${hostPort.hostPort} -m addrtype --dst-type LOCAL`
  const target = `${hostPort.podIp}:${hostPort.containerPort}`
  const comment = `-m comment --comment "host port of ${target}"`
  nat
    .get('KUBE-HOSTPORTS')!
    .push(
      `-s ${hostPort.podIp}/32 ${match} ${comment} -j KUBE-MARK-MASQ`,
      `${match} ${comment} -j DNAT --to-destination ${target}`,
    )
}

/** Built-in chains and the rule that leads from each into ours, in the order in which they must stand. */
export const jumps: ReadonlyArray<{ table: 'nat' | 'filter'; chain: string; rule: string }> = [
  { table: 'nat', chain: 'PREROUTING', rule: '-m comment --comment "kubernetes service portals" -j KUBE-SERVICES' },
  { table: 'nat', chain: 'OUTPUT', rule: '-m comment --comment "kubernetes service portals" -j KUBE-SERVICES' },
  { table: 'nat', chain: 'PREROUTING', rule: '-m comment --comment "kubernetes host ports" -j KUBE-HOSTPORTS' },
  { table: 'nat', chain: 'OUTPUT', rule: '-m comment --comment "kubernetes host ports" -j KUBE-HOSTPORTS' },
  {
    table: 'nat',
    chain: 'POSTROUTING',
    rule: '-m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING',
  },
  { table: 'filter', chain: 'FORWARD', rule: '-m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD' },
  {
    table: 'filter',
    chain: 'FORWARD',
    rule: '-m conntrack --ctstate NEW -m comment --comment "kubernetes service portals" -j KUBE-SERVICES',
  },
  {
    table: 'filter',
    chain: 'FORWARD',
    rule: '-m conntrack --ctstate NEW -m comment --comment "kubernetes externally-visible service portals" -j KUBE-EXTERNAL-SERVICES',
  },
  {
    table: 'filter',
    chain: 'OUTPUT',
    rule: '-m conntrack --ctstate NEW -m comment --comment "kubernetes service portals" -j KUBE-SERVICES',
  },
  {
    table: 'filter',
    chain: 'INPUT',
    rule: '-m conntrack --ctstate NEW -m comment --comment "kubernetes externally-visible service portals" -j KUBE-EXTERNAL-SERVICES',
  },
]
