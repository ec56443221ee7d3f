import type { Pod, Volume } from '#types/core/v1'
import { podResources } from '../../../src-kube/kinds/quota/usage.ts'
import { bytesValue } from '../../../src-kube/machinery/quantity.ts'

/** Bytes that a pod has on the node's disk. */
export interface StorageUsed {
  /** By name, of the volumes that {@link scratchVolumes} names. */
  volumes: ReadonlyMap<string, number>
  /** By name: what a container has written into its own file system and to its log. */
  containers: ReadonlyMap<string, number>
}

const STORAGE = 'ephemeral-storage'

/** The volumes of a pod that are directories on the node's disk and go with it. */
export const scratchVolumes = ({ spec }: Pod): Volume[] =>
  (spec.volumes ?? []).filter(({ emptyDir }) => emptyDir && emptyDir.medium !== 'Memory')

/** Whether anything limits what the pod may put there. */
export function limitsStorage(pod: Pod): boolean {
  return (
    scratchVolumes(pod).some(({ emptyDir }) => emptyDir?.sizeLimit !== undefined) ||
    podResources(pod, 'limits')[STORAGE] !== undefined
  )
}

/**
 * Why a pod must go for what it has on the disk, in upstream's words (kubernetes.io, "Local ephemeral storage: Ephemeral storage consumption
 * management"); undefined while it keeps to its limits. Pure.
 */
export function storageExcess(pod: Pod, { volumes, containers }: StorageUsed): string | undefined {
  for (const { name, emptyDir } of scratchVolumes(pod)) {
    const limit = emptyDir?.sizeLimit
    if (limit !== undefined && (volumes.get(name) ?? 0) > bytesValue(limit))
      return `Usage of EmptyDir volume "${name}" exceeds the limit "${limit}". `
  }
  const total = podResources(pod, 'limits')[STORAGE]
  const all = [...volumes.values(), ...containers.values()].reduce((sum, bytes) => sum + bytes, 0)
  if (total !== undefined && all > bytesValue(total))
    return `Pod ephemeral local storage usage exceeds the total limit of containers ${total}. `
  for (const { name, resources } of [...pod.spec.containers, ...(pod.spec.initContainers ?? [])]) {
    const limit = resources?.limits?.[STORAGE]
    if (limit !== undefined && (containers.get(name) ?? 0) > bytesValue(limit))
      return `Container ${name} exceeded its local ephemeral storage limit "${limit}". `
  }
  return undefined
}
