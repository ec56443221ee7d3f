/**
 * kube-proxy, iptables mode: Services and EndpointSlices (informers, shared with DNS) → rules as data → one
 * `iptables-restore --noflush` of only the chains that changed. Changes within {@link COALESCE} ms are joined. The kernel does
 * the rest, so traffic flows on while the agent is away.
 */
import type { Informer } from '../../src-kube/client/informer.ts'
import type { Clock } from '../../src-kube/machinery/clock.ts'
import type { Node, Service } from '#types/core/v1'
import type { EndpointSlice } from '#types/discovery.k8s.io/v1'
import { conntrackArguments, staleFlows, staleHostFlows } from './rules/conntrack.ts'
import { HealthServers } from './health.ts'
import { healthCheck } from './rules/health-checks.ts'
import { iptablesRules, jumps, localRouting, type HostPort, type RuleSet } from './rules/iptables.ts'
import { servicePorts, type ServicePort } from './rules/model.ts'
import { dynamicChains, restoreInput } from './rules/restore.ts'

export interface ProxyHost {
  run(command: string, args: readonly string[], options?: { stdin?: string }): Promise<{ stdout: string }>
}

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
  clusterCidr: string
  dnsAddress: string
  clock: Clock
  signal: AbortSignal
  log: (message: string) => void
}

/** Milliseconds in which changes are joined, and after which a failed write is tried again. */
const COALESCE = 30
const RETRY = 1_000
const BY_SERVICE = 'service'

/** Starts once the caches are filled; resolves when the first rules are in the kernel. */
export async function startProxy(options: ProxyOptions): Promise<void> {
  const { services, slices, nodes, nodeName, hostPorts, host, clock, signal, log } = options
  slices.addIndex(BY_SERVICE, (slice) => {
    const service = slice.metadata.labels?.['kubernetes.io/service-name']
    return service ? [`${slice.metadata.namespace}/${service}`] : []
  })
  await Promise.all([services.synced, slices.synced, nodes.synced])
  const state: ProxyState = {
    applied: undefined,
    ports: undefined,
    hostPorts: [],
    health: new HealthServers({ log }),
    stale: dynamicChains((await host.run('iptables-save', ['-t', 'nat'])).stdout),
  }
  await sync(options, state)
  await ensureJumps(host)
  // After the rules that keep others out.
  await host.run('sysctl', ['-q', '-w', localRouting]).catch((error: unknown) => {
    log(`proxy: node and host ports do not answer at 127.0.0.1: ${String(error)}`)
  })

  let timer: { cancel(): void } | undefined
  let writing = false
  const kick = (): void => {
    if (!signal.aborted) timer ??= clock.after(COALESCE, write)
  }
  const write = (): void => {
    timer = undefined
    if (writing) return kick()
    writing = true
    sync(options, state)
      .catch((error: unknown) => {
        log(`proxy: ${String(error)}`)
        // What the kernel holds is unknown now: the next write is a whole one.
        state.applied = undefined
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
}

interface ProxyState {
  /** What the last successful write left in the kernel. */
  applied: RuleSet | undefined
  /** Undefined before the first write: what flows then has gone on while the agent was away. */
  ports: ServicePort[] | undefined
  hostPorts: readonly HostPort[]
  /** Chains of an earlier run, until the first write. */
  stale: string[]
  health: HealthServers
}

const zoneOf = (node: Node | undefined): string | undefined => node?.metadata.labels?.['topology.kubernetes.io/zone']

async function sync(options: ProxyOptions, state: ProxyState): Promise<void> {
  const { services, slices, nodes, hostPorts, host, nodeName, clusterCidr, dnsAddress, log } = options
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
  const wanted = iptablesRules({ ports, hostPorts: pods, clusterCidr, dnsAddress })
  const input = restoreInput(wanted, state.applied, state.stale)
  if (input !== undefined) await host.run('iptables-restore', ['--noflush', '-w', '5'], { stdin: input })
  const flows = state.ports ? [...staleFlows(state.ports, ports), ...staleHostFlows(state.hostPorts, pods)] : []
  state.applied = wanted
  state.ports = ports
  state.hostPorts = pods
  state.stale = []
  for (const flow of flows) {
    // conntrack fails when no flow matches, which is the usual case.
    await host.run('conntrack', conntrackArguments(flow)).catch((error: unknown) => {
      if (!/0 flow entries have been deleted/.test(String(error))) log(`proxy: ${String(error)}`)
    })
  }
}

async function ensureJumps(host: ProxyHost): Promise<void> {
  const saved = { nat: '', filter: '' }
  for (const table of ['nat', 'filter'] as const) saved[table] = (await host.run('iptables-save', ['-t', table])).stdout
  for (const { table, chain, rule } of jumps.toReversed()) {
    const target = rule.split(' ').at(-1)
    const present = saved[table]
      .split('\n')
      .some((line) => line.startsWith(`-A ${chain} `) && line.endsWith(`-j ${target}`))
    if (present) continue
    const input = [`*${table}`, `-I ${chain} 1 ${rule}`, 'COMMIT', ''].join('\n')
    await host.run('iptables-restore', ['--noflush', '-w', '5'], { stdin: input })
  }
}
