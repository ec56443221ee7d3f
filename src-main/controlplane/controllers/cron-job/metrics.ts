import { exponential, Histogram, type Metric } from '../../../../src-kube/machinery/metrics/prometheus.ts'

/** How punctual cron jobs are, under upstream's name (kubernetes.io, "Kubernetes Metrics Reference"). */
export class CronJobMetrics {
  readonly #skew = new Histogram(exponential(1, 2, 10))

  /** A job was made so many milliseconds after its time. */
  made(late: number): void {
    this.#skew.add(late / 1000)
  }

  readonly metrics = (): Metric[] => [
    this.#skew.metric(
      'cronjob_controller_job_creation_skew_duration_seconds',
      '[STABLE] Seconds from the time that a job was due until it was made.',
    ),
  ]
}
