import type { PersistentVolume, PersistentVolumeClaim } from '#types/core/v1'
import type { PodDisruptionBudget } from '#types/policy/v1'
import type { DeviceClass, ResourceClaim, ResourceSlice } from '#types/resource.k8s.io/v1'
import type { CSIDriver, CSINode, CSIStorageCapacity, StorageClass, VolumeAttachment } from '#types/storage.k8s.io/v1'
import type { LabelMatcher } from '../../../../src-kube/machinery/labels.ts'
import type { NodeInfo } from './node-info.ts'
import type { PodInfo } from './pod-info.ts'

/** What plugins look up beside nodes and pods. */
export interface Lookups {
  namespaceLabels(name: string): Readonly<Record<string, string>> | undefined
  claim(key: string): PersistentVolumeClaim | undefined
  volume(name: string): PersistentVolume | undefined
  volumesOfClass(name: string): readonly PersistentVolume[]
  storageClass(name: string): StorageClass | undefined
  csiDriver(name: string): CSIDriver | undefined
  /** How much drivers have left, by class and place. */
  storageCapacities(): readonly CSIStorageCapacity[]
  /** The CSI drivers of a node, and how many volumes of each it takes. */
  csiNode(name: string): CSINode | undefined
  /** The volumes that are, or are to be, attached to a node. */
  attachments(nodeName: string): readonly VolumeAttachment[]
  resourceClaim(key: string): ResourceClaim | undefined
  resourceClaims(): readonly ResourceClaim[]
  /** Up to which revision claims are as they were written. */
  claimsRevision(): number
  resourceSlices(): readonly ResourceSlice[]
  deviceClass(name: string): DeviceClass | undefined
  /** The class whose devices stand for an extended resource. */
  classOfResource(name: string): DeviceClass | undefined
  budgets(namespace: string): readonly PodDisruptionBudget[]
  /** The selectors of the services and the controller that own a pod. */
  owningSelectors(pod: PodInfo): readonly LabelMatcher[]
}

/**
 * The cluster as one scheduling cycle sees it. A cycle never waits, so the cache itself is the snapshot: each event is applied once, to
 * the node it concerns, and nothing is copied per cycle.
 */
export interface Snapshot {
  /** Nodes that exist, in a stable order. */
  readonly nodes: readonly NodeInfo[]
  node(name: string): NodeInfo | undefined
  /** Nodes on which a pod with any affinity term runs. */
  readonly withAffinity: ReadonlySet<NodeInfo>
  readonly withRequiredAntiAffinity: ReadonlySet<NodeInfo>
  /** Number of nodes with a taint of the effect PreferNoSchedule. */
  readonly softTainted: number
  /** On how many nodes an image is, by name. */
  imageNodes(name: string): number
  readonly lookups: Lookups
}
