import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { podHealth, severity } from '../kinds/health.ts'
import { listAt, textAt, type KindView } from '../kinds/view.ts'

/** The pods that a workload or service chooses, a node runs, a namespace holds, or a claim is mounted in; what needs a person first, then by name. */
export function podsBehind(view: KindView, object: KubeObject, pods: Iterable<KubeObject>): KubeObject[] {
  const isBehind = testFor(view, object)
  if (!isBehind) return []
  return [...pods]
    .filter(isBehind)
    .map((pod) => ({ pod, rank: severity[podHealth(pod).level] }))
    .sort((a, b) => a.rank - b.rank || (a.pod.metadata.name < b.pod.metadata.name ? -1 : 1))
    .map(({ pod }) => pod)
}

function testFor(view: KindView, object: KubeObject): ((pod: KubeObject) => boolean) | undefined {
  const { name, namespace } = object.metadata
  if (view.id === 'nodes') return (pod) => textAt(pod, 'spec', 'nodeName') === name
  if (view.id === 'namespaces') return (pod) => pod.metadata.namespace === name
  const isNear = (pod: KubeObject): boolean => pod.metadata.namespace === namespace
  if (view.id === 'persistentvolumeclaims') {
    return (pod) =>
      isNear(pod) &&
      listAt(pod, 'spec', 'volumes').some((one) => textAt(one, 'persistentVolumeClaim', 'claimName') === name)
  }
  const selector = Object.entries(view.podSelector?.(object) ?? {})
  if (selector.length === 0) return undefined
  return (pod) => isNear(pod) && selector.every(([key, value]) => pod.metadata.labels?.[key] === value)
}
