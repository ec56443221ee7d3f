import type { ConfigMap, Secret, ServiceAccount } from '#types/core/v1'
import { age, ageColumn, nameColumn, text } from '../cells.ts'
import { defineKind } from '../define.ts'
import { foldStringData } from './string-data.ts'

export const configMap = defineKind<ConfigMap>({
  group: '',
  kind: 'ConfigMap',
  plural: 'configmaps',
  shortNames: ['cm'],
  columns: [nameColumn, text('Data'), ageColumn],
  row: (o, now) => [o.metadata.name, size(o.data) + size(o.binaryData), age(o, now)],
})

export const secret = defineKind<Secret>({
  group: '',
  kind: 'Secret',
  plural: 'secrets',
  defaults: (object) => {
    foldStringData(object)
    object.type ||= 'Opaque'
  },
  columns: [nameColumn, text('Type'), text('Data'), ageColumn],
  row: (o, now) => [o.metadata.name, o.type ?? '', size(o.data), age(o, now)],
  selectableFields: { type: (o) => o.type ?? '' },
})

export const serviceAccount = defineKind<ServiceAccount>({
  group: '',
  kind: 'ServiceAccount',
  plural: 'serviceaccounts',
  shortNames: ['sa'],
  subresources: [
    { name: 'token', kind: 'TokenRequest', group: 'authentication.k8s.io', version: 'v1', verbs: ['create'] },
  ],
  columns: [nameColumn, text('Secrets'), ageColumn],
  row: (o, now) => [o.metadata.name, o.secrets?.length ?? 0, age(o, now)],
})

function size(map: Record<string, string> | undefined): number {
  return Object.keys(map ?? {}).length
}
