import type { MetricSpec } from '#types/autoscaling/v2'
import type { LabelSelector } from '#types/meta/v1'
import { messageOf } from '../refusal.ts'

/** None of the metrics, or too few, could be had. The message is that of the condition ScalingActive. */
export class MetricError extends Error {
  override readonly name = 'MetricError'
  /** Of the condition ScalingActive. */
  readonly reason: string
  /** What the event says, which tells of all metrics together. */
  readonly eventMessage: string
  /** Of each metric that could not be had its own, of which events tell too. */
  readonly each: readonly MetricError[]

  constructor(reason: string, message: string, eventMessage = message, each?: readonly MetricError[]) {
    super(message)
    this.reason = reason
    this.eventMessage = eventMessage
    this.each = each ?? [this]
  }

  /** This error as the first of those that could not be had, out of so many metrics. */
  among(invalid: readonly MetricError[], all: number): MetricError {
    const words = `invalid metrics (${invalid.length} invalid out of ${all}), first error is: ${this.eventMessage}`
    return new MetricError(this.reason, this.message, words, invalid)
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

const NOT_REGISTERED = 'no custom metrics API (custom.metrics.k8s.io) registered'

/** A selector as Go prints it in the words of upstream. */
export function goSelector(selector: LabelSelector | undefined): string {
  if (!selector) return 'nil'
  const labels = Object.entries(selector.matchLabels ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1))
  const expressions = (selector.matchExpressions ?? []).map(
    ({ key, operator, values = [] }) =>
      `LabelSelectorRequirement{Key:${key},Operator:${operator},Values:[${values.join(' ')}],},`,
  )
  const matchLabels = labels.map(([key, value]) => `${key}: ${value},`).join('')
  return `&LabelSelector{MatchLabels:map[string]string{${matchLabels}},MatchExpressions:[]LabelSelectorRequirement{${expressions.join('')}},}`
}

/** Why a metric that another server of the cluster knows could not be had; without a cause, since there is none that does. */
export function unserved(metric: MetricSpec, namespace: string, cause?: unknown): MetricError {
  const { pods, object, external } = metric
  if (external) {
    const { name, selector } = external.metric
    const missing = `the server could not find the requested resource (get ${name}.external.metrics.k8s.io)`
    const why = `unable to fetch metrics from external metrics API: ${cause === undefined ? missing : messageOf(cause)}`
    const of = `${namespace}/${name}/${goSelector(selector)}`
    return failedMetric(metric, `${name} external`, `unable to get external metric ${of}: ${why}`)
  }
  const of = object ? `${object.describedObject.kind} on ${namespace} ${object.describedObject.name}/` : ''
  const { name = '' } = (object ?? pods)?.metric ?? {}
  const why = `unable to fetch metrics from custom metrics API: ${cause === undefined ? NOT_REGISTERED : messageOf(cause)}`
  return failedMetric(metric, object ? 'object' : 'pods', `unable to get metric ${name}: ${of}${why}`)
}
