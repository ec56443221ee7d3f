import type { NFSVolumeSource, Pod, Volume } from '#types/core/v1'
import { refs } from '../../../src-kube/client/refs.ts'
import type { Client } from '../../../src-kube/client/typed-client.ts'
import { sharedProvisioner } from '../../../src-wire/node/shared-volumes.ts'
import { noCsiDriver } from './csi.ts'
import { setUpHostPath } from './host-path.ts'
import { setUpShared } from './shared.ts'
import { checkVolumeMode, type VolumeMode } from './volume-mode.ts'

const provisionedBy = 'pv.kubernetes.io/provisioned-by'

/** The claim that is made for a pod's own volume (kubernetes.io, "Ephemeral Volumes: PersistentVolumeClaim naming"). */
export const ephemeralClaimName = (pod: Pod, volume: Volume): string => `${pod.metadata.name}-${volume.name}`

/** A volume of the pod that is a claim's, and whether the claim was made for this pod alone. */
export interface ClaimedVolume {
  name: string
  claimName: string
  ofPod: boolean
}

/** Mounts for a pod what a server exports, at the place of the persistent volume of that name; answers where. */
export type MountNfs = (volume: string, source: NFSVolumeSource, options: readonly string[]) => Promise<string>

export interface BoundVolume {
  /** Whether the directory may be given to the pod's group: who exports one says himself whose it is. */
  givable: boolean
  /** A directory, or a device of a volume without a file system. */
  path: string
  mode: VolumeMode
}

/** The volume that the claim is bound to; a claim that is to be the pod's own must have been made for it. */
export async function setUpClaim(
  client: Client,
  pod: Pod,
  { name, claimName, ofPod }: ClaimedVolume,
  mountNfs: MountNfs,
): Promise<BoundVolume> {
  const claim = await client.resource(refs.persistentVolumeClaims).get(claimName, pod.metadata.namespace)
  if (ofPod && !claim.metadata.ownerReferences?.some(({ uid, controller }) => controller && uid === pod.metadata.uid)) {
    throw new Error(
      `PVC ${claim.metadata.namespace}/${claimName} was not created for pod ${pod.metadata.namespace}/${pod.metadata.name} (pod is not owner)`,
    )
  }
  const volumeName = claim.spec?.volumeName
  if (!volumeName || claim.status?.phase !== 'Bound') {
    throw new Error(`PVC ${claim.metadata.namespace}/${claimName} is not bound`)
  }
  const volume = await client.resource(refs.persistentVolumes).get(volumeName)
  const { hostPath, local, nfs, csi, claimRef, mountOptions = [] } = volume.spec ?? {}
  if (claimRef?.uid && claimRef.uid !== claim.metadata.uid) {
    throw new Error(
      `PV.Spec.ClaimRef.UID ${claimRef.uid} does not match PVC.UID ${claim.metadata.uid} for PVC ${claim.metadata.namespace}/${claimName}`,
    )
  }
  const mode = volume.spec?.volumeMode === 'Block' ? 'Block' : 'Filesystem'
  checkVolumeMode(pod, name, mode)
  if (hostPath && volume.metadata.annotations?.[provisionedBy] === sharedProvisioner)
    return { path: await setUpShared(hostPath.path), mode, givable: true }
  if (nfs) return { path: await mountNfs(volumeName, nfs, mountOptions), mode, givable: false }
  if (csi) throw noCsiDriver(csi.driver)
  const path = hostPath?.path ?? local?.path
  if (path === undefined) throw new Error(`no volume plugin matched for persistent volume ${volumeName}`)
  const type = mode === 'Block' ? 'BlockDevice' : local ? 'Directory' : hostPath?.type
  return { path: await setUpHostPath(path, type), mode, givable: true }
}
