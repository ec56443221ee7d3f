import {
  Count,
  counter,
  exponential,
  gauge,
  Histogram,
  type Labels,
  type Metric,
} from '../machinery/metrics/prometheus.ts'

/** What a work queue tells of itself. Times are monotonic milliseconds. */
export interface QueueMetrics {
  /** @param length how many keys wait now */
  of(length: () => number): void
  /** A key came that was not there. */
  added(): void
  /** A key is to be tried again. */
  retried(): void
  /** Work on a key that waited since then begins; what is answered is called when it is over. */
  begun(now: number, since: number): (now: number) => void
}

/** Seconds: 10 ns to 10 s, as upstream has them. */
const bounds = exponential(10e-9, 10, 10)

/** The work queues of a process, by their names, under the names of upstream's components ("Kubernetes Metrics Reference"). */
export class WorkQueueMetrics {
  readonly #lengths = new Map<string, () => number>()
  readonly #adds = new Count()
  readonly #retries = new Count()
  readonly #waits = new Histogram(bounds)
  readonly #work = new Histogram(bounds)

  of(name: string): QueueMetrics {
    const labels = { name }
    const adds = this.#adds.series(labels)
    const retries = this.#retries.series(labels)
    const waits = this.#waits.series(labels)
    const work = this.#work.series(labels)
    return {
      of: (length) => this.#lengths.set(name, length),
      added: () => adds.value++,
      retried: () => retries.value++,
      begun(now, since) {
        waits.observe((now - since) / 1000)
        return (end) => work.observe((end - now) / 1000)
      },
    }
  }

  readonly metrics = (): Metric[] => {
    const depths = [...this.#lengths].map(([name, length]) => ({ labels: { name } as Labels, value: length() }))
    return [
      counter('workqueue_adds_total', '[BETA] Keys that were put into the queue', this.#adds.samples),
      gauge('workqueue_depth', '[BETA] Keys in the queue now', depths),
      this.#waits.metric('workqueue_queue_duration_seconds', '[BETA] Seconds that a key waited in the queue.'),
      counter('workqueue_retries_total', '[BETA] Keys that came back after a failure', this.#retries.samples),
      this.#work.metric('workqueue_work_duration_seconds', '[BETA] Seconds that work on a key took.'),
    ]
  }
}
