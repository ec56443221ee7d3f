import type { Pod } from '#types/core/v1'
import { allContainers } from '../plan/pod-containers.ts'

/** Whether a volume is a file system or a device (kubernetes.io, "Persistent Volumes: Volume Mode"). */
export type VolumeMode = 'Filesystem' | 'Block'

/**
 * A volume without a file system can only be a container's device, any other only be mounted (kubernetes.io, "Persistent Volumes: Volume
 * Mode"). Throws in upstream's words when a pod has it otherwise; `name` is the volume's in the pod.
 */
export function checkVolumeMode(pod: Pod, name: string, mode: VolumeMode): void {
  const uses = (of: 'volumeMounts' | 'volumeDevices'): boolean =>
    allContainers(pod).some((container) => container[of]?.some((one) => one.name === name))
  const wrong = mode === 'Block' ? 'volumeMounts' : 'volumeDevices'
  if (uses(wrong)) throw new Error(`volume ${name} has volumeMode ${mode}, but is specified in ${wrong}`)
}
