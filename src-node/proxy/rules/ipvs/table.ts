import { iptablesRules, type RuleOptions, type RuleSet } from '../iptables.ts'
import type { ProxyEndpoint, ServicePort } from '../model.ts'

/** A virtual server of the kernel, and the real servers behind it. */
export interface VirtualServer {
  scheduler: string
  /** Seconds for which a client keeps its real server; undefined for none. */
  persistence: number | undefined
  /** `10.244.1.2:8080`. */
  real: ReadonlySet<string>
}

/** One set of the kernel's that iptables rules look addresses up in. */
export interface AddressSet {
  /** As ipset names it. */
  type: 'hash:ip' | 'hash:ip,port' | 'hash:ip,port,ip' | 'bitmap:port range 0-65535'
  members: Set<string>
}

/** All that the ipvs mode wants of the kernel, as data. */
export interface IpvsTable {
  /** By protocol and address, as ipvsadm takes them: `-t 10.96.1.1:80`. */
  servers: Map<string, VirtualServer>
  /** Addresses of the device {@link DEVICE}: what is sent to them is for this node. */
  addresses: Set<string>
  sets: Map<string, AddressSet>
  rules: RuleSet
}

/** All that the virtual servers and the few rules beside them follow from. */
export interface IpvsOptions extends RuleOptions {
  /** The node's address, which node ports answer on. */
  nodeIp: string
  /** `rr`, `lc`, `dh`, `sh`, `sed` or `nq`. */
  scheduler: string
}

/** The dummy device that has the addresses of all services. */
export const DEVICE = 'kube-ipvs0'

const service: Record<ServicePort['protocol'], string> = { tcp: '-t', udp: '-u', sctp: '--sctp-service' }
const nodePorts: Partial<Record<ServicePort['protocol'], string>> = {
  tcp: 'KUBE-NODE-PORT-TCP',
  udp: 'KUBE-NODE-PORT-UDP',
}

/**
 * kube-proxy's ipvs mode as data (kubernetes.io, "Virtual IPs and Service Proxies: IPVS proxy mode"): a virtual server for every address and port of a
 * service, whose addresses the node itself has, and few rules of iptables with sets of addresses for what ipvs does not do: replace sources, refuse
 * ports that no service has, keep load balancers to their ranges. A virtual server without real ones refuses. Names of sets and of the device are those of
 * kube-proxy. Unlike there an endpoint that leaves takes its connections along at once.
 */
export function ipvsTable(options: IpvsOptions): IpvsTable {
  const table: IpvsTable = {
    servers: new Map(),
    addresses: new Set(),
    sets: new Map<string, AddressSet>([
      ['KUBE-LOOP-BACK', { type: 'hash:ip,port,ip', members: new Set() }],
      ['KUBE-CLUSTER-IP', { type: 'hash:ip,port', members: new Set() }],
      ['KUBE-EXTERNAL-IP', { type: 'hash:ip,port', members: new Set() }],
      ['KUBE-EXTERNAL-IP-LOCAL', { type: 'hash:ip,port', members: new Set() }],
      ['KUBE-NODE-PORT-TCP', { type: 'bitmap:port range 0-65535', members: new Set() }],
      ['KUBE-NODE-PORT-UDP', { type: 'bitmap:port range 0-65535', members: new Set() }],
      ['KUBE-IPVS-IPS', { type: 'hash:ip', members: new Set() }],
    ]),
    rules: iptablesRules({ ...options, ports: [] }),
  }
  addRules(table.rules, options.clusterCidr)
  for (const port of options.ports) if (port.clusterIp !== options.dnsAddress) addServicePort(table, port, options)
  return table
}

/** What is the same whatever services there are. */
function addRules({ nat, filter }: RuleSet, clusterCidr: string): void {
  const among = (set: string, sides: string): string => `-m set --match-set ${set} ${sides}`
  nat
    .get('KUBE-SERVICES')!
    .unshift(
      `! -s ${clusterCidr} ${among('KUBE-CLUSTER-IP', 'dst,dst')} -j KUBE-MARK-MASQ`,
      `${among('KUBE-EXTERNAL-IP', 'dst,dst')} -j KUBE-MARK-MASQ`,
    )
  nat.set('KUBE-NODEPORTS', [
    `-p tcp ${among('KUBE-NODE-PORT-TCP', 'dst')} -j KUBE-MARK-MASQ`,
    `-p udp ${among('KUBE-NODE-PORT-UDP', 'dst')} -j KUBE-MARK-MASQ`,
  ])
  nat.get('KUBE-POSTROUTING')!.unshift(`${among('KUBE-LOOP-BACK', 'dst,dst,src')} -j MASQUERADE`)
  // The node has these addresses, and what listens on all of its own is not meant.
  const served = ['KUBE-CLUSTER-IP', 'KUBE-EXTERNAL-IP', 'KUBE-EXTERNAL-IP-LOCAL']
  filter.set('KUBE-EXTERNAL-SERVICES', [
    ...served.map((set) => `${among(set, 'dst,dst')} -j RETURN`),
    `${among('KUBE-IPVS-IPS', 'dst')} -j REJECT --reject-with icmp-port-unreachable`,
  ])
}

function addServicePort(table: IpvsTable, port: ServicePort, { scheduler, nodeIp }: IpvsOptions): void {
  const add = (ip: string, number: number, endpoints: readonly ProxyEndpoint[]): void => {
    const key = `${service[port.protocol]} ${ip}:${number}`
    if (table.servers.has(key)) return
    const real = new Set(endpoints.map((endpoint) => `${endpoint.ip}:${endpoint.port}`))
    table.servers.set(key, { scheduler, persistence: port.affinitySeconds, real })
  }
  const put = (set: string, member: string): void => void table.sets.get(set)!.members.add(member)
  const own = (ip: string, set: string): void => {
    table.addresses.add(ip)
    put('KUBE-IPVS-IPS', ip)
    put(set, `${ip},${port.protocol}:${port.port}`)
  }
  add(port.clusterIp, port.port, port.internalLocal ? port.local : port.all)
  own(port.clusterIp, 'KUBE-CLUSTER-IP')
  const outside = port.externalLocal ? port.local : port.all
  for (const ip of [...port.externalIps, ...port.balancerIps]) {
    add(ip, port.port, outside)
    own(ip, port.externalLocal ? 'KUBE-EXTERNAL-IP-LOCAL' : 'KUBE-EXTERNAL-IP')
  }
  if (port.nodePort !== undefined) {
    add(nodeIp, port.nodePort, outside)
    const set = nodePorts[port.protocol]
    if (set && !port.externalLocal) put(set, String(port.nodePort))
  }
  for (const { ip, port: number } of port.local) put('KUBE-LOOP-BACK', `${ip},${port.protocol}:${number},${ip}`)
  addFirewall(table.rules, port)
}

/** Whom a load balancer does not admit. */
function addFirewall({ filter }: RuleSet, { sourceRanges, balancerIps, protocol, port, id }: ServicePort): void {
  if (sourceRanges.length === 0) return
  const rules = filter.get('KUBE-PROXY-FIREWALL')!
  for (const ip of balancerIps) {
    const to = `-d ${ip}/32 -p ${protocol} -m ${protocol} --dport ${port} -m comment --comment "${id}"`
    rules.push(...sourceRanges.map((range) => `-s ${range} ${to} -j RETURN`), `${to} -j DROP`)
  }
}
