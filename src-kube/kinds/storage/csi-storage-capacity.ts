import type { CSIStorageCapacity } from '#types/storage.k8s.io/v1'
import { nameColumn, text } from '../cells.ts'
import { defineKind } from '../define.ts'
import { STORAGE_GROUP } from './versions.ts'

/** kubernetes.io, "Storage Capacity". */
export const csiStorageCapacity = defineKind<CSIStorageCapacity>({
  group: STORAGE_GROUP,
  kind: 'CSIStorageCapacity',
  plural: 'csistoragecapacities',
  columns: [nameColumn, text('StorageClassName'), text('Capacity')],
  row: (o) => [o.metadata.name, o.storageClassName ?? '', o.capacity ?? '<unset>'],
})
