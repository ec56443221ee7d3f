import type { FlowSchema, PriorityLevelConfiguration } from '#types/flowcontrol.apiserver.k8s.io/v1'
import type { FieldError } from '../../../../src-kube/machinery/errors.ts'
import { fieldPath, type FieldPath } from '../../../../src-kube/machinery/field-path.ts'
import { isDns1123Subdomain } from '../../../../src-kube/machinery/names.ts'
import type { Strategy } from '../strategy.ts'
import { nonNegative, oneOf } from './checks.ts'

const path = fieldPath('spec')
const FIRST = 1
const LAST = 10_000
const ownStatus: Pick<Strategy, 'prepareForUpdate'> = {
  prepareForUpdate(context, object, old) {
    if (context.subresource === '') object['status'] = old['status']
    else object['spec'] = old['spec']
  },
}

/** kubernetes.io, "API Priority and Fairness: FlowSchema". */
export const flowSchemaStrategy: Strategy = {
  ...ownStatus,
  validate(_context, object) {
    const {
      matchingPrecedence: order = 0,
      priorityLevelConfiguration,
      distinguisherMethod,
      rules = [],
    } = (object as unknown as FlowSchema).spec ?? {}
    const errors: FieldError[] = []
    if (order < FIRST) errors.push(path.child('matchingPrecedence').invalid(order, 'must be a positive value'))
    if (order > LAST) errors.push(path.child('matchingPrecedence').invalid(order, `must not be greater than ${LAST}`))
    if (distinguisherMethod)
      errors.push(
        ...oneOf(distinguisherMethod.type, ['ByNamespace', 'ByUser'], path.child('distinguisherMethod').child('type')),
      )
    const level = path.child('priorityLevelConfiguration', 'name')
    const name = priorityLevelConfiguration?.name
    if (!name) errors.push(level.required('must reference a priority level'))
    else errors.push(...isDns1123Subdomain(name).map((words) => level.invalid(name, words)))
    for (const [i, rule] of rules.entries()) errors.push(...validateRule(rule, path.child('rules').index(i)))
    return errors
  },
}

type Rule = NonNullable<NonNullable<FlowSchema['spec']>['rules']>[number]

function validateRule({ subjects, resourceRules = [], nonResourceRules = [] }: Rule, at: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  if (!subjects?.length) errors.push(at.child('subjects').required('subjects must contain at least one value'))
  for (const [i, { kind }] of (subjects ?? []).entries())
    errors.push(...oneOf(kind, ['Group', 'ServiceAccount', 'User'], at.child('subjects').index(i).child('kind')))
  if (resourceRules.length === 0 && nonResourceRules.length === 0)
    errors.push(at.required('at least one of resourceRules and nonResourceRules has to be non-empty'))
  for (const [i, { verbs, apiGroups, resources, namespaces, clusterScope }] of resourceRules.entries()) {
    const here = at.child('resourceRules').index(i)
    if (!verbs?.length) errors.push(here.child('verbs').required('verbs must contain at least one value'))
    if (!apiGroups?.length)
      errors.push(here.child('apiGroups').required('resource rules must supply at least one api group'))
    if (!resources?.length)
      errors.push(here.child('resources').required('resource rules must supply at least one resource'))
    if (!namespaces?.length && !clusterScope)
      errors.push(
        here
          .child('namespaces')
          .required('resource rules that are not cluster scoped must supply at least one namespace'),
      )
  }
  for (const [i, { verbs, nonResourceURLs }] of nonResourceRules.entries()) {
    const here = at.child('nonResourceRules').index(i)
    if (!verbs?.length) errors.push(here.child('verbs').required('verbs must contain at least one value'))
    if (!nonResourceURLs?.length)
      errors.push(here.child('nonResourceURLs').required('nonResourceURLs must contain at least one value'))
  }
  return errors
}

/** kubernetes.io, "API Priority and Fairness: PriorityLevelConfiguration". */
export const priorityLevelStrategy: Strategy = {
  ...ownStatus,
  validate(_context, object) {
    const { type, limited, exempt } = (object as unknown as PriorityLevelConfiguration).spec ?? {}
    const errors = oneOf(type, ['Exempt', 'Limited'], path.child('type'))
    if (type === 'Exempt' && limited)
      errors.push(path.child('limited').forbidden('must be nil if the type is not Limited'))
    if (type !== 'Limited') return errors
    if (exempt) errors.push(path.child('exempt').forbidden('must be nil if the type is Limited'))
    if (!limited) return [...errors, path.child('limited').required('must not be empty when type is Limited')]
    const at = path.child('limited')
    errors.push(...nonNegative(limited.nominalConcurrencyShares, at.child('nominalConcurrencyShares')))
    const { type: response, queuing } = limited.limitResponse ?? {}
    const here = at.child('limitResponse')
    errors.push(...oneOf(response, ['Queue', 'Reject'], here.child('type')))
    if (response === 'Reject' && queuing)
      errors.push(here.child('queuing').forbidden('must be nil if limited.limitResponse.type is not Limited'))
    if (response === 'Queue' && !queuing)
      errors.push(here.child('queuing').required('must not be empty if limited.limitResponse.type is Limited'))
    return errors
  },
}
