import type { Metric } from '../../../src-kube/machinery/metrics/prometheus.ts'
import { CronJobMetrics } from './cron-job/metrics.ts'
import { JobMetrics } from './job/metrics.ts'
import { NodeMetrics } from './node/metrics.ts'

/** What controllers count of their work beside what their queues do. */
export class ControllerMetrics {
  readonly jobs = new JobMetrics()
  readonly cronJobs = new CronJobMetrics()
  readonly nodes = new NodeMetrics()

  readonly metrics = (): Metric[] => [...this.jobs.metrics(), ...this.cronJobs.metrics(), ...this.nodes.metrics()]
}
