import type { PriorityClass } from '#types/scheduling.k8s.io/v1'
import { age, ageColumn, integer, nameColumn, text } from '../cells.ts'
import { defineKind, otherVersion } from '../define.ts'
import { deprecated } from '../deprecation.ts'

export const priorityClass = defineKind<PriorityClass>({
  group: 'scheduling.k8s.io',
  kind: 'PriorityClass',
  plural: 'priorityclasses',
  shortNames: ['pc'],
  cluster: true,
  hasGeneration: true,
  defaults,
  others: [
    otherVersion<PriorityClass, PriorityClass>({
      group: 'scheduling.k8s.io',
      version: 'v1beta1',
      deprecated: deprecated('1.14', '1.22', 'scheduling.k8s.io/v1 PriorityClass'),
      defaults,
    }),
  ],
  columns: [
    nameColumn,
    integer('Value'),
    { name: 'Global-Default', type: 'boolean' },
    ageColumn,
    text('PreemptionPolicy'),
  ],
  row: (o, now) => [
    o.metadata.name,
    o.value ?? 0,
    o.globalDefault ?? false,
    age(o, now),
    o.preemptionPolicy ?? 'PreemptLowerPriority',
  ],
})

function defaults(object: PriorityClass): void {
  object.value ??= 0
  object.preemptionPolicy ??= 'PreemptLowerPriority'
}
