import type { ResourceRef } from '../../../src-kube/kinds/descriptor.ts'

export type FakeResource = ResourceRef

const namespaced = (group: string, version: string, plural: string, kind: string): FakeResource => ({
  group,
  version,
  resource: plural,
  kind,
  namespaced: true,
})

const ofCluster = (plural: string, kind: string): FakeResource => ({
  group: '',
  version: 'v1',
  resource: plural,
  kind,
  namespaced: false,
})

/** What the fake API server serves. */
export const resources: FakeResource[] = [
  ofCluster('namespaces', 'Namespace'),
  ofCluster('nodes', 'Node'),
  namespaced('', 'v1', 'pods', 'Pod'),
  namespaced('', 'v1', 'services', 'Service'),
  namespaced('', 'v1', 'configmaps', 'ConfigMap'),
  namespaced('', 'v1', 'secrets', 'Secret'),
  namespaced('', 'v1', 'serviceaccounts', 'ServiceAccount'),
  namespaced('', 'v1', 'events', 'Event'),
  namespaced('', 'v1', 'persistentvolumeclaims', 'PersistentVolumeClaim'),
  namespaced('apps', 'v1', 'deployments', 'Deployment'),
  namespaced('apps', 'v1', 'replicasets', 'ReplicaSet'),
  namespaced('apps', 'v1', 'statefulsets', 'StatefulSet'),
  namespaced('apps', 'v1', 'daemonsets', 'DaemonSet'),
  namespaced('batch', 'v1', 'jobs', 'Job'),
  namespaced('networking.k8s.io', 'v1', 'ingresses', 'Ingress'),
]
