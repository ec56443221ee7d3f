import type { PodDisruptionBudget } from '#types/policy/v1'
import type { PodDisruptionBudget as OldBudget } from '#types/policy/v1beta1'
import { age, ageColumn, integer, nameColumn, text } from '../cells.ts'
import { defineKind, otherVersion } from '../define.ts'
import { deprecated } from '../deprecation.ts'
import { budgetFromV1beta1, budgetToV1beta1 } from './empty-selector.ts'

export const podDisruptionBudget = defineKind<PodDisruptionBudget>({
  group: 'policy',
  kind: 'PodDisruptionBudget',
  plural: 'poddisruptionbudgets',
  shortNames: ['pdb'],
  status: true,
  hasGeneration: true,
  others: [
    otherVersion<OldBudget, PodDisruptionBudget>({
      group: 'policy',
      version: 'v1beta1',
      deprecated: deprecated('1.21', '1.25', 'policy/v1 PodDisruptionBudget'),
      toStorage: budgetFromV1beta1,
      fromStorage: budgetToV1beta1,
    }),
  ],
  columns: [nameColumn, text('Min Available'), text('Max Unavailable'), integer('Allowed Disruptions'), ageColumn],
  row: (o, now) => [
    o.metadata.name,
    String(o.spec?.minAvailable ?? 'N/A'),
    String(o.spec?.maxUnavailable ?? 'N/A'),
    o.status?.disruptionsAllowed ?? 0,
    age(o, now),
  ],
})
