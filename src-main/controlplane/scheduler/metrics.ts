import {
  Count,
  counter,
  exponential,
  gauge,
  Histogram,
  type Metric,
} from '../../../src-kube/machinery/metrics/prometheus.ts'
import { ExtensionPoints } from './framework/extension-points.ts'

/** Seconds, as kube-scheduler has them. */
const attemptBounds = exponential(0.001, 2, 15)
const waits = exponential(0.01, 2, 20)

/** How an attempt to place a pod ended, as the label `result` has it. */
export type AttemptResult = 'scheduled' | 'unschedulable' | 'error'

/** Attempts from which on nobody counts any more. */
const MOST = 15

/** What kube-scheduler counts of its work, under its names (kubernetes.io, "Kubernetes Metrics Reference"). Times in milliseconds. */
export class SchedulerMetrics {
  readonly #attempts = new Count()
  readonly #durations = new Histogram(attemptBounds)
  readonly #algorithm = new Histogram(attemptBounds)
  readonly #waits = new Histogram(waits)
  readonly #tries = new Histogram(exponential(1, 2, 5))
  readonly #preemptions = new Count()
  readonly #victims = new Histogram(exponential(1, 2, 7))
  readonly #incoming = new Count()
  /** By part of the queue and event. */
  readonly #incomingOf = new Map<string, { value: number }>()
  readonly #attemptsToPreempt = this.#preemptions.series({})
  readonly #victimsOfOne = this.#victims.series()
  readonly #byResult
  readonly #cycles = this.#algorithm.series()
  readonly #triesOfAll = this.#tries.series()
  /** By number of attempts; the first is by far the most frequent. */
  readonly #waitsOf = Array.from({ length: MOST }, (_, i) =>
    i === 0 ? this.#waits.series({ attempts: '1' }) : undefined,
  )
  /** What plugins take at each of their points. */
  readonly points: ExtensionPoints
  /** Of the queue; nothing while no scheduler works. */
  pending: (() => Record<string, number>) | undefined

  constructor(profile = 'default-scheduler') {
    this.points = new ExtensionPoints(profile)
    const of = (result: AttemptResult) => {
      const labels = { profile, result }
      return { count: this.#attempts.series(labels), durations: this.#durations.series(labels) }
    }
    this.#byResult = { scheduled: of('scheduled'), unschedulable: of('unschedulable'), error: of('error') }
  }

  /** A pod came to a part of the queue, after an event. */
  entered(queue: string, event: string): void {
    const key = `${queue} ${event}`
    let series = this.#incomingOf.get(key)
    if (!series) this.#incomingOf.set(key, (series = this.#incoming.series({ event, queue })))
    series.value++
  }

  /** An attempt ended: the search for a node, and the binding when one was found. */
  attempted(result: AttemptResult, elapsed: number): void {
    const { count, durations } = this.#byResult[result]
    count.value++
    durations.observe(elapsed / 1000)
  }

  /** A node was found. */
  found(elapsed: number): void {
    this.#cycles.observe(elapsed / 1000)
  }

  /** Room was sought for a pod among those of lower priority, so many of which are to go. */
  preempted(victims: number): void {
    this.#attemptsToPreempt.value++
    if (victims > 0) this.#victimsOfOne.observe(victims)
  }

  /** A pod is bound, so long after it came to the queue. */
  bound(attempts: number, waited: number): void {
    this.#triesOfAll.observe(attempts)
    const i = Math.min(attempts, MOST) - 1
    const series = (this.#waitsOf[i] ??= this.#waits.series({
      attempts: attempts >= MOST ? `${MOST}+` : `${attempts}`,
    }))
    series.observe(waited / 1000)
  }

  readonly metrics = (): Metric[] => [
    gauge(
      'scheduler_pending_pods',
      '[STABLE] Pods that wait for a node, by the queue that they are in.',
      Object.entries(this.pending?.() ?? {}).map(([queue, value]) => ({ labels: { queue }, value })),
    ),
    counter(
      'scheduler_queue_incoming_pods_total',
      '[STABLE] Pods that came to a part of the queue, by what brought them there.',
      this.#incoming.samples,
    ),
    this.#tries.metric('scheduler_pod_scheduling_attempts', '[STABLE] How often a pod was tried until it had a node.'),
    this.#waits.metric(
      'scheduler_pod_scheduling_sli_duration_seconds',
      '[BETA] Seconds from the first time in the queue until a pod had its node, all attempts together.',
    ),
    counter(
      'scheduler_schedule_attempts_total',
      '[STABLE] Attempts to place a pod, by how they ended.',
      this.#attempts.samples,
    ),
    counter(
      'scheduler_preemption_attempts_total',
      '[STABLE] How often room was sought among pods of lower priority.',
      this.#preemptions.samples,
    ),
    this.#victims.metric(
      'scheduler_preemption_victims',
      '[STABLE] Pods that had to go for another one, each time some had to.',
    ),
    this.#algorithm.metric(
      'scheduler_scheduling_algorithm_duration_seconds',
      '[ALPHA] Seconds that choosing a node took',
    ),
    this.#durations.metric(
      'scheduler_scheduling_attempt_duration_seconds',
      '[STABLE] Seconds that an attempt took, choosing and binding',
    ),
    ...this.points.metrics(),
  ]
}
