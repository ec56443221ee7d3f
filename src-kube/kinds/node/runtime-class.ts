import type { RuntimeClass } from '#types/node.k8s.io/v1'
import { age, ageColumn, nameColumn, text } from '../cells.ts'
import { defineKind } from '../define.ts'
import { deprecated } from '../deprecation.ts'

export const runtimeClass = defineKind<RuntimeClass>({
  group: 'node.k8s.io',
  kind: 'RuntimeClass',
  plural: 'runtimeclasses',
  cluster: true,
  others: [{ group: 'node.k8s.io', version: 'v1beta1', deprecated: deprecated('1.22', '1.25') }],
  columns: [nameColumn, text('Handler'), ageColumn],
  row: (o, now) => [o.metadata.name, o.handler, age(o, now)],
})
