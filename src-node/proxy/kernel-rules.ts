import type { Service } from '#types/core/v1'
import type { EndpointSlice } from '#types/discovery.k8s.io/v1'
import { zoneOf } from '../../src-kube/kinds/core/node-zone.ts'
import type { Backend } from './backends/index.ts'
import { HealthServers } from './health.ts'
import type { ProxyOptions } from './options.ts'
import type { Changed, ProxyMetrics } from './proxy-metrics.ts'
import { conntrackArguments, staleFlows, staleHostFlows, unservedFlows } from './rules/conntrack.ts'
import { healthCheck } from './rules/health-checks.ts'
import type { HostPort } from './rules/iptables.ts'
import { isIPv4, servicePorts, type ServicePort } from './rules/model.ts'
import { isWorking } from './rules/proxy-health.ts'

/** Index of slices by the service they belong to, as `namespace/name`. */
export const byService = {
  name: 'service',
  of: ({ metadata }: EndpointSlice): string[] => {
    const service = metadata.labels?.['kubernetes.io/service-name']
    return service ? [`${metadata.namespace}/${service}`] : []
  },
}

/** What the kernel was told of services and host ports, and how it comes up to date. */
export class KernelRules {
  readonly #options: ProxyOptions
  readonly #backend: Backend
  readonly #health: HealthServers
  readonly #metrics: ProxyMetrics
  /** Undefined before the first write: what flows then has gone on while the agent was away, and the kernel is asked. */
  #ports: ServicePort[] | undefined
  #hostPorts: readonly HostPort[] = []
  /** Of the last write, in milliseconds since the epoch. */
  #lastUpdated = 0
  /** Of the oldest change that no write has followed yet, in milliseconds since the epoch. */
  #pendingSince: number | undefined
  /** When that happened which slices were changed for that no write has followed yet, in milliseconds since the epoch. */
  #triggers: number[] = []

  constructor(options: ProxyOptions, backend: Backend, metrics: ProxyMetrics) {
    this.#options = options
    this.#backend = backend
    this.#metrics = metrics
    const isHealthy = (): boolean => isWorking(options.clock.now(), this.#pendingSince)
    this.#health = new HealthServers({ log: options.log, isHealthy })
  }

  get facts(): { lastUpdated: number; pendingSince: number | undefined } {
    return { lastUpdated: this.#lastUpdated, pendingSince: this.#pendingSince }
  }

  /** @param trigger when that happened which endpoints were changed for */
  noteChange(what?: Changed, trigger?: number): void {
    const now = this.#options.clock.now()
    this.#pendingSince ??= now
    this.#metrics.queued(now)
    if (what) this.#metrics.changed(what)
    if (trigger !== undefined) this.#triggers.push(trigger)
  }

  /** Writes what the caches say now, and ends connections that would go on where nobody answers any more. */
  async write(): Promise<void> {
    const { services, slices, nodes, hostPorts, nodeName, clock } = this.#options
    // What changes from here on waits for the next write.
    const [began, pendingSince, triggers] = [clock.now(), this.#pendingSince, this.#triggers]
    this.#pendingSince = undefined
    this.#triggers = []
    this.#metrics.began()
    const all = services.list()
    const slicesOf = ({ metadata: { namespace, name } }: Service) =>
      slices.byIndex(byService.name, `${namespace}/${name}`)
    const zone = zoneOf(nodes.get(nodeName))
    const ports = all
      .flatMap((service) => servicePorts(service, slicesOf(service), nodeName, zone))
      .sort((a, b) => (a.id < b.id ? -1 : 1))
    const checks = all.map((service) => healthCheck(service, slicesOf(service), nodeName))
    this.#health.update(checks.filter((check) => check !== undefined))
    const pods = (hostPorts?.list() ?? []).filter(({ hostIp }) => hostIp === '' || isIPv4(hostIp))
    try {
      const written = await this.#backend.write({ ports, hostPorts: pods })
      this.#lastUpdated = clock.now()
      this.#metrics.synced({ began, ended: this.#lastUpdated, written, ports, triggers })
    } catch (error) {
      this.#pendingSince = pendingSince ?? clock.now()
      this.#triggers = [...triggers, ...this.#triggers]
      this.#metrics.failed()
      throw error
    }
    const flows = this.#ports
      ? [...staleFlows(this.#ports, ports), ...staleHostFlows(this.#hostPorts, pods)]
      : unservedFlows(await this.#listFlows(), ports)
    this.#ports = ports
    this.#hostPorts = pods
    await this.#endFlows(flows)
  }

  close(): void {
    this.#health.close()
  }

  /** Looks whether the kernel has what it was given; all is given to it again where something is missing, as after `iptables -F`. */
  async repair(): Promise<void> {
    const missing = await this.#backend.missing()
    if (missing.length === 0) return
    this.#options.log(`proxy: rules that were written are missing and are written again: ${named(missing)}`)
    await this.write()
    await this.#options.repaired?.()
  }

  /** Of UDP; nothing where the kernel does not tell. */
  async #listFlows(): Promise<string> {
    const { host, log } = this.#options
    return host.run('conntrack', ['-L', '-p', 'udp']).then(
      ({ stdout }) => stdout,
      (error: unknown) => {
        log(`proxy: what flows is unknown: ${String(error)}`)
        return ''
      },
    )
  }

  async #endFlows(flows: ReturnType<typeof staleFlows>): Promise<void> {
    const { host, log } = this.#options
    for (const flow of flows) {
      // conntrack fails when no flow matches, which is the usual case.
      await host.run('conntrack', conntrackArguments(flow)).catch((error: unknown) => {
        if (!/0 flow entries have been deleted/.test(String(error))) log(`proxy: ${String(error)}`)
      })
    }
  }
}

/** The first few of the names, once each. */
function named(names: readonly string[]): string {
  const all = [...new Set(names)]
  const more = all.length - 5
  return all.slice(0, 5).join(', ') + (more > 0 ? ` and ${more} more` : '')
}
