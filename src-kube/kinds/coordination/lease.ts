import type { Lease } from '#types/coordination.k8s.io/v1'
import { age, ageColumn, nameColumn, text } from '../cells.ts'
import { defineKind } from '../define.ts'
import { deprecated } from '../deprecation.ts'

export const lease = defineKind<Lease>({
  group: 'coordination.k8s.io',
  kind: 'Lease',
  plural: 'leases',
  others: [
    {
      group: 'coordination.k8s.io',
      version: 'v1beta1',
      deprecated: deprecated('1.19', '1.22', 'coordination.k8s.io/v1 Lease'),
    },
  ],
  columns: [nameColumn, text('Holder'), ageColumn],
  row: (o, now) => [o.metadata.name, o.spec?.holderIdentity ?? '', age(o, now)],
})
