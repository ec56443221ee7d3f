import type { PersistentVolumeClaim } from '#types/core/v1'
import type { CSIStorageCapacity, StorageClass } from '#types/storage.k8s.io/v1'
import { labelSelectorMatcher } from '../../../../src-kube/machinery/labels.ts'
import { compareQuantities } from '../../../../src-kube/machinery/quantity.ts'
import type { NodeInfo } from './node-info.ts'
import type { Lookups } from './snapshot.ts'

/** Where volumes of a class may be made ("Storage Classes: Allowed topologies"); everywhere when it says nothing. */
export function isAllowed({ allowedTopologies }: StorageClass, { labels }: NodeInfo): boolean {
  if (!allowedTopologies?.length) return true
  return allowedTopologies.some(({ matchLabelExpressions = [] }) =>
    matchLabelExpressions.every(({ key, values }) => values.includes(labels[key] ?? '\0')),
  )
}

/** Whether a driver that tells how much it has left ("Storage Capacity") has enough for a claim where a node can use it. */
export function hasRoom(
  claim: PersistentVolumeClaim,
  { provisioner, metadata }: StorageClass,
  node: NodeInfo,
  lookups: Lookups,
): boolean {
  const wanted = claim.spec.resources?.requests?.['storage']
  if (wanted === undefined || !lookups.csiDriver(provisioner)?.spec.storageCapacity) return true
  const suffices = (one: CSIStorageCapacity) => {
    const most = one.maximumVolumeSize ?? one.capacity
    if (one.storageClassName !== metadata.name || most === undefined || compareQuantities(most, wanted) < 0)
      return false
    return one.nodeTopology !== undefined && labelSelectorMatcher(one.nodeTopology).matches(node.labels)
  }
  return lookups.storageCapacities().some(suffices)
}
