import type { Namespace } from '#types/core/v1'
import { age, ageColumn, nameColumn, text } from '../cells.ts'
import { defineKind } from '../define.ts'

export const namespace = defineKind<Namespace>({
  group: '',
  kind: 'Namespace',
  plural: 'namespaces',
  shortNames: ['ns'],
  cluster: true,
  status: true,
  verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
  subresources: [{ name: 'finalize', kind: 'Namespace', verbs: ['update'] }],
  defaultsMetadata: true,
  // A namespace carries its own name as a label, so that selectors can name it (KEP-2161).
  defaults: (object) => {
    if (!object.metadata.name) return
    object.metadata.labels = { ...object.metadata.labels, 'kubernetes.io/metadata.name': object.metadata.name }
  },
  columns: [nameColumn, text('Status'), ageColumn],
  row: (o, now) => [o.metadata.name, o.status?.phase ?? '', age(o, now)],
  selectableFields: { 'status.phase': (o) => o.status?.phase ?? '' },
})
