import type { AggregationRule, RoleRef, Subject as FullSubject } from '#types/rbac.authorization.k8s.io/v1'
import type { FieldError } from '../../../../src-kube/machinery/errors.ts'
import { fieldPath } from '../../../../src-kube/machinery/field-path.ts'
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
    const rules = (object['rules'] ?? []) as Array<Record<string, string[] | undefined>>
    const aggregation = validateAggregation(object['aggregationRule'] as AggregationRule | undefined)
    const errors = rules.flatMap((rule, i) => {
      const at = fieldPath('rules').index(i)
      const errors: FieldError[] = []
      if (!rule['verbs']?.length) errors.push(at.child('verbs').required('verbs must contain at least one value'))
      const urls = rule['nonResourceURLs'] ?? []
      if (urls.length > 0) {
        const where = at.child('nonResourceURLs')
        if (object.kind === 'Role')
          errors.push(where.invalid(urls, 'namespaced rules cannot apply to non-resource URLs'))
        if (rule['apiGroups']?.length || rule['resources']?.length || rule['resourceNames']?.length)
          errors.push(where.invalid(urls, 'rules cannot apply to both regular resources and non-resource URLs'))
        return errors
      }
      if (!rule['apiGroups']?.length)
        errors.push(at.child('apiGroups').required('resource rules must supply at least one api group'))
      if (!rule['resources']?.length)
        errors.push(at.child('resources').required('resource rules must supply at least one resource'))
      return errors
    })
    return [...errors, ...aggregation]
  },
}

function validateAggregation(rule: AggregationRule | undefined): FieldError[] {
  if (!rule) return []
  const at = fieldPath('aggregationRule', 'clusterRoleSelectors')
  const selectors = rule.clusterRoleSelectors ?? []
  if (selectors.length === 0)
    return [at.required('at least one clusterRoleSelector required if aggregationRule is non-nil')]
  return selectors.flatMap((selector, i) => validateLabelSelector(selector, at.index(i)))
}

/** Whom a role is given; the role itself never changes. */
export const bindingStrategy: Strategy = {
  validateName: isPathSegment,
  validate(_context, object) {
    const { kind, name, apiGroup } = (object['roleRef'] ?? {}) as Partial<RoleRef>
    const path = fieldPath('roleRef')
    const kinds = object.kind === 'RoleBinding' ? ['ClusterRole', 'Role'] : ['ClusterRole']
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
