import type { Pod } from '#types/core/v1'
import { podResources, type Usage } from '../../../../src-kube/kinds/quota/usage.ts'
import { gauge, type Metric, type Sample } from '../../../../src-kube/machinery/metrics/prometheus.ts'
import { bytesValue, milliValue } from '../../../../src-kube/machinery/quantity.ts'

/**
 * What pods ask for and may have, as the scheduler counts it: `/metrics/resources`, which kube-scheduler has on a port of its own
 * (kubernetes.io, "Metrics For Kubernetes System Components: kube-scheduler metrics"). Pods that have ended on their node take nothing. Pure.
 */
export function podResourceMetrics(pods: readonly Pod[]): Metric[] {
  const living = pods.filter(({ spec, status }) => !spec.nodeName || !ended.has(status?.phase ?? ''))
  const of = (which: 'requests' | 'limits'): Sample[] =>
    living.flatMap((pod) => samplesOf(pod, podResources(pod, which)))
  return [
    gauge(
      'kube_pod_resource_request',
      '[STABLE] What a pod asks for of a resource, as the scheduler counts it.',
      of('requests'),
    ),
    gauge(
      'kube_pod_resource_limit',
      '[STABLE] What a pod may have of a resource, as the scheduler counts it.',
      of('limits'),
    ),
  ]
}

const ended = new Set(['Succeeded', 'Failed'])

function samplesOf({ metadata, spec }: Pod, amounts: Usage): Sample[] {
  const pod = {
    namespace: metadata.namespace ?? '',
    pod: metadata.name,
    node: spec.nodeName ?? '',
    scheduler: spec.schedulerName ?? '',
    priority: spec.priority === undefined ? '' : String(spec.priority),
  }
  return Object.entries(amounts).flatMap(([resource, amount]) => {
    const value = resource === 'cpu' ? milliValue(amount) / 1000 : bytesValue(amount)
    return value === 0 ? [] : [{ labels: { ...pod, resource, unit: unitOf(resource) }, value }]
  })
}

const bytes = new Set(['memory', 'storage', 'ephemeral-storage'])

function unitOf(resource: string): string {
  if (resource === 'cpu') return 'cores'
  return bytes.has(resource) || resource.startsWith('hugepages-') ? 'bytes' : 'integer'
}
