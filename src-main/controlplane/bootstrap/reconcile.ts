import type { PolicyRule, Subject } from '#types/rbac.authorization.k8s.io/v1'
import type { KubeObject } from '../../../src-kube/machinery/meta.ts'

const AUTOUPDATE = 'rbac.authorization.kubernetes.io/autoupdate'

/**
 * What a default role or binding lacks of what it should have: a merge patch, or undefined. What was added to it stays, and who
 * sets the annotation to `false` keeps it as it is (kubernetes.io, "Using RBAC Authorization: Auto-reconciliation").
 */
export function missingOf(wanted: object, present: KubeObject): Record<string, unknown> | undefined {
  if (present.metadata.annotations?.[AUTOUPDATE] === 'false') return undefined
  const want = wanted as { rules?: PolicyRule[]; subjects?: Subject[]; aggregationRule?: object }
  const rules = (present['rules'] ?? []) as PolicyRule[]
  const subjects = (present['subjects'] ?? []) as Subject[]
  const lackingRules = want.aggregationRule
    ? []
    : (want.rules ?? []).filter((rule) => !rules.some((one) => holds(one, rule)))
  const lackingSubjects = (want.subjects ?? []).filter((subject) => !subjects.some((one) => isSame(one, subject)))
  if (lackingRules.length === 0 && lackingSubjects.length === 0) return undefined
  return {
    ...(lackingRules.length > 0 ? { rules: [...rules, ...lackingRules] } : {}),
    ...(lackingSubjects.length > 0 ? { subjects: [...subjects, ...lackingSubjects] } : {}),
  }
}

const fields = ['verbs', 'apiGroups', 'resources', 'nonResourceURLs'] as const

/** Whether a rule grants at least what another does, field by field. */
function holds(one: PolicyRule, wanted: PolicyRule): boolean {
  if (one.resourceNames?.length && !wanted.resourceNames?.length) return false
  const names = wanted.resourceNames ?? []
  if (one.resourceNames?.length && !names.every((name) => one.resourceNames!.includes(name))) return false
  return fields.every((field) => (wanted[field] ?? []).every((value) => one[field]?.includes(value) ?? false))
}

const isSame = (a: Subject, b: Subject): boolean =>
  a.kind === b.kind && a.name === b.name && (a.namespace ?? '') === (b.namespace ?? '')
