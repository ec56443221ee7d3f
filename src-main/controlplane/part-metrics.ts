import type { Metric } from '../../src-kube/machinery/metrics/prometheus.ts'
import { WorkQueueMetrics } from '../../src-kube/runtime/queue-metrics.ts'
import { AdmissionMetrics } from './admission/metrics.ts'
import { WebhookMetrics } from './admission/webhooks/metrics.ts'
import { ControllerMetrics } from './controllers/controller-metrics.ts'
import { SchedulerMetrics } from './scheduler/metrics.ts'
import { StoreMetrics } from './store/measured-store.ts'

/** What is counted behind the API server: upstream's components tell it on ports of their own, which are one here. */
export class PartMetrics {
  readonly store = new StoreMetrics()
  readonly admission = new AdmissionMetrics()
  readonly webhooks = new WebhookMetrics()
  readonly controllers = new ControllerMetrics()
  readonly queues = new WorkQueueMetrics()
  readonly scheduler = new SchedulerMetrics()

  readonly metrics = (): Metric[] => [
    ...this.store.metrics(),
    ...this.admission.metrics(),
    ...this.webhooks.metrics(),
    ...this.queues.metrics(),
    ...this.controllers.metrics(),
    ...this.scheduler.metrics(),
  ]
}
