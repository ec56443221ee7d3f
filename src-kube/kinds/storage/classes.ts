import type { CSIDriver, CSINode, StorageClass } from '#types/storage.k8s.io/v1'
import { age, ageColumn, integer, nameColumn, text, UNSET } from '../cells.ts'
import { defineKind, otherVersion } from '../define.ts'
import { oldStorage, STORAGE_GROUP } from './versions.ts'

export const storageClass = defineKind<StorageClass>({
  group: STORAGE_GROUP,
  kind: 'StorageClass',
  plural: 'storageclasses',
  shortNames: ['sc'],
  cluster: true,
  defaults: defaultClass,
  others: [otherVersion<StorageClass, StorageClass>({ ...oldStorage('StorageClass', '1.19'), defaults: defaultClass })],
  columns: [
    nameColumn,
    text('Provisioner'),
    text('ReclaimPolicy'),
    text('VolumeBindingMode'),
    text('AllowVolumeExpansion'),
    ageColumn,
  ],
  row: (o, now) => [
    isDefault(o) ? `${o.metadata.name} (default)` : o.metadata.name,
    o.provisioner,
    o.reclaimPolicy ?? 'Delete',
    o.volumeBindingMode ?? UNSET,
    String(o.allowVolumeExpansion ?? false),
    age(o, now),
  ],
})

function defaultClass(object: StorageClass): void {
  object.reclaimPolicy ??= 'Delete'
  object.volumeBindingMode ??= 'Immediate'
}

function isDefault({ metadata }: StorageClass): boolean {
  return (
    metadata.annotations?.['storageclass.kubernetes.io/is-default-class'] === 'true' ||
    metadata.annotations?.['storageclass.beta.kubernetes.io/is-default-class'] === 'true'
  )
}

export const csiDriver = defineKind<CSIDriver>({
  group: STORAGE_GROUP,
  kind: 'CSIDriver',
  plural: 'csidrivers',
  cluster: true,
  defaults: defaultDriver,
  others: [otherVersion<CSIDriver, CSIDriver>({ ...oldStorage('CSIDriver', '1.19'), defaults: defaultDriver })],
  columns: [
    nameColumn,
    { name: 'AttachRequired', type: 'boolean' },
    { name: 'PodInfoOnMount', type: 'boolean' },
    { name: 'StorageCapacity', type: 'boolean' },
    text('TokenRequests'),
    { name: 'RequiresRepublish', type: 'boolean' },
    text('Modes'),
    ageColumn,
  ],
  row: (o, now) => [
    o.metadata.name,
    o.spec.attachRequired ?? true,
    o.spec.podInfoOnMount ?? false,
    o.spec.storageCapacity ?? false,
    (o.spec.tokenRequests ?? []).map((t) => t.audience).join(',') || UNSET,
    o.spec.requiresRepublish ?? false,
    (o.spec.volumeLifecycleModes ?? []).join(',') || '<none>',
    age(o, now),
  ],
})

function defaultDriver({ spec }: CSIDriver): void {
  if (!spec) return
  spec.attachRequired ??= true
  spec.podInfoOnMount ??= false
  spec.storageCapacity ??= false
  spec.fsGroupPolicy ??= 'ReadWriteOnceWithFSType'
  if (!spec.volumeLifecycleModes || spec.volumeLifecycleModes.length === 0) spec.volumeLifecycleModes = ['Persistent']
  spec.requiresRepublish ??= false
  spec.seLinuxMount ??= false
}

export const csiNode = defineKind<CSINode>({
  group: STORAGE_GROUP,
  kind: 'CSINode',
  plural: 'csinodes',
  cluster: true,
  others: [oldStorage('CSINode', '1.17')],
  columns: [nameColumn, integer('Drivers'), ageColumn],
  row: (o, now) => [o.metadata.name, o.spec.drivers?.length ?? 0, age(o, now)],
})
