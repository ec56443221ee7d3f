import type { VolumeAttributesClass } from '#types/storage.k8s.io/v1'
import { age, ageColumn, nameColumn, text } from '../cells.ts'
import { defineKind } from '../define.ts'
import { STORAGE_GROUP } from './versions.ts'

/** kubernetes.io, "Volume Attributes Classes". */
export const volumeAttributesClass = defineKind<VolumeAttributesClass>({
  group: STORAGE_GROUP,
  kind: 'VolumeAttributesClass',
  plural: 'volumeattributesclasses',
  shortNames: ['vac'],
  cluster: true,
  columns: [nameColumn, text('DriverName'), ageColumn],
  row: (o, now) => [o.metadata.name, o.driverName ?? '', age(o, now)],
})
