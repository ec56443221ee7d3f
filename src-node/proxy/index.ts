/**
 * kube-proxy: Services and EndpointSlices (informers, shared with DNS) → service ports as data → the rules of one mode ({@link chooseBackend}), of
 * which only what changed is written. Changes within {@link COALESCE} ms are joined. The kernel does the rest, so traffic flows on while the agent
 * is away. Another mode than before takes over: its own rules first, then those of the old one go.
 */
import type { Informer } from '../../src-kube/client/informer.ts'
import type { Clock } from '../../src-kube/machinery/clock.ts'
import type { Node, Service } from '#types/core/v1'
import type { EndpointSlice } from '#types/discovery.k8s.io/v1'
import type { EventRecorder } from '../../src-kube/runtime/events.ts'
import { chooseBackend, cleanupLeftovers, type Backend, type ProxyHost, type ProxyMode } from './backends/index.ts'
import { conntrackArguments, staleFlows, staleHostFlows } from './rules/conntrack.ts'
import { HealthServers } from './health.ts'
import { healthCheck } from './rules/health-checks.ts'
import { localRouting, type HostPort } from './rules/iptables.ts'
import { servicePorts, type ServicePort } from './rules/model.ts'
import type { StatusOptions } from './status-servers.ts'

export type { ProxyHost, ProxyMode } from './backends/index.ts'
export { openStatusServers } from './status-servers.ts'

/** Host ports of the pods on this node, as the kubelet wants them. */
export interface HostPortSource {
  list(): readonly HostPort[]
  onChange(listener: () => void): () => void
}

export interface ProxyOptions {
  services: Informer<Service>
  slices: Informer<EndpointSlice>
  /** The node's own zone decides which endpoints are near. */
  nodes: Informer<Node>
  hostPorts: HostPortSource | undefined
  host: ProxyHost
  nodeName: string
  nodeIp: string
  /** Default `iptables`. */
  mode?: ProxyMode | undefined
  /** Default `rr`. */
  ipvsScheduler?: string | undefined
  clusterCidr: string
  serviceCidr: string
  dnsAddress: string
  events: EventRecorder
  /** Tells of its health and mode at kube-proxy's ports; nobody when absent. */
  openStatus?: ((options: StatusOptions) => void) | undefined
  clock: Clock
  signal: AbortSignal
  log: (message: string) => void
}

/** Milliseconds in which changes are joined, and after which a failed write is tried again. */
const COALESCE = 30
const RETRY = 1_000
const BY_SERVICE = 'service'

/** Starts once the caches are filled; resolves when the first rules are in the kernel, to the mode that works. */
export async function startProxy(options: ProxyOptions): Promise<ProxyMode> {
  const { services, slices, nodes, nodeName, hostPorts, host, clock, signal, log } = options
  slices.addIndex(BY_SERVICE, (slice) => {
    const service = slice.metadata.labels?.['kubernetes.io/service-name']
    return service ? [`${slice.metadata.namespace}/${service}`] : []
  })
  await Promise.all([services.synced, slices.synced, nodes.synced])
  const { mode, backend } = await backendFor(options)
  const state: ProxyState = {
    backend,
    ports: undefined,
    hostPorts: [],
    health: new HealthServers({ log }),
    lastUpdated: 0,
    pendingSince: undefined,
  }
  await sync(options, state)
  await cleanupLeftovers(host, mode).catch((error: unknown) =>
    log(`proxy: rules of another mode are left: ${String(error)}`),
  )
  // After the rules that keep others out.
  await host.run('sysctl', ['-q', '-w', localRouting]).catch((error: unknown) => {
    log(`proxy: node and host ports do not answer at 127.0.0.1: ${String(error)}`)
  })

  options.openStatus?.({
    mode,
    facts: () => ({ ...state, now: clock.now(), node: nodes.get(nodeName) }),
    log,
    signal,
  })

  let timer: { cancel(): void } | undefined
  let writing = false
  const kick = (): void => {
    state.pendingSince ??= clock.now()
    if (!signal.aborted) timer ??= clock.after(COALESCE, write)
  }
  const write = (): void => {
    timer = undefined
    if (writing) return kick()
    writing = true
    sync(options, state)
      .catch((error: unknown) => {
        log(`proxy: ${String(error)}`)
        clock.after(RETRY, kick)
      })
      .finally(() => {
        writing = false
      })
  }
  const stops = [
    services.on({ add: kick, update: kick, delete: kick }),
    slices.on({ add: kick, update: kick, delete: kick }),
    nodes.on({
      add: (node) => (node.metadata.name === nodeName ? kick() : undefined),
      update: (node, old) => (node.metadata.name === nodeName && zoneOf(node) !== zoneOf(old) ? kick() : undefined),
    }),
    hostPorts?.onChange(kick),
    () => state.health.close(),
  ]
  signal.addEventListener('abort', () => stops.forEach((stop) => stop?.()), { once: true })
  return mode
}

