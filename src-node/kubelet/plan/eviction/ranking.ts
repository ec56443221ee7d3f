import type { Pod } from '#types/core/v1'
import { bytesValue } from '../../../../src-kube/machinery/quantity.ts'
import { requestsOf } from '../admission.ts'
import { isCritical } from '../critical.ts'

/** What a pod uses of one resource, and each of its containers by name. */
export interface PodUsage {
  pod: Pod
  used: number
  containers: ReadonlyMap<string, number>
}

/**
 * The pods that may be evicted, those first that are to go first: who uses more than asked for, then by priority, then by how much more
 * (kubernetes.io, "Node-pressure Eviction: Pod selection for kubelet eviction"). `resource` is the one that is short. Pure.
 */
export function rankForEviction(usages: readonly PodUsage[], resource: string): PodUsage[] {
  const excess = ({ pod, used }: PodUsage): number => used - bytesValue(requestsOf(pod)[resource])
  const priority = ({ pod }: PodUsage): number => pod.spec.priority ?? 0
  return usages
    .filter(({ pod }) => !isCritical(pod) && !pod.metadata.deletionTimestamp)
    .toSorted(
      (a, b) => Number(excess(b) > 0) - Number(excess(a) > 0) || priority(a) - priority(b) || excess(b) - excess(a),
    )
}
