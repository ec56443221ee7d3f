import type { HostPort } from '../iptables.ts'
import type { ServicePort } from '../model.ts'
import { hostPortRules } from './host-ports.ts'
import { addServicePort } from './service-chains.ts'

/** A chain of the table. */
export interface NftChain {
  /** Where the kernel enters it: type, hook and priority; undefined for one that only rules lead to. */
  hook?: string | undefined
  /** Undefined where nobody knows which the kernel has. */
  rules: readonly string[] | undefined
}

/** A set or a map (of verdicts) of the table. */
export interface NftCollection {
  kind: 'set' | 'map'
  /** `type …; flags …;` */
  declaration: string
  /** Key → verdict, `''` in a set. `kernel`: the kernel fills it itself. Undefined where nobody knows what is in it. */
  elements: Map<string, string> | 'kernel' | undefined
}

/** All of a table as data. */
export interface NftTable {
  chains: Map<string, NftChain>
  collections: Map<string, NftCollection>
}

/** All that the table `kube-proxy` follows from. */
export interface NftOptions {
  ports: readonly ServicePort[]
  hostPorts: readonly HostPort[]
  clusterCidr: string
  /** The range of cluster IPs. */
  serviceCidr: string
  /** The DNS service's address: each node answers it itself, so it is not translated. */
  dnsAddress: string
  /** The node's own addresses that node ports answer on. */
  nodeAddresses: readonly string[]
}

/** Our table, of family `ip`. */
export const TABLE = 'kube-proxy'

const SERVICE_KEY = 'ip daddr . meta l4proto . th dport'
const BY_ADDRESS = 'type ipv4_addr . inet_proto . inet_service : verdict;'
const BY_PORT = 'type inet_proto . inet_service : verdict;'
/** Destinations are translated at -100 (`dstnat`): before it, and after it. */
const BEFORE = -110
const AFTER = -90

/**
 * kube-proxy's nftables mode as data (kubernetes.io, "Virtual IPs and Service Proxies: nftables proxy mode", KEP-3866). One look into a map of
 * verdicts finds a service's chain, whatever their number; a chain an endpoint translates. Unlike in iptables mode node ports answer on the
 * node's own address alone (not on loopback), and cluster IPs are refused at ports, and dropped where, nobody has them. Names of chains, maps and sets are
 * those of kube-proxy, so that old habits of looking at them hold.
 *
 * Our chains are in a table of our own, so that rules of others stay as they are: a packet passes both. Network policies judge at the priority
 * of `filter`, behind the translation; what either drops is dropped. Overlay's and DNS's translations stand in iptables' `nat`, which the kernel
 * asks first; it goes on to ours where those leave a connection alone.
 */
export function nftTable(options: NftOptions): NftTable {
  const { dnsAddress, nodeAddresses } = options
  const set = (elements: readonly string[]): NftCollection => ({
    kind: 'set',
    declaration: 'type ipv4_addr;',
    elements: new Map(elements.map((element) => [element, ''])),
  })
  const map = (declaration: string): NftCollection => ({ kind: 'map', declaration, elements: new Map() })
  const table: NftTable = {
    chains: new Map(Object.entries(fixedChains(options))),
    collections: new Map([
      ['cluster-ips', set([])],
      ['nodeport-ips', set(nodeAddresses)],
      ['no-endpoint-services', map(BY_ADDRESS)],
      ['no-endpoint-nodeports', map(BY_PORT)],
      ['firewall-ips', map(BY_ADDRESS)],
      ['service-ips', map(BY_ADDRESS)],
      ['service-nodeports', map(BY_PORT)],
    ]),
  }
  for (const port of options.ports) {
    if (port.clusterIp !== dnsAddress) addServicePort(table, port, options.clusterCidr)
  }
  return table
}

const fixedChains = (options: NftOptions): Record<string, NftChain> => ({ ...sharedChains(options), ...hookChains() })

/** Chains that others jump to. */
function sharedChains({ dnsAddress, serviceCidr, hostPorts }: NftOptions): Record<string, NftChain> {
  const chain = (...rules: string[]): NftChain => ({ rules })
  return {
    'mark-for-masquerade': chain('meta mark set meta mark or 0x4000'),
    masquerading: chain(
      'meta mark & 0x4000 == 0 return',
      'meta mark set meta mark xor 0x4000',
      'masquerade fully-random',
    ),
    'reject-chain': chain('reject with icmp type port-unreachable'),
    services: chain(
      `${SERVICE_KEY} vmap @service-ips`,
      'ip daddr @nodeport-ips meta l4proto . th dport vmap @service-nodeports',
    ),
    'host-ports': chain(...hostPorts.flatMap(hostPortRules)),
    'service-endpoints-check': chain(`${SERVICE_KEY} vmap @no-endpoint-services`),
    'nodeport-endpoints-check': chain('ip daddr @nodeport-ips meta l4proto . th dport vmap @no-endpoint-nodeports'),
    'firewall-check': chain(`${SERVICE_KEY} vmap @firewall-ips`),
    'cluster-ips-check': chain(
      `ip daddr ${dnsAddress} return`,
      'ip daddr @cluster-ips goto reject-chain',
      `ip daddr ${serviceCidr} drop`,
    ),
    // With loopback addresses routed, for host ports, nobody outside may send to them.
    'loopback-check': chain('ct state established,related return', 'ct status dnat return', 'drop'),
  }
}

/** Chains in which the kernel begins. */
function hookChains(): Record<string, NftChain> {
  const nat = (hook: string, priority: number, ...rules: string[]): NftChain => ({
    hook: `type nat hook ${hook} priority ${priority};`,
    rules,
  })
  const filter = (hook: string, priority: number, ...rules: string[]): NftChain => ({
    hook: `type filter hook ${hook} priority ${priority};`,
    rules,
  })
  const loopback = 'ip saddr != 127.0.0.0/8 ip daddr 127.0.0.0/8 jump loopback-check'
  const checks = ['ct state new jump service-endpoints-check', 'ct state new jump cluster-ips-check']
  const input = ['ct state new jump nodeport-endpoints-check', 'ct state new jump service-endpoints-check']
  return {
    'nat-prerouting': nat('prerouting', -100, 'jump services', 'jump host-ports'),
    'nat-output': nat('output', -100, 'jump services', 'jump host-ports'),
    'nat-postrouting': nat('postrouting', 100, 'jump masquerading'),
    'filter-prerouting': filter('prerouting', BEFORE, 'ct state new jump firewall-check'),
    'filter-output': filter('output', BEFORE, 'ct state new jump firewall-check'),
    'filter-output-post-dnat': filter('output', AFTER, loopback, ...checks),
    'filter-input': filter('input', BEFORE, loopback, ...input),
    'filter-forward': filter('forward', BEFORE, 'ct state invalid drop', ...checks),
  }
}
