import type { Clock } from '../../../src-kube/machinery/clock.ts'
import { Count, counter, gauge, Histogram, type Metric } from '../../../src-kube/machinery/metrics/prometheus.ts'
import type { PreparedClaim } from '../claims/plan/prepared.ts'

/** Seconds, up to which each bucket counts: Prometheus' own. */
const buckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** What a kubelet counts of its work with devices, under upstream's names ("Kubernetes Metrics Reference"). */
export class DeviceInstruments {
  readonly #clock: Pick<Clock, 'monotonic'>
  readonly #registrations = new Count()
  readonly #allocations = new Histogram(buckets)
  readonly #operations = new Histogram(buckets)

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock
  }

  /** A plugin has come. */
  registered(resource: string): void {
    this.#registrations.add({ resource_name: resource })
  }

  /** A plugin gives devices away. */
  allocation<T>(resource: string, work: Promise<T>): Promise<T> {
    return this.#measured(work, (seconds) => this.#allocations.add(seconds, { resource_name: resource }))
  }

  /** What a pod claims is readied or taken back. */
  operation<T>(name: 'PrepareResources' | 'UnprepareResources', work: Promise<T>): Promise<T> {
    return this.#measured(work, (seconds, failed) =>
      this.#operations.add(seconds, { operation_name: name, is_error: String(failed) }),
    )
  }

  async #measured<T>(work: Promise<T>, over: (seconds: number, failed: boolean) => void): Promise<T> {
    const began = this.#clock.monotonic()
    let failed = true
    try {
      const result = await work
      failed = false
      return result
    } finally {
      over((this.#clock.monotonic() - began) / 1000, failed)
    }
  }

  /** `claims` are those that pods use now. */
  metrics(claims: Iterable<PreparedClaim>): Metric[] {
    const used = new Map<string, number>()
    for (const driver of [...claims].flatMap(({ drivers }) => Object.keys(drivers)))
      used.set(driver, (used.get(driver) ?? 0) + 1)
    return [
      counter(
        'kubelet_device_plugin_registration_total',
        '[ALPHA] Device plugins that registered, by resource.',
        this.#registrations.samples,
      ),
      this.#allocations.metric(
        'kubelet_device_plugin_alloc_duration_seconds',
        '[ALPHA] Seconds that plugins took to give devices to a container, by resource.',
      ),
      this.#operations.metric(
        'dra_operations_duration_seconds',
        '[ALPHA] Seconds until what a pod claims was readied or taken back.',
      ),
      gauge(
        'dra_resource_claims_in_use',
        '[ALPHA] Claims that pods of this node use, by driver.',
        [...used].map(([driver, value]) => ({ labels: { driver_name: driver }, value })),
      ),
    ].filter(({ samples }) => samples.length > 0)
  }
}
