import { Count, counter, gauge, Histogram, type Metric } from '../../../src-kube/machinery/metrics/prometheus.ts'
import type { Store } from './store.ts'

/** Seconds, as kube-apiserver has them for what it asks of etcd ("Kubernetes Metrics Reference"). */
const bounds = [0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60]

/** How long what is asked of a store takes, by operation and resource. */
export class StoreMetrics {
  readonly #durations = new Histogram(bounds)
  readonly #requests = new Count()
  readonly #errors = new Count()
  /** Bytes that the store takes of the disk; unknown when absent. */
  size: (() => number) | undefined
  /** By operation and resource, what is counted of it. */
  readonly #series = new Map<string, { observe(seconds: number): void; failed(): void }>()

  /** Looks on at work that is under way, and answers the same promise: who waits for it hears of it no later. */
  watch<T>(operation: string, key: string, work: Promise<T>): Promise<T> {
    const began = performance.now()
    const series = this.#of(operation, key)
    const over = (): void => series.observe((performance.now() - began) / 1000)
    work.then(over, () => {
      over()
      series.failed()
    })
    return work
  }

  /** @param key `/registry/<group>/<resource>/…` */
  #of(operation: string, key: string) {
    const prefix = key.slice(0, key.indexOf('/', key.indexOf('/', root) + 1))
    const name = operation + prefix
    let known = this.#series.get(name)
    if (!known) {
      const [, , group = '', resource = ''] = prefix.split('/')
      const labels = { operation, group: group === 'core' ? '' : group, resource }
      const durations = this.#durations.series(labels)
      const requests = this.#requests.series(labels)
      known = {
        observe(seconds) {
          durations.observe(seconds)
          requests.value++
        },
        failed: () => this.#errors.add(labels),
      }
      this.#series.set(name, known)
    }
    return known
  }

  readonly metrics = (): Metric[] => [
    gauge(
      'apiserver_storage_size_bytes',
      '[STABLE] Bytes that the store takes of the disk.',
      this.size ? [{ labels: { storage_cluster_id: 'etcd-0' }, value: this.size() }] : [],
    ),
    this.#durations.metric(
      'etcd_request_duration_seconds',
      '[ALPHA] Seconds that the store took, by operation and kind.',
    ),
    counter(
      'etcd_requests_total',
      '[ALPHA] What was asked of the store, by operation and kind.',
      this.#requests.samples,
    ),
    counter(
      'etcd_request_errors_total',
      '[ALPHA] What the store refused or failed at, by operation and kind.',
      this.#errors.samples,
    ),
  ]
}

const root = '/registry/'.length

/** A store whose reads and writes are counted; whatever keeps it, under the names of etcd that kube-apiserver uses. */
export function measuredStore(store: Store, metrics: StoreMetrics): Store {
  return {
    get revision() {
      return store.revision
    },
    get compactedRevision() {
      return store.compactedRevision
    },
    get historyBegins() {
      return store.historyBegins
    },
    get: (key, at) => metrics.watch('get', key, store.get(key, at)),
    range: (prefix, range) => metrics.watch('list', prefix, store.range(prefix, range)),
    create: (key, value, unless) => metrics.watch('create', key, store.create(key, value, unless)),
    update: (key, value, expected, unless) => metrics.watch('update', key, store.update(key, value, expected, unless)),
    delete: (key, expected) => metrics.watch('delete', key, store.delete(key, expected)),
    watch: (prefix, from) => store.watch(prefix, from),
    history: (prefix, from) => store.history(prefix, from),
    revisions: (key) => store.revisions(key),
    timeOf: (revision) => store.timeOf(revision),
    revisionAt: (time) => store.revisionAt(time),
    observe: (listener) => store.observe(listener),
    compact: (revision) => store.compact(revision),
    snapshot: (path) => store.snapshot(path),
    ...(store.caughtUp ? { caughtUp: () => store.caughtUp!() } : {}),
    ...(store.check ? { check: () => store.check!() } : {}),
    close: () => store.close(),
  }
}
