import type { VirtualResource } from '../discovery.ts'

const common = { group: 'metrics.k8s.io', version: 'v1beta1', verbs: ['get', 'list'] }

/** The resource metrics API (kubernetes.io, "Resource metrics pipeline"). */
export const metricsResources: readonly VirtualResource[] = [
  { ...common, plural: 'nodes', kind: 'NodeMetrics', namespaced: false },
  { ...common, plural: 'pods', kind: 'PodMetrics', namespaced: true },
]
