import type { Pod } from '#types/core/v1'

/** What a resolver is told: `/etc/resolv.conf` taken apart. */
export interface DnsConfig {
  servers: string[]
  searches: string[]
  options: string[]
}

/** Limits of resolvers and of the API (kubernetes.io, "DNS for Services and Pods: DNS search domain list limits"). */
const MOST_SERVERS = 3
const MOST_SEARCHES = 32
const MOST_SEARCH_CHARACTERS = 2048

/**
 * What a pod's resolver is told by its policy and its own configuration (kubernetes.io, "DNS for Services and Pods: Pod's DNS
 * Policy", "Pod's DNS Config"). `node` is what the node's is told. Pure.
 */
export function podDns(pod: Pod, cluster: Cluster, node: DnsConfig): DnsConfig {
  const { servers, searches, options } = askedBy(pod, cluster, node)
  return { servers: servers.slice(0, MOST_SERVERS), searches: fitting(searches), options }
}

/** The DNS of the cluster, for pods that ask it first. */
export interface Cluster {
  /** Address of its DNS. */
  dns: string
  domain: string
}

/** What is left out of what a pod's resolver was to be told, in the words of the pod's events. Pure. */
export function dnsLimitWords(pod: Pod, cluster: Cluster, node: DnsConfig): string[] {
  const [asked, applied] = [askedBy(pod, cluster, node), podDns(pod, cluster, node)]
  const { servers, searches } = applied
  return [
    ...(servers.length < asked.servers.length
      ? [
          `Nameserver limits were exceeded, some nameservers have been omitted, the applied nameserver line is: ${servers.join(' ')}`,
        ]
      : []),
    ...(searches.length < asked.searches.length
      ? [
          `Search Line limits were exceeded, some search paths have been omitted, the applied search line is: ${searches.join(' ')}`,
        ]
      : []),
  ]
}

function askedBy(pod: Pod, cluster: Cluster, node: DnsConfig): DnsConfig {
  const base = baseOf(pod, cluster, node)
  const own = pod.spec.dnsConfig
  const wanted = (own?.options ?? []).map(({ name = '', value }) => (value ? `${name}:${value}` : name))
  const replaced = new Set(wanted.map(optionName))
  return {
    servers: unique([...base.servers, ...(own?.nameservers ?? [])]),
    searches: unique([...base.searches, ...(own?.searches ?? [])]),
    options: [...base.options.filter((option) => !replaced.has(optionName(option))), ...wanted],
  }
}

function baseOf({ metadata, spec }: Pod, cluster: Cluster, node: DnsConfig): DnsConfig {
  const { dnsPolicy = 'ClusterFirst', hostNetwork } = spec
  if (dnsPolicy === 'None') return { servers: [], searches: [], options: [] }
  // On the node's network `ClusterFirst` means the node's resolver, unless the pod says that it knows.
  const { dns, domain } = cluster
  if (dnsPolicy === 'Default' || (dnsPolicy === 'ClusterFirst' && hostNetwork)) {
    // A resolver on the node's own loopback is out of reach from a pod's network: the cluster's asks it in the pod's place.
    const reachable = (server: string): string => (!hostNetwork && /^(127\.|::1$)/.test(server) ? dns : server)
    return { ...node, servers: node.servers.map(reachable) }
  }
  return {
    servers: [dns],
    searches: [`${metadata.namespace}.svc.${domain}`, `svc.${domain}`, domain, ...node.searches],
    options: ['ndots:5'],
  }
}

const unique = (all: string[]): string[] => [...new Set(all)]

const optionName = (option: string): string => option.split(':')[0]!

function fitting(searches: string[]): string[] {
  let length = -1
  const tooLong = searches.findIndex((search) => (length += search.length + 1) > MOST_SEARCH_CHARACTERS)
  return searches.slice(0, Math.min(MOST_SEARCHES, tooLong === -1 ? Infinity : tooLong))
}

/** Later `search` lines replace earlier ones, as resolvers read them. */
export function parseResolvConf(text: string): DnsConfig {
  const rows = text
    .split('\n')
    .map((line) =>
      line
        .replace(/[#;].*$/, '')
        .trim()
        .split(/\s+/),
    )
    .filter((row) => row.length > 1)
  const of = (word: string): string[][] => rows.filter((row) => row[0] === word).map((row) => row.slice(1))
  return {
    servers: of('nameserver').map(([address]) => address!),
    searches: (of('search').at(-1) ?? []).filter((search) => search !== '.'),
    options: of('options').flat(),
  }
}

/** The text of `/etc/resolv.conf` (resolv.conf(5)). */
export function formatResolvConf({ servers, searches, options }: DnsConfig): string {
  const rows = [
    ...servers.map((server) => `nameserver ${server}`),
    ...(searches.length > 0 ? [`search ${searches.join(' ')}`] : []),
    ...(options.length > 0 ? [`options ${options.join(' ')}`] : []),
  ]
  return rows.map((row) => `${row}\n`).join('')
}
