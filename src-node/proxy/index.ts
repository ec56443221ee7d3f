/**
 * kube-proxy: Services and EndpointSlices (informers, shared with DNS) → service ports as data → the rules of one mode ({@link chooseBackend}), of
 * which only what changed is written. Changes of a moment are joined. The kernel does the rest, so traffic flows on while the agent
 * is away. Another mode than before takes over: its own rules first, then those of the old one go.
 */
import type { EndpointSlice } from '#types/discovery.k8s.io/v1'
import { zoneOf } from '../../src-kube/kinds/core/node-zone.ts'
import { chooseBackend, cleanupLeftovers, type Backend, type ProxyMode } from './backends/index.ts'
import { byService, KernelRules } from './kernel-rules.ts'
import { tuneKernel } from './kernel-settings.ts'
import type { ProxyOptions } from './options.ts'
import { type Changed, ProxyMetrics } from './proxy-metrics.ts'

export type { ProxyMode } from './backends/index.ts'
export type { ProxyOptions } from './options.ts'
export { openStatusServers } from './status-servers.ts'

/** Milliseconds in which changes are joined. */
const COALESCE = 30
/** Milliseconds after which a failed write is tried again. */
const RETRY = 1_000
/** Milliseconds between two looks at whether the rules are still there; kube-proxy's iptables.syncPeriod. */
const LOOK = 30_000

/** Starts once the caches are filled; resolves when the first rules are in the kernel, to the mode that works. */
export async function startProxy(options: ProxyOptions): Promise<ProxyMode> {
  const { services, slices, nodes, nodeName, host, clock, signal, log } = options
  slices.addIndex(byService.name, byService.of)
  await Promise.all([services.synced, slices.synced, nodes.synced])
  const { mode, backend } = await backendFor(options)
  const metrics = new ProxyMetrics(mode)
  const rules = new KernelRules(options, backend, metrics)
  await rules.write()
  await cleanupLeftovers(host, mode).catch((error: unknown) =>
    log(`proxy: rules of another mode are left: ${String(error)}`),
  )
  await tuneKernel(host, log)
  const facts = () => ({ ...rules.facts, now: clock.now(), node: nodes.get(nodeName) })
  options.openStatus?.({ mode, facts, metrics: () => metrics.metrics(), log, signal })
  follow(options, rules)
  return mode
}

/** Writes the rules after every change that may concern them, until the signal. */
function follow(
  { services, slices, nodes, nodeName, hostPorts, clock, signal, log }: ProxyOptions,
  rules: KernelRules,
) {
  let timer: { cancel(): void } | undefined
  let isWriting = false
  const kick = (what?: Changed, trigger?: number): void => {
    rules.noteChange(what, trigger)
    if (!signal.aborted) timer ??= clock.after(COALESCE, write)
  }
  const service = (): void => kick('service')
  const began = clock.now()
  /** Of changes before this agent nobody knows when it could have taken them up. */
  const slice = (now: EndpointSlice, old?: EndpointSlice): void => {
    const trigger = triggerOf(now)
    kick('endpoint', trigger !== undefined && trigger >= began && trigger !== triggerOf(old) ? trigger : undefined)
  }
  const perform = (step: () => Promise<void>): void => {
    isWriting = true
    step()
      .catch((error: unknown) => {
        log(`proxy: ${String(error)}`)
        clock.after(RETRY, () => kick())
      })
      .finally(() => {
        isWriting = false
      })
  }
  const write = (): void => {
    timer = undefined
    if (isWriting) return kick()
    perform(() => rules.write())
  }
  // When that fails, the next write finds by itself what is missing.
  every(LOOK, { clock, signal }, () => isWriting || perform(() => rules.repair()))
  const stops = [
    services.on({ add: service, update: service, delete: service }),
    slices.on({ add: (now) => slice(now), update: slice, delete: () => kick('endpoint') }),
    nodes.on({
      add: (node) => (node.metadata.name === nodeName ? kick() : undefined),
      update: (node, old) => (node.metadata.name === nodeName && zoneOf(node) !== zoneOf(old) ? kick() : undefined),
    }),
    hostPorts?.onChange(() => kick()),
    () => rules.close(),
  ]
  signal.addEventListener('abort', () => stops.forEach((stop) => stop?.()), { once: true })
}

/** Calls again and again after so many milliseconds, until the signal. */
function every(period: number, { clock, signal }: Pick<ProxyOptions, 'clock' | 'signal'>, call: () => void): void {
  clock.after(period, () => {
    if (signal.aborted) return
    call()
    every(period, { clock, signal }, call)
  })
}

/** When that happened which a slice was last changed for, in milliseconds since the epoch. */
function triggerOf(slice: EndpointSlice | undefined): number | undefined {
  const text = slice?.metadata.annotations?.['endpoints.kubernetes.io/last-change-trigger-time']
  const time = text === undefined ? Number.NaN : Date.parse(text)
  return Number.isNaN(time) ? undefined : time
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
