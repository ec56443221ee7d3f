import { createHash } from 'node:crypto'
import type { PersistentVolume, Pod, SecretReference, Volume } from '#types/core/v1'
import type { CSIDriverSpec } from '#types/storage.k8s.io/v1'
import { type Capability, nodeCan } from '../api.ts'

/** A volume of a CSI driver, from a persistent volume or written in the pod itself. */
export interface CsiVolume {
  /** The persistent volume's name, or the volume's in the pod. */
  name: string
  driver: string
  /** By which the driver knows it. */
  handle: string
  lifecycle: 'Persistent' | 'Ephemeral'
  mode: 'Filesystem' | 'Block'
  readOnly: boolean
  fsType: string
  accessModes: readonly string[]
  mountOptions: readonly string[]
  attributes: Readonly<Record<string, string>>
  secrets: {
    stage?: SecretReference | undefined
    publish?: SecretReference | undefined
    expand?: SecretReference | undefined
  }
  /** What the persistent volume can hold, a quantity; undefined for a pod's own. */
  capacity?: string | undefined
  /** The claim that is bound to it. */
  claim?: { namespace: string; name: string } | undefined
}

/** The volume behind a claim; `readOnly` says that the pod claims it so. Undefined when it is no CSI driver's. */
export function persistentCsiVolume(
  { metadata, spec }: PersistentVolume,
  { readOnly }: { readOnly: boolean },
): CsiVolume | undefined {
  const { csi, claimRef } = spec
  if (!csi) return undefined
  return {
    name: metadata.name,
    driver: csi.driver,
    handle: csi.volumeHandle,
    lifecycle: 'Persistent',
    mode: spec.volumeMode === 'Block' ? 'Block' : 'Filesystem',
    readOnly,
    fsType: csi.fsType ?? '',
    accessModes: spec.accessModes ?? [],
    mountOptions: spec.mountOptions ?? [],
    attributes: csi.volumeAttributes ?? {},
    secrets: { stage: csi.nodeStageSecretRef, publish: csi.nodePublishSecretRef, expand: csi.nodeExpandSecretRef },
    capacity: spec.capacity?.['storage'] as string | undefined,
    claim: claimRef?.name && claimRef.namespace ? { name: claimRef.name, namespace: claimRef.namespace } : undefined,
  }
}

/** A volume that is written in the pod itself, and lives as long (kubernetes.io, "Ephemeral Volumes: CSI ephemeral volumes"). */
export function inlineCsiVolume({ metadata }: Pod, { name, csi }: Volume): CsiVolume | undefined {
  if (!csi) return undefined
  const { driver, readOnly = false, fsType = '', volumeAttributes = {}, nodePublishSecretRef } = csi
  const secret = nodePublishSecretRef?.name
  return {
    name,
    driver,
    handle: `csi-${sha256(`${metadata.uid}${name}`)}`,
    lifecycle: 'Ephemeral',
    mode: 'Filesystem',
    readOnly,
    fsType,
    accessModes: ['ReadWriteOnce'],
    mountOptions: [],
    attributes: volumeAttributes,
    secrets: secret ? { publish: { name: secret, namespace: metadata.namespace } } : {},
  }
}

/** SHA-256 in hexadecimal digits, of which names of CSI are made. */
export const sha256 = (words: string): string => createHash('sha256').update(words).digest('hex')

/** The VolumeAttachment that has a volume attached to a node. */
export const attachmentName = ({ handle, driver }: Pick<CsiVolume, 'handle' | 'driver'>, node: string): string =>
  `csi-${sha256(`${handle}${driver}${node}`)}`

/** Why a driver has no volumes of that life, in upstream's words; undefined when it has. Without its CSIDriver object it has persistent ones alone. */
export function lifecycleProblem(
  { driver, lifecycle }: CsiVolume,
  object: { spec: CSIDriverSpec } | undefined,
): string | undefined {
  const modes = object ? (object.spec.volumeLifecycleModes ?? ['Persistent']) : undefined
  if (modes ? modes.includes(lifecycle) : lifecycle === 'Persistent') return undefined
  const why = modes ? `only supports [${modes.map((mode) => JSON.stringify(mode)).join(' ')}]` : 'no CSIDriver object'
  return `volume mode ${JSON.stringify(lifecycle)} not supported by driver ${driver} (${why})`
}

const csiModes: Record<string, number> = { ReadWriteOnce: 1, ReadOnlyMany: 3, ReadWriteMany: 5, ReadWriteOncePod: 1 }
/** For drivers that tell one pod from several on a node. */
const exact: Record<string, number> = { ...csiModes, ReadWriteOnce: 7, ReadWriteOncePod: 6 }

/** How the driver is told that the volume is used; its first access mode counts. `group` is of drivers that give volumes to groups themselves. */
export function capabilityOf(
  { mode, fsType, mountOptions, accessModes }: CsiVolume,
  can: ReadonlySet<number>,
  group?: number,
): Capability {
  const modes = can.has(nodeCan.singleNodeMultiWriter) ? exact : csiModes
  const accessMode = { mode: modes[accessModes[0] ?? 'ReadWriteOnce'] ?? 0 }
  if (mode === 'Block') return { block: {}, accessMode }
  const volumeMountGroup = group !== undefined && can.has(nodeCan.mountGroup) ? String(group) : ''
  return { mount: { fsType, mountFlags: [...mountOptions], volumeMountGroup }, accessMode }
}

/** Whether the kubelet gives the volume's files to the pod's group (kubernetes.io, "CSIDriver: fsGroupPolicy"). */
export function givesToGroup(volume: CsiVolume, object: { spec: CSIDriverSpec } | undefined): boolean {
  const policy = object?.spec.fsGroupPolicy ?? 'ReadWriteOnceWithFSType'
  if (policy === 'None' || volume.readOnly || volume.mode === 'Block') return false
  if (policy === 'File') return true
  return volume.fsType !== '' && volume.accessModes.some((mode) => mode.startsWith('ReadWriteOnce'))
}

/** What a driver is told of the pod when its CSIDriver asks for that (kubernetes.io, "CSIDriver: podInfoOnMount"). */
export function podInfo(
  { metadata, spec }: Pod,
  { lifecycle }: CsiVolume,
  object: { spec: CSIDriverSpec } | undefined,
): Record<string, string> {
  if (!object?.spec.podInfoOnMount) return {}
  return {
    'csi.storage.k8s.io/pod.name': metadata.name,
    'csi.storage.k8s.io/pod.namespace': metadata.namespace ?? '',
    'csi.storage.k8s.io/pod.uid': metadata.uid,
    'csi.storage.k8s.io/serviceAccount.name': spec.serviceAccountName ?? 'default',
    'csi.storage.k8s.io/ephemeral': String(lifecycle === 'Ephemeral'),
  }
}
