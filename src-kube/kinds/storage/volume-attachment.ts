import type { VolumeAttachment } from '#types/storage.k8s.io/v1'
import { age, ageColumn, nameColumn, text } from '../cells.ts'
import { defineKind } from '../define.ts'
import { oldStorage, STORAGE_GROUP } from './versions.ts'

export const volumeAttachment = defineKind<VolumeAttachment>({
  group: STORAGE_GROUP,
  kind: 'VolumeAttachment',
  plural: 'volumeattachments',
  cluster: true,
  status: true,
  others: [oldStorage('VolumeAttachment', '1.19')],
  columns: [
    nameColumn,
    { name: 'Attacher', type: 'string', format: 'name' },
    text('PV'),
    text('Node'),
    { name: 'Attached', type: 'boolean' },
    ageColumn,
  ],
  row: (o, now) => [
    o.metadata.name,
    o.spec.attacher,
    o.spec.source.persistentVolumeName ?? '',
    o.spec.nodeName,
    o.status?.attached ?? false,
    age(o, now),
  ],
})
