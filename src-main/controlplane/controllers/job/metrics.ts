import type { Job, JobStatus } from '#types/batch/v1'
import {
  Count,
  counter,
  exponential,
  Histogram,
  type Metric,
} from '../../../../src-kube/machinery/metrics/prometheus.ts'
import type { Ending } from './plan.ts'

/** What a look at a job led to, as the label `action` has it. */
export type JobAction = 'reconciling' | 'pods_created' | 'pods_deleted'

const modeOf = ({ spec }: Job): string => spec?.completionMode ?? 'NonIndexed'

/** What jobs came to and how long their controller takes over them, under upstream's names (kubernetes.io, "Kubernetes Metrics Reference"). */
export class JobMetrics {
  readonly #pods = new Count()
  readonly #jobs = new Count()
  readonly #syncs = new Count()
  readonly #durations = new Histogram(exponential(0.004, 2, 15))

  /** Takes a look at a job, in which `acts` says what it leads to once that is known, and counts how long it took and how it ended. */
  async sync<T>(job: Job, look: (acts: (action: JobAction) => void) => Promise<T>): Promise<T> {
    const began = performance.now()
    const labels = { action: 'reconciling' as JobAction, completion_mode: modeOf(job), result: 'error' }
    try {
      const answer = await look((action) => (labels.action = action))
      labels.result = 'success'
      return answer
    } finally {
      this.#syncs.add(labels)
      this.#durations.add((performance.now() - began) / 1000, labels)
    }
  }

  /** A status was written over that of `job`. `ending`: it is the one that states the job's end. */
  wrote(job: Job, status: JobStatus | undefined, ending: Ending | undefined): void {
    const completion_mode = modeOf(job)
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
    counter(
      'job_controller_job_syncs_total',
      '[STABLE] Looks at a job, by what they led to and whether they failed.',
      this.#syncs.samples,
    ),
    this.#durations.metric('job_controller_job_sync_duration_seconds', '[STABLE] Seconds that a look at a job took.'),
    counter('job_controller_jobs_finished_total', '[STABLE] Jobs that have ended, by how and why.', this.#jobs.samples),
  ]
}
