import type { Pod, Volume } from '#types/core/v1'
import { refs } from '../../../src-kube/client/refs.ts'
import type { Client } from '../../../src-kube/client/typed-client.ts'
import { sharedProvisioner } from '../../../src-wire/node/shared-volumes.ts'
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

export interface BoundVolume {
  /** A directory, or a device of a volume without a file system. */
  path: string
  mode: VolumeMode
}

/** The volume that the claim is bound to; a claim that is to be the pod's own must have been made for it. */
export async function setUpClaim(
  client: Client,
  pod: Pod,
  { name, claimName, ofPod }: ClaimedVolume,
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
  const { hostPath, local, claimRef } = volume.spec ?? {}
  if (claimRef?.uid && claimRef.uid !== claim.metadata.uid) {
    throw new Error(
      `PV.Spec.ClaimRef.UID ${claimRef.uid} does not match PVC.UID ${claim.metadata.uid} for PVC ${claim.metadata.namespace}/${claimName}`,
    )
  }
  const mode = volume.spec?.volumeMode === 'Block' ? 'Block' : 'Filesystem'
  checkVolumeMode(pod, name, mode)
  if (hostPath && volume.metadata.annotations?.[provisionedBy] === sharedProvisioner)
    return { path: await setUpShared(hostPath.path), mode }
  const path = hostPath?.path ?? local?.path
  if (path === undefined) throw new Error(`no volume plugin matched for persistent volume ${volumeName}`)
  const type = mode === 'Block' ? 'BlockDevice' : local ? 'Directory' : hostPath?.type
  return { path: await setUpHostPath(path, type), mode }
}
