import type { Job, JobStatus } from '#types/batch/v1'
import { Count, counter, type Metric } from '../../../../src-kube/machinery/metrics/prometheus.ts'
import type { Ending } from './plan.ts'

/** What jobs came to, under upstream's names (kubernetes.io, "Kubernetes Metrics Reference"). */
export class JobMetrics {
  readonly #pods = new Count()
  readonly #jobs = new Count()

  /** A status was written over that of `job`. `ending`: it is the one that states the job's end. */
  wrote(job: Job, status: JobStatus | undefined, ending: Ending | undefined): void {
    const completion_mode = job.spec?.completionMode ?? 'NonIndexed'
    for (const result of ['succeeded', 'failed'] as const) {
      const more = (status?.[result] ?? 0) - (job.status?.[result] ?? 0)
      if (more > 0) this.#pods.add({ completion_mode, result }, more)
    }
    if (!ending) return
    const result = ending.type === 'Complete' ? 'succeeded' : 'failed'
    this.#jobs.add({ completion_mode, reason: ending.reason, result })
  }

  readonly metrics = (): Metric[] => [
    counter(
      'job_controller_job_pods_finished_total',
      '[STABLE] Pods of jobs that have ended and were counted, by how they ended.',
      this.#pods.samples,
    ),
    counter('job_controller_jobs_finished_total', '[STABLE] Jobs that have ended, by how and why.', this.#jobs.samples),
  ]
}
