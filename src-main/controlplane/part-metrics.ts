import type { Metric } from '../../src-kube/machinery/metrics/prometheus.ts'
import { WorkQueueMetrics } from '../../src-kube/runtime/queue-metrics.ts'
import { WebhookMetrics } from './admission/webhooks/metrics.ts'
import { JobMetrics } from './controllers/job/metrics.ts'
import { SchedulerMetrics } from './scheduler/metrics.ts'
import { StoreMetrics } from './store/measured-store.ts'

/** What is counted behind the API server: upstream's components tell it on ports of their own, which are one here. */
export class PartMetrics {
  readonly store = new StoreMetrics()
  readonly webhooks = new WebhookMetrics()
  readonly jobs = new JobMetrics()
  readonly queues = new WorkQueueMetrics()
  readonly scheduler = new SchedulerMetrics()

  readonly metrics = (): Metric[] => [
    ...this.store.metrics(),
    ...this.webhooks.metrics(),
    ...this.queues.metrics(),
    ...this.jobs.metrics(),
    ...this.scheduler.metrics(),
  ]
}