/** The mode that was asked for; where the kernel lacks something of it another, and the node's events say what is missing. */
async function backendFor(options: ProxyOptions): Promise<{ mode: ProxyMode; backend: Backend }> {
  const { mode: wanted = 'iptables', ipvsScheduler = 'rr', nodes, nodeName, events, log } = options
  const { mode, backend, missing } = await chooseBackend(wanted, { ...options, ipvsScheduler })
  log(`proxy: mode ${mode}`)
  if (missing.length > 0) {
    const words = `kube-proxy mode ${wanted} cannot work on this node: its kernel lacks ${missing.join(', ')}. Using ${mode} instead.`
    log(`proxy: ${words}`)
    const node = nodes.get(nodeName)
    if (node) events.event(node, 'Warning', 'ProxyModeUnavailable', words)
  }
  return { mode, backend }
}

interface ProxyState {
  backend: Backend
  /** Undefined before the first write: what flows then has gone on while the agent was away. */
  ports: ServicePort[] | undefined
  hostPorts: readonly HostPort[]
  health: HealthServers
  /** Milliseconds since the epoch: of the last write, and of the oldest change that none has followed yet. */
  lastUpdated: number
  pendingSince: number | undefined
}

const zoneOf = (node: Node | undefined): string | undefined => node?.metadata.labels?.['topology.kubernetes.io/zone']

async function sync(options: ProxyOptions, state: ProxyState): Promise<void> {
  const { services, slices, nodes, hostPorts, host, nodeName, clock, log } = options
  // What changes from here on waits for the next write.
  const { pendingSince } = state
  state.pendingSince = undefined
  const all = services.list()
  const slicesOf = ({ metadata: { namespace, name } }: Service) => slices.byIndex(BY_SERVICE, `${namespace}/${name}`)
  const zone = zoneOf(nodes.get(nodeName))
  const ports = all
    .flatMap((service) => servicePorts(service, slicesOf(service), nodeName, zone))
    .sort((a, b) => (a.id < b.id ? -1 : 1))
  state.health.update(
    all.map((service) => healthCheck(service, slicesOf(service), nodeName)).filter((check) => check !== undefined),
  )
  const pods = hostPorts?.list() ?? []
  try {
    await state.backend.write({ ports, hostPorts: pods })
  } catch (error) {
    state.pendingSince = pendingSince ?? clock.now()
    throw error
  }
  state.lastUpdated = clock.now()
  const flows = state.ports ? [...staleFlows(state.ports, ports), ...staleHostFlows(state.hostPorts, pods)] : []
  state.ports = ports
  state.hostPorts = pods
  for (const flow of flows) {
    // conntrack fails when no flow matches, which is the usual case.
    await host.run('conntrack', conntrackArguments(flow)).catch((error: unknown) => {
      if (!/0 flow entries have been deleted/.test(String(error))) log(`proxy: ${String(error)}`)
    })
  }
}
