import { gauge, type Metric, type MetricSource } from '../../../../src-kube/machinery/metrics/prometheus.ts'
import type { Registry } from '../../registry/registry.ts'
import { flowControlMetrics, type FlowControl } from '../flow-control/index.ts'
import { deprecatedApis } from './deprecated-apis.ts'
import { featureMetric } from './feature-gates.ts'
import { processMetrics } from './process-metrics.ts'
import type { RequestMetrics } from './request-metrics.ts'

/** What `/metrics` of the API server counts besides requests. */
export interface MetricsContext {
  registry: Pick<Registry, 'kinds' | 'count'>
  flowControl: FlowControl
  /** Of the parts behind the server that work in its process. */
  metrics?: MetricSource | undefined
}

/** Everything that `/metrics` tells. */
export function allMetrics(requests: RequestMetrics, { registry, flowControl, metrics }: MetricsContext): Metric[] {
  return [
    ...requests.metrics(),
    ...flowControlMetrics(flowControl),
    deprecatedApis(requests.asked(), registry.kinds),
    ...objectMetrics(registry),
    ...(metrics?.() ?? []),
    ...processMetrics(),
    featureMetric(),
  ]
}

/** How many objects there are, under the name of before 1.34 and that of since. */
function objectMetrics({ kinds, count }: MetricsContext['registry']): Metric[] {
  const counted = kinds.map(({ group, plural: resource }) => ({ group, resource, value: count(group, resource) }))
  const help = 'Objects that are stored, by kind.'
  return [
    gauge(
      'apiserver_storage_objects',
      `[STABLE] (Deprecated since 1.34.0) ${help}`,
      counted.map(({ group, resource, value }) => ({
        labels: { resource: group ? `${resource}.${group}` : resource },
        value,
      })),
    ),
    gauge(
      'apiserver_resource_objects',
      `[ALPHA] ${help}`,
      counted.map(({ group, resource, value }) => ({ labels: { group, resource }, value })),
    ),
  ]
}
