import type { PersistentVolume, PersistentVolumeClaim } from '#types/core/v1'
import { accessModesCell, age, ageColumn, nameColumn, text, UNSET, wideText } from '../cells.ts'
import { defaultAzureDisk, defaultClaimSpec } from '../defaults/pod.ts'
import { defineKind } from '../define.ts'

const LEGACY_CLASS = 'volume.beta.kubernetes.io/storage-class'

export const persistentVolume = defineKind<PersistentVolume>({
  group: '',
  kind: 'PersistentVolume',
  plural: 'persistentvolumes',
  shortNames: ['pv'],
  cluster: true,
  status: true,
  defaults: ({ spec }) => {
    if (!spec) return
    spec.persistentVolumeReclaimPolicy ||= 'Retain'
    spec.volumeMode ??= 'Filesystem'
    if (spec.azureDisk) defaultAzureDisk(spec.azureDisk)
    if (spec.hostPath) Object.assign(spec.hostPath, { type: spec.hostPath.type ?? '' })
  },
  columns: [
    nameColumn,
    text('Capacity'),
    text('Access Modes'),
    text('Reclaim Policy'),
    text('Status'),
    text('Claim'),
    text('StorageClass'),
    text('VolumeAttributesClass'),
    text('Reason'),
    ageColumn,
    wideText('VolumeMode'),
  ],
  row: (o, now) => {
    const claim = o.spec.claimRef
    return [
      o.metadata.name,
      o.spec.capacity?.storage ?? '',
      accessModesCell(o.spec.accessModes),
      o.spec.persistentVolumeReclaimPolicy ?? '',
      o.metadata.deletionTimestamp ? 'Terminating' : (o.status?.phase ?? ''),
      claim ? `${claim.namespace}/${claim.name}` : '',
      o.metadata.annotations?.[LEGACY_CLASS] ?? o.spec.storageClassName ?? '',
      o.spec.volumeAttributesClassName ?? UNSET,
      o.status?.reason ?? '',
      age(o, now),
      o.spec.volumeMode ?? UNSET,
    ]
  },
})

export const persistentVolumeClaim = defineKind<PersistentVolumeClaim>({
  group: '',
  kind: 'PersistentVolumeClaim',
  plural: 'persistentvolumeclaims',
  shortNames: ['pvc'],
  status: true,
  defaults: ({ spec }) => {
    if (spec) defaultClaimSpec(spec)
  },
  columns: [
    nameColumn,
    text('Status'),
    text('Volume'),
    text('Capacity'),
    text('Access Modes'),
    text('StorageClass'),
    text('VolumeAttributesClass'),
    ageColumn,
    wideText('VolumeMode'),
  ],
  row: (o, now) => {
    const bound = Boolean(o.spec.volumeName)
    return [
      o.metadata.name,
      o.metadata.deletionTimestamp ? 'Terminating' : (o.status?.phase ?? ''),
      o.spec.volumeName ?? '',
      // A claim that names its volume before it is bound has no capacity yet.
      bound ? (o.status?.capacity?.storage ?? '0') : '',
      bound ? accessModesCell(o.status?.accessModes) : '',
      o.metadata.annotations?.[LEGACY_CLASS] ?? o.spec.storageClassName ?? '',
      o.spec.volumeAttributesClassName ?? UNSET,
      age(o, now),
      o.spec.volumeMode ?? UNSET,
    ]
  },
})
