import type { ServicePort } from './model.ts'
import { addServicePort } from './service-port.ts'

/** Chains of one table → their rules in order, without the leading `-A CHAIN`. */
export type Chains = Map<string, string[]>

/** All chains of kube-proxy in the two tables that it writes. */
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

/** What the rules of a node are made from. */
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
    ['KUBE-PROXY-FIREWALL', []],
    // With loopback addresses routed (`route_localnet`) nobody outside may send to them.
    [
      'KUBE-FIREWALL',
      [
        '! -s 127.0.0.0/8 -d 127.0.0.0/8 -m comment --comment "block incoming localnet connections" -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP',
      ],
    ],
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
    if (port.clusterIp !== options.dnsAddress) addServicePort({ nat, filter }, port, options.clusterCidr)
  }
  for (const hostPort of options.hostPorts) addHostPort(nat, hostPort)
  nat
    .get('KUBE-SERVICES')!
    .push(
      '-m comment --comment "kubernetes service nodeports; NOTE: this must be the last rule in this chain" -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS',
    )
  return { nat, filter }
}

function addHostPort(nat: Chains, hostPort: HostPort): void {
  const protocol = hostPort.protocol.toLowerCase()
  const address = hostPort.hostIp && hostPort.hostIp !== '0.0.0.0' ? `-d ${hostPort.hostIp}/32 ` : ''
  const match = `${address}-p ${protocol} -m ${protocol} --dport ${hostPort.hostPort} -m addrtype --dst-type LOCAL`
  const target = `${hostPort.podIp}:${hostPort.containerPort}`
  const comment = `-m comment --comment "host port of ${target}"`
  const rules = nat.get('KUBE-HOSTPORTS')!
  // The pod itself, and the node by a loopback address, which means nothing in the pod.
  const sources = [`${hostPort.podIp}/32`, ...(isReachedLocally(hostPort) ? ['127.0.0.0/8'] : [])]
  for (const source of sources) rules.push(`-s ${source} ${match} ${comment} -j KUBE-MARK-MASQ`)
  rules.push(`${match} ${comment} -j DNAT --to-destination ${target}`)
}

const isReachedLocally = ({ hostIp }: HostPort): boolean =>
  hostIp === '' || hostIp === '0.0.0.0' || hostIp.startsWith('127.')

/** A built-in chain and the rule that leads from it into one of ours. */
export interface Jump {
  table: 'nat' | 'filter'
  chain: string
  rule: string
}

/** In the order in which they must stand. */
export const jumps: readonly Jump[] = [
  { table: 'nat', chain: 'PREROUTING', rule: '-m comment --comment "kubernetes service portals" -j KUBE-SERVICES' },
  { table: 'nat', chain: 'OUTPUT', rule: '-m comment --comment "kubernetes service portals" -j KUBE-SERVICES' },
  { table: 'nat', chain: 'PREROUTING', rule: '-m comment --comment "kubernetes host ports" -j KUBE-HOSTPORTS' },
  { table: 'nat', chain: 'OUTPUT', rule: '-m comment --comment "kubernetes host ports" -j KUBE-HOSTPORTS' },
  {
    table: 'nat',
    chain: 'POSTROUTING',
    rule: '-m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING',
  },
  ...(['INPUT', 'FORWARD', 'OUTPUT'] as const).map((chain) => ({
    table: 'filter' as const,
    chain,
    rule: '-m conntrack --ctstate NEW -m comment --comment "kubernetes load balancer firewall" -j KUBE-PROXY-FIREWALL',
  })),
  { table: 'filter', chain: 'INPUT', rule: '-j KUBE-FIREWALL' },
  { table: 'filter', chain: 'OUTPUT', rule: '-j KUBE-FIREWALL' },
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
