import type { MetricSpec } from '#types/autoscaling/v2'
import { messageOf } from '../refusal.ts'

/** None of the metrics, or too few, could be had. The message is that of the condition ScalingActive. */
export class MetricError extends Error {
  override readonly name = 'MetricError'
  /** Of the condition ScalingActive. */
  readonly reason: string
  /** What the event says, which tells of all metrics together. */
  readonly eventMessage: string

  constructor(reason: string, message: string, eventMessage = message) {
    super(message)
    this.reason = reason
    this.eventMessage = eventMessage
  }

  /** This error as the first of so many metrics that could not be had, and of how many. */
  among(invalid: number, all: number): MetricError {
    const words = `invalid metrics (${invalid} invalid out of ${all}), first error is: ${this.eventMessage}`
    return new MetricError(this.reason, this.message, words)
  }
}

/** Of one metric, which the event names before it says why. */
function failedMetric({ type }: MetricSpec, metricName: string, why: string): MetricError {
  return new MetricError(`FailedGet${type}Metric`, why, `failed to get ${metricName} metric value: ${why}`)
}

/** Why a metric of a kind that this cluster measures is not known. */
export function unavailable(metric: MetricSpec, cause: unknown): MetricError {
  const { resource, containerResource } = metric
  const { name = '', target } = containerResource ?? resource ?? {}
  const what = target?.averageUtilization === undefined ? 'usage' : 'utilization'
  const metricName = containerResource ? `${containerResource.container} container` : `${name} resource`
  return failedMetric(metric, metricName, `failed to get ${name} ${what}: ${messageOf(cause)}`)
}

const noCustomApi =
  'unable to fetch metrics from custom metrics API: no custom metrics API (custom.metrics.k8s.io) registered'

/** What is said of metrics that only servers of other metrics APIs know: this cluster has none. */
export function unserved(metric: MetricSpec, namespace: string): MetricError {
  const { pods, object, external } = metric
  if (external) {
    const { name } = external.metric
    const why = `unable to fetch metrics from external metrics API: the server could not find the requested resource (get ${name}.external.metrics.k8s.io)`
    return failedMetric(metric, `${name} external`, `unable to get external metric ${namespace}/${name}/nil: ${why}`)
  }
  const of = object ? `${object.describedObject.kind} on ${namespace} ${object.describedObject.name}/` : ''
  const { name = '' } = (object ?? pods)?.metric ?? {}
  return failedMetric(metric, object ? 'object' : 'pods', `unable to get metric ${name}: ${of}${noCustomApi}`)
}
