import { stat } from 'node:fs/promises'
import type { NFSVolumeSource, PersistentVolume, Pod, Volume } from '#types/core/v1'
import { refs } from '../../../src-kube/client/refs.ts'
import type { Client } from '../../../src-kube/client/typed-client.ts'
import { SHARED_PROVISIONER } from '../../../src-wire/node/shared-volumes.ts'
import { matchesTerms } from '../plan/node-selector.ts'
import { setUpHostPath } from './host-path.ts'
import { setUpShared } from './shared.ts'
import { ClaimError, StepError, UnattachedError, VolumeError } from './volume-errors.ts'
import { checkVolumeMode, type VolumeMode } from './volume-mode.ts'

const PROVISIONED_BY = 'pv.kubernetes.io/provisioned-by'
const GROUP_NOTED = 'pv.beta.kubernetes.io/gid'

/** The claim that is made for a pod's own volume (kubernetes.io, "Ephemeral Volumes: PersistentVolumeClaim naming"). */
export const ephemeralClaimName = (pod: Pod, volume: Volume): string => `${pod.metadata.name}-${volume.name}`

/** A volume of the pod that is a claim's, and whether the claim was made for this pod alone. */
export interface ClaimedVolume {
  name: string
  claimName: string
  ofPod: boolean
  readOnly: boolean
}

/** Mounts for a pod what a server exports, at the place of the persistent volume of that name; answers where. */
export type MountNfs = (volume: string, source: NFSVolumeSource, options: readonly string[]) => Promise<string>

/** Has the volume's driver give it to the pod; answers where. */
export type MountCsi = (volume: PersistentVolume) => Promise<string>

/** What stands behind a claim, ready to be mounted into a container. */
export interface BoundVolume {
  /** Whether the directory may be given to the pod's group: the node's own and who exports one say themselves whose it is. */
  givable: boolean
  /** The group that may use it; of it the processes of every pod with the volume are. */
  group?: number | undefined
  /** A directory, or a device of a volume without a file system. */
  path: string
  mode: VolumeMode
}

/** What finding the volume of a claim takes. */
export interface ClaimSources {
  client: Client
  nodeName: string
  mountNfs: MountNfs
  mountCsi: MountCsi
}

/**
 * The persistent volume that the claim is bound to. Throws `ClaimError` when there is none that the pod may use, `VolumeError` when it cannot be
 * mounted, as on a node that is none of its own: a pod need not have been scheduled.
 */
export async function setUpClaim(
  { client, nodeName, ...mounting }: ClaimSources,
  pod: Pod,
  claimed: ClaimedVolume,
): Promise<BoundVolume> {
  const volume = await boundVolume(client, pod, claimed).catch((error: unknown) => {
    throw new ClaimError(claimed.name, error)
  })
  try {
    const terms = volume.spec.nodeAffinity?.required?.nodeSelectorTerms
    if (terms && !matchesTerms(terms, await client.resource(refs.nodes).get(nodeName)))
      throw new StepError('NodeAffinity check', 'no matching NodeSelectorTerms')
    return { ...(await mounted(volume, mounting)), group: groupOf(volume) }
  } catch (error) {
    if (error instanceof UnattachedError) throw error
    throw new VolumeError(volume.metadata.name, error)
  }
}

/** A claim that is to be the pod's own must have been made for it. */
async function boundVolume(
  client: Client,
  pod: Pod,
  { name, claimName, ofPod }: ClaimedVolume,
): Promise<PersistentVolume> {
  const { namespace } = pod.metadata
  const failed = (why: string): Error => new Error(`error processing PVC ${namespace}/${claimName}: ${why}`)
  const unread = (what: string) => (error: unknown) => {
    throw failed(`failed to fetch ${what} from API server: ${error instanceof Error ? error.message : String(error)}`)
  }
  const claim = await client.resource(refs.persistentVolumeClaims).get(claimName, namespace).catch(unread('PVC'))
  if (ofPod && !claim.metadata.ownerReferences?.some(({ uid, controller }) => controller && uid === pod.metadata.uid)) {
    throw new Error(
      `PVC ${namespace}/${claimName} was not created for pod ${namespace}/${pod.metadata.name} (pod is not owner)`,
    )
  }
  if (claim.status?.phase !== 'Bound') throw failed('PVC is not bound')
  const volumeName = claim.spec?.volumeName
  if (!volumeName) throw failed('PVC has empty pvc.Spec.VolumeName')
  const volume = await client
    .resource(refs.persistentVolumes)
    .get(volumeName)
    .catch(unread(`PV ${volumeName}`))
  const { claimRef, volumeMode } = volume.spec
  if (claimRef?.uid && claimRef.uid !== claim.metadata.uid) {
    throw failed(
      `found PV object ${volumeName} but its pv.Spec.ClaimRef.UID ${claimRef.uid} does not point to claim.UID ${claim.metadata.uid}`,
    )
  }
  checkVolumeMode(pod, name, volumeMode === 'Block' ? 'Block' : 'Filesystem')
  return volume
}

/** What the administrator noted (kubernetes.io, "Configure a Pod to Use a PersistentVolume for Storage: Access control"); what is no number says nothing. */
function groupOf({ metadata }: PersistentVolume): number | undefined {
  const noted = metadata.annotations?.[GROUP_NOTED]
  return noted !== undefined && /^\d+$/.test(noted) ? Number(noted) : undefined
}

async function mounted(
  volume: PersistentVolume,
  { mountNfs, mountCsi }: Pick<ClaimSources, 'mountNfs' | 'mountCsi'>,
): Promise<BoundVolume> {
  const { metadata, spec } = volume
  const { hostPath, local, nfs, csi, mountOptions = [] } = spec
  const mode = spec.volumeMode === 'Block' ? 'Block' : 'Filesystem'
  if (hostPath && metadata.annotations?.[PROVISIONED_BY] === SHARED_PROVISIONER)
    return { path: await setUpShared(hostPath.path), mode, givable: true }
  if (nfs) return { path: await mountNfs(metadata.name, nfs, mountOptions), mode, givable: false }
  // Whose the files are its driver's own object says.
  if (csi) return { path: await mountCsi(volume), mode, givable: false }
  const path = hostPath?.path ?? local?.path
  if (path === undefined) throw new Error(`no volume plugin matched for persistent volume ${metadata.name}`)
  if (local && !(await exists(path)))
    throw new StepError('NewMounter initialization', `path ${JSON.stringify(path)} does not exist`)
  const type = mode === 'Block' ? 'BlockDevice' : local ? 'Directory' : hostPath?.type
  return { path: await setUpHostPath(path, type), mode, givable: local !== undefined }
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  )
