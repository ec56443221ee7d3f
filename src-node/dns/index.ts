/**
 * Cluster DNS, answered on every node by its own agent at the address of the Service `kube-dns`: a query never leaves the
 * node, and there is nothing to schedule. Names of the cluster come from informers (shared with the proxy); all others are passed
 * to the engine's resolver, or to whom the ConfigMap `coredns` says. See plan/failover.ts for what happens while the agent is away.
 */
import { AUTHORITATIVE_ANSWER, type Packet, type Question, RECURSION_AVAILABLE, RECURSION_DESIRED } from 'dns-packet'
import type { Informer } from '../../src-kube/client/informer.ts'
import type { Clock } from '../../src-kube/machinery/clock.ts'
import type { ConfigMap, Namespace, Node, Service } from '#types/core/v1'
import type { EndpointSlice } from '#types/discovery.k8s.io/v1'
import { DNS_METRICS_PORT } from '../../src-kube/kinds/core/dns-service.ts'
import { DnsMetrics } from './dns-metrics.ts'
import { keepFailover } from './failover.ts'
import { followForwards, type Servers } from './forwards.ts'
import { serveDnsMetrics } from './metrics-server.ts'
import { startOfAuthority, TTL } from './plan/apex.ts'
import { resolve, type ZoneAnswer, type ZoneRecord, type ZoneSource } from './plan/zone.ts'
import { serveDns } from './server.ts'
import { forward, upstreamServers } from './upstream.ts'

/** What DNS needs of the node: its resolver, the DNS address on `lo`, rules for when this agent is away. */
export interface DnsHost {
  run(command: string, args: readonly string[], options?: { stdin?: string }): Promise<{ stdout: string }>
  readFile(path: string): Promise<string>
  writeFile(path: string, content: string): Promise<void>
}

/** What is answered, where, and until when. */
export interface DnsOptions {
  services: Informer<Service>
  slices: Informer<EndpointSlice>
  namespaces: Informer<Namespace>
  nodes: Informer<Node>
  /** Of `kube-system`: the one that customises DNS among them. */
  configs: Informer<ConfigMap>
  host: DnsHost
  nodeName: string
  nodeIp: string
  /** `10.96.0.10`. */
  address: string
  /** `cluster.local`. */
  domain: string
  clock: Clock
  signal: AbortSignal
  log: (message: string) => void
}

const BY_SERVICE = 'service'
const BY_ADDRESS = 'address'
const BY_CLUSTER_IP = 'clusterIP'

/** Starts the server once the caches are filled. */
export async function startDns(options: DnsOptions): Promise<void> {
  const { host, address, nodeIp, signal, log } = options
  const zone = { source: zoneSource(options), domain: options.domain }
  await Promise.all([options.services.synced, options.slices.synced, options.namespaces.synced])
  await host.run('ip', ['addr', 'replace', `${address}/32`, 'dev', 'lo'])
  const own = upstreamServers(await host.readFile('/etc/resolv.conf'), [address, nodeIp])
  const servers = followForwards(options.configs, own)
  const addresses = [address, nodeIp]
  const metrics = new DnsMetrics()
  const server = await serveDns({
    addresses,
    answer: (query) => answer(query, zone, servers),
    note: (answered) => metrics.note(answered),
    log,
  })
  serveDnsMetrics({ addresses, port: DNS_METRICS_PORT, metrics: () => metrics.metrics(), log, signal })
  signal.addEventListener('abort', () => void server.stop(), { once: true })
  keepFailover(options)
}

function zoneSource({ services, slices, namespaces }: DnsOptions): ZoneSource {
  slices.addIndex(BY_SERVICE, (slice) => {
    const service = slice.metadata.labels?.['kubernetes.io/service-name']
    return service ? [`${slice.metadata.namespace}/${service}`] : []
  })
  slices.addIndex(BY_ADDRESS, (slice) => (slice.endpoints ?? []).flatMap((endpoint) => endpoint.addresses))
  services.addIndex(BY_CLUSTER_IP, (service) => (service.spec.clusterIP ? [service.spec.clusterIP] : []))
  const service = (namespace: string, name: string): Service | undefined => services.get(`${namespace}/${name}`)
  return {
    service,
    slices: (namespace, name) => slices.byIndex(BY_SERVICE, `${namespace}/${name}`),
    hasNamespace: (namespace) => namespaces.get(namespace) !== undefined,
    reverse(address) {
      const owner = services.byIndex(BY_CLUSTER_IP, address)[0]
      if (owner) return { namespace: owner.metadata.namespace ?? '', service: owner.metadata.name }
      for (const slice of slices.byIndex(BY_ADDRESS, address)) {
        const namespace = slice.metadata.namespace ?? ''
        const name = slice.metadata.labels?.['kubernetes.io/service-name'] ?? ''
        if (service(namespace, name)?.spec.clusterIP !== 'None') continue
        const endpoint = slice.endpoints?.find((e) => e.addresses.includes(address))
        return { namespace, service: name, label: endpoint?.hostname || address.replaceAll('.', '-') }
      }
      return undefined
    },
  }
}

/** The cluster's own zone, and what fills it. */
interface OwnZone {
  source: ZoneSource
  domain: string
}

async function answer(query: Packet, { source, domain }: OwnZone, servers: Servers): Promise<Packet> {
  const question = query.questions?.[0]
  const head = {
    ...(query.id === undefined ? {} : { id: query.id }),
    type: 'response' as const,
    questions: query.questions ?? [],
  }
  if (!question) return { ...head, rcode: 'FORMERR', flags: 1 }
  const found = resolve(source, domain, question)
  if (found.status === 'outside')
    return (await forward(query, servers(question.name))) ?? { ...head, flags: RECURSION_AVAILABLE | 2 }
  const more =
    found.follow && question.type !== 'CNAME'
      ? await followed({ name: found.follow, type: question.type }, { source, domain }, servers)
      : []
  return {
    ...head,
    flags:
      AUTHORITATIVE_ANSWER |
      RECURSION_AVAILABLE |
      ((query.flags ?? 0) & RECURSION_DESIRED) |
      (found.status === 'no-name' ? 3 : 0),
    answers: [...shuffled(found.records).map(wire), ...more],
    additionals: found.additional.map(wire),
    authorities: found.status === 'found' ? [] : [wire(startOfAuthority(domain))],
  }
}

/** What stands behind a CNAME: in the zone again, or upstream. */
async function followed(
  asked: { name: string; type: Question['type'] },
  { source, domain }: OwnZone,
  servers: Servers,
) {
  const inside: ZoneAnswer = resolve(source, domain, asked)
  if (inside.status !== 'outside') return inside.records.map(wire)
  const reply = await forward({ type: 'query', flags: RECURSION_DESIRED, questions: [asked] }, servers(asked.name))
  return reply?.answers ?? []
}

const wire = (record: ZoneRecord) => ({ type: record.type, name: record.name, ttl: TTL, data: record.data })

function shuffled<T>(items: readonly T[]): T[] {
  const copy = [...items]
  for (let i = copy.length - 1; i > 0; i--) {
    const j = Math.floor(Math.random() * (i + 1))
    const [a, b] = [copy[i]!, copy[j]!]
    copy[i] = b
    copy[j] = a
  }
  return copy
}
