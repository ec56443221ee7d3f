import type { Pod, Volume } from '#types/core/v1'
import { allContainers } from './pod-containers.ts'

/**
 * The volumes that some container of the pod mounts, sees as a device or reads its environment from. One that none uses is not set
 * up: the pod runs whether it could be or not, as upstream's kubelet has it.
 */
export function usedVolumes(pod: Pod): Volume[] {
  const used = new Set(
    allContainers(pod).flatMap(({ volumeMounts, volumeDevices, env }) => [
      ...(volumeMounts ?? []).map(({ name }) => name),
      ...(volumeDevices ?? []).map(({ name }) => name),
      ...(env ?? []).flatMap(({ valueFrom }) => valueFrom?.fileKeyRef?.volumeName ?? []),
    ]),
  )
  return (pod.spec.volumes ?? []).filter(({ name }) => used.has(name))
}
