import type { CSINode, CSINodeDriver } from '#types/storage.k8s.io/v1'
import type { DriverNodeInfo } from '../api.ts'

/** On nodes: by driver the name that it knows the node by, as JSON. */
export const NODE_IDS = 'csi.volume.kubernetes.io/nodeid'

/** A driver as the CSINode of its node lists it. */
export function driverEntry(
  name: string,
  { nodeId, maxVolumesPerNode, accessibleTopology }: DriverNodeInfo,
): CSINodeDriver {
  const topologyKeys = Object.keys(accessibleTopology?.segments ?? {}).toSorted()
  return {
    name,
    nodeID: nodeId,
    // None is told by a list without any, as upstream does.
    topologyKeys,
    ...(maxVolumesPerNode > 0 ? { allocatable: { count: maxVolumesPerNode } } : {}),
  }
}

/** The drivers with one that is new or has changed, or without it; undefined when that is what they are. */
export function changedDrivers(
  drivers: readonly CSINodeDriver[],
  name: string,
  entry: CSINodeDriver | undefined,
): CSINodeDriver[] | undefined {
  const known = drivers.find((driver) => driver.name === name)
  if (JSON.stringify(known && normal(known)) === JSON.stringify(entry && normal(entry))) return undefined
  return [...drivers.filter((driver) => driver.name !== name), ...(entry ? [entry] : [])]
}

const normal = ({ name, nodeID, topologyKeys = [], allocatable }: CSINodeDriver): unknown[] => [
  name,
  nodeID,
  topologyKeys,
  allocatable?.count,
]

/** The annotation with the driver's name for the node, or without; undefined when nothing is left or was there. Throws for what is no JSON. */
export function changedNodeIds(
  annotation: string | undefined,
  name: string,
  nodeId: string | undefined,
): string | undefined {
  const ids = annotation ? (JSON.parse(annotation) as Record<string, string>) : {}
  const { [name]: _, ...others } = ids
  const all = nodeId === undefined ? others : { ...others, [name]: nodeId }
  const sorted = Object.entries(all).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return sorted.length > 0 ? JSON.stringify(Object.fromEntries(sorted)) : undefined
}

/** A topology that contradicts the node's own labels: the driver says what its words are. */
export function topologyConflict(
  labels: Readonly<Record<string, string>>,
  segments: Readonly<Record<string, string>>,
): string | undefined {
  const key = Object.keys(segments).find((one) => labels[one] !== undefined && labels[one] !== segments[one])
  if (key === undefined) return undefined
  return `detected topology value collision: driver reported ${JSON.stringify(key)}:${JSON.stringify(segments[key])} but existing label is ${JSON.stringify(key)}:${JSON.stringify(labels[key])}`
}

/** The CSINode of a node without drivers; it goes with the node. */
export const emptyCsiNode = (name: string, uid: string) => ({
  apiVersion: 'storage.k8s.io/v1',
  kind: 'CSINode',
  metadata: { name, ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name, uid }] },
  spec: { drivers: [] as CSINode['spec']['drivers'] },
})
