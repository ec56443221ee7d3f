import type { MetricSpec } from '#types/autoscaling/v2'
import { messageOf } from '../replica-controller.ts'

/** None of the metrics, or too few, could be had. */
export class MetricError extends Error {
  override readonly name = 'MetricError'
  /** Of the condition ScalingActive. */
  readonly reason: string
  /** The same with the metric it is about, for the event that tells of all metrics together. */
  readonly whole: string

  constructor(reason: string, message: string, metric?: string) {
    super(message)
    this.reason = reason
    this.whole = metric === undefined ? message : `failed to get ${metric} metric value: ${message}`
  }

  /** The first of so many metrics that could not be had, and of how many. */
  among(invalid: number, all: number): MetricError {
    const words = `invalid metrics (${invalid} invalid out of ${all}), first error is: ${this.whole}`
    return Object.assign(new MetricError(this.reason, this.message), { whole: words })
  }
}

/** Why a metric of a kind that this cluster measures is not known. */
export function unavailable(metric: MetricSpec, cause: unknown): MetricError {
  const { resource, containerResource } = metric
  const { name = '', target } = containerResource ?? resource ?? {}
  const what = target?.averageUtilization === undefined ? 'usage' : 'utilization'
  const metricName = containerResource ? `${containerResource.container} container` : `${name} resource`
  return new MetricError(
    `FailedGet${metric.type}Metric`,
    `failed to get ${name} ${what}: ${messageOf(cause)}`,
    metricName,
  )
}

const noCustomApi =
  'unable to fetch metrics from custom metrics API: no custom metrics API (custom.metrics.k8s.io) registered'

/** What is said of metrics that only servers of other metrics APIs know: this cluster has none. */
export function unserved({ type, pods, object, external }: MetricSpec, namespace: string): MetricError {
  const reason = `FailedGet${type}Metric`
  if (external) {
    const { name } = external.metric
    const why = `unable to fetch metrics from external metrics API: the server could not find the requested resource (get ${name}.external.metrics.k8s.io)`
    return new MetricError(reason, `unable to get external metric ${namespace}/${name}/nil: ${why}`, `${name} external`)
  }
  const of = object && `${object.describedObject.kind} on ${namespace} ${object.describedObject.name}/`
  const name = (object ?? pods)?.metric.name ?? ''
  return new MetricError(reason, `unable to get metric ${name}: ${of ?? ''}${noCustomApi}`, object ? 'object' : 'pods')
}
