import type { AggregationRule, PolicyRule, RoleRef, Subject as FullSubject } from '#types/rbac.authorization.k8s.io/v1'
import type { FieldError } from '../../../../src-kube/machinery/errors.ts'
import { fieldPath, type FieldPath } from '../../../../src-kube/machinery/field-path.ts'
import type { KubeObject } from '../../../../src-kube/machinery/meta.ts'
import { isDns1123Subdomain, isPathSegment } from '../../../../src-kube/machinery/names.ts'
import type { Strategy } from '../strategy.ts'
import { immutable, validateLabelSelector } from './checks.ts'

const GROUP = 'rbac.authorization.k8s.io'
type Subject = Partial<FullSubject>

/** kubernetes.io, "Using RBAC Authorization": rules are about resources or about paths, never both. */
export const roleStrategy: Strategy = {
  validateName: isPathSegment,
  validate(_context, object) {
    const rules = (object['rules'] ?? []) as Array<Partial<PolicyRule>>
    return [
      ...rules.flatMap((rule, i) => validateRule(rule, object.kind, fieldPath('rules').index(i))),
      ...validateAggregation(object['aggregationRule'] as AggregationRule | undefined),
    ]
  },
}

function validateRule(rule: Partial<PolicyRule>, kind: string, at: FieldPath): FieldError[] {
  const { verbs = [], nonResourceURLs: urls = [], apiGroups = [], resources = [], resourceNames = [] } = rule
  const errors = verbs.length > 0 ? [] : [at.child('verbs').required('verbs must contain at least one value')]
  if (urls.length > 0) {
    const where = at.child('nonResourceURLs')
    if (kind === 'Role') errors.push(where.invalid(urls, 'namespaced rules cannot apply to non-resource URLs'))
    if (apiGroups.length + resources.length + resourceNames.length > 0)
      errors.push(where.invalid(urls, 'rules cannot apply to both regular resources and non-resource URLs'))
    return errors
  }
  if (apiGroups.length === 0)
    errors.push(at.child('apiGroups').required('resource rules must supply at least one api group'))
  if (resources.length === 0)
    errors.push(at.child('resources').required('resource rules must supply at least one resource'))
  return errors
}

function validateAggregation(rule: AggregationRule | undefined): FieldError[] {
  if (!rule) return []
  const at = fieldPath('aggregationRule', 'clusterRoleSelectors')
  const selectors = rule.clusterRoleSelectors ?? []
  if (selectors.length === 0)
    return [at.required('at least one clusterRoleSelector required if aggregationRule is non-nil')]
  return selectors.flatMap((selector, i) => {
    const errors = validateLabelSelector(selector, at.index(i))
    return errors.length === 0 ? [] : [...errors, at.index(i).invalid(selector, 'invalid label selector.')]
  })
}

/** Whom a role is given; the role itself never changes. */
export const bindingStrategy: Strategy = {
  validateName: isPathSegment,
  validate(_context, object) {
    const { kind, name, apiGroup } = (object['roleRef'] ?? {}) as Partial<RoleRef>
    const path = fieldPath('roleRef')
    const kinds = object.kind === 'RoleBinding' ? ['Role', 'ClusterRole'] : ['ClusterRole']
    const errors = kinds.includes(kind ?? '') ? [] : [path.child('kind').notSupported(kind ?? '', kinds)]
    if (apiGroup !== GROUP) errors.unshift(path.child('apiGroup').notSupported(apiGroup ?? '', [GROUP]))
    if (!name) errors.push(path.child('name').required())
    else errors.push(...isPathSegment(name).map((w) => path.child('name').invalid(name, w)))
    return [...errors, ...validateSubjects(object)]
  },
  validateUpdate(_context, object, old) {
    const changed = immutable(object['roleRef'], old['roleRef'], fieldPath('roleRef'))
    return changed.length > 0 ? [fieldPath('roleRef').invalid(object['roleRef'], 'cannot change roleRef')] : []
  },
}

function validateSubjects(object: KubeObject): FieldError[] {
  const subjects = (object['subjects'] ?? []) as Subject[]
  const kinds = ['ServiceAccount', 'User', 'Group']
  return subjects.flatMap(({ kind = '', name, namespace, apiGroup = '' }, i) => {
    const at = fieldPath('subjects').index(i)
    const errors = name ? [] : [at.child('name').required()]
    if (!kinds.includes(kind)) errors.push(at.child('kind').notSupported(kind, kinds))
    else {
      // Service accounts are of the core group, users and groups of RBAC's.
      const group = kind === 'ServiceAccount' ? '' : GROUP
      if (apiGroup !== group) errors.push(at.child('apiGroup').notSupported(apiGroup, [group]))
    }
    if (kind !== 'ServiceAccount') return errors
    if (name) errors.push(...isDns1123Subdomain(name).map((w) => at.child('name').invalid(name, w)))
    if (!namespace && object.kind === 'ClusterRoleBinding') errors.push(at.child('namespace').required())
    return errors
  })
}
