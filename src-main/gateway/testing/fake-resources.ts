import type { ResourceRef } from '../../../src-kube/kinds/descriptor.ts'

export type FakeResource = ResourceRef

const resource = (group: string, version: string, plural: string, kind: string, namespaced = true): FakeResource => ({
  group,
  version,
  resource: plural,
  kind,
  namespaced,
})

/** What the fake API server serves. */
export const resources: FakeResource[] = [
  resource('', 'v1', 'namespaces', 'Namespace', false),
  resource('', 'v1', 'nodes', 'Node', false),
  resource('', 'v1', 'pods', 'Pod'),
  resource('', 'v1', 'services', 'Service'),
  resource('', 'v1', 'configmaps', 'ConfigMap'),
  resource('', 'v1', 'secrets', 'Secret'),
  resource('', 'v1', 'serviceaccounts', 'ServiceAccount'),
  resource('', 'v1', 'events', 'Event'),
  resource('', 'v1', 'persistentvolumeclaims', 'PersistentVolumeClaim'),
  resource('apps', 'v1', 'deployments', 'Deployment'),
  resource('apps', 'v1', 'replicasets', 'ReplicaSet'),
  resource('apps', 'v1', 'statefulsets', 'StatefulSet'),
  resource('apps', 'v1', 'daemonsets', 'DaemonSet'),
  resource('batch', 'v1', 'jobs', 'Job'),
  resource('networking.k8s.io', 'v1', 'ingresses', 'Ingress'),
]
