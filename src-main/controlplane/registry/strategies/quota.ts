import type { ResourceQuota } from '#types/core/v1'
import type { FieldError } from '../../../../src-kube/machinery/errors.ts'
import { fieldPath, type FieldPath } from '../../../../src-kube/machinery/field-path.ts'
import { isQualifiedName } from '../../../../src-kube/machinery/names.ts'
import { milliValue } from '../../../../src-kube/machinery/quantity.ts'
import type { Strategy } from '../strategy.ts'
import { immutable } from './checks.ts'

const compute = ['cpu', 'memory', 'ephemeral-storage']
const objects = [
  'pods',
  'services',
  'replicationcontrollers',
  'resourcequotas',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'services.nodeports',
  'services.loadbalancers',
]
const standard = new Set([
  ...compute,
  ...compute.flatMap((name) => [`requests.${name}`, `limits.${name}`]),
  'requests.storage',
  ...objects,
])
/** Whether a name without a domain is a resource that some quota knows. */
export const isStandard = (name: string): boolean => standard.has(name)

/** Of pods alone, so that a scope of them limits it. */
const ofPods = new Set(['pods', ...compute, ...compute.flatMap((name) => [`requests.${name}`, `limits.${name}`])])
const scopes = [
  'BestEffort',
  'CrossNamespacePodAffinity',
  'NotBestEffort',
  'NotTerminating',
  'PriorityClass',
  'Terminating',
  'VolumeAttributesClass',
]
/** Scopes that have no values. */
const bare = new Set(scopes.filter((scope) => scope !== 'PriorityClass' && scope !== 'VolumeAttributesClass'))
const BARE_WORDS =
  "must be 'Exist' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity"
const contrary = [
  ['BestEffort', 'NotBestEffort'],
  ['Terminating', 'NotTerminating'],
]

/** kubernetes.io, "Resource Quotas". The scopes of a quota never change; `status` is its controller's. */
export const resourceQuotaStrategy: Strategy<ResourceQuota> = {
  prepareForCreate(_context, object) {
    object['status'] = {}
  },
  prepareForUpdate(context, object, old) {
    if (context.subresource === '') object['status'] = old['status']
  },
  validate: (_context, object) => {
    const { hard = {}, ...spec } = object.spec ?? {}
    return [...validateAmounts(hard, fieldPath('spec', 'hard')), ...validateScopes(spec, Object.keys(hard))]
  },
  validateUpdate: (_context, object, old) => {
    const scopesOf = ({ spec }: Partial<ResourceQuota>) => (spec?.scopes ?? []).toSorted()
    return immutable(scopesOf(object), scopesOf(old), fieldPath('spec', 'scopes'))
  },
  validateStatusUpdate(_context, object) {
    const { hard = {}, used = {} } = object.status ?? {}
    return [
      ...validateAmounts(hard, fieldPath('status', 'hard')),
      ...validateAmounts(used, fieldPath('status', 'used')),
    ]
  },
}

/** Objects by their kind, and resources that nodes have whole: those of a domain that is not Kubernetes' own. */
const isCounted = (name: string): boolean =>
  name.includes('/') && !name.startsWith('requests.') && !/^([^/]*\.)?kubernetes\.io\//.test(name)

function validateAmounts(amounts: Record<string, string>, path: FieldPath): FieldError[] {
  return Object.entries(amounts).flatMap(([name, amount]) => {
    const at = path.key(name)
    const errors = isQualifiedName(name).map((words) => at.invalid(name, words))
    if (
      !name.includes('/') &&
      !standard.has(name) &&
      !name.startsWith('hugepages-') &&
      !name.startsWith('requests.hugepages-')
    )
      errors.push(
        at.invalid(name, 'must be a standard resource type or fully qualified'),
        at.invalid(name, 'must be a standard resource for quota'),
      )
    const milli = milliValue(amount)
    if (milli < 0) errors.push(at.invalid(amount, 'must be greater than or equal to 0'))
    else if ((objects.includes(name) || isCounted(name)) && milli % 1000 !== 0)
      errors.push(at.invalid(amount, 'must be an integer'))
    return errors
  })
}

type Spec = NonNullable<ResourceQuota['spec']>
type Requirement = NonNullable<NonNullable<Spec['scopeSelector']>['matchExpressions']>[number]

function validateScopes(spec: Spec, resources: readonly string[]): FieldError[] {
  const limited = resources.filter(isStandard)
  const { scopes: named = [], scopeSelector } = spec
  return [
    ...validateNamed(named, limited),
    ...(scopeSelector?.matchExpressions ?? []).flatMap((requirement) => {
      const { scopeName = '' } = requirement as Partial<Requirement>
      const isMisplaced = scopes.includes(scopeName) && limited.some((resource) => !fits(scopeName, resource))
      return [
        ...(isMisplaced ? [expressions.invalid(scopeSelector, 'unsupported scope applied to resource')] : []),
        ...validateRequirement(requirement),
      ]
    }),
  ]
}

function validateNamed(named: NonNullable<Spec['scopes']>, limited: readonly string[]): FieldError[] {
  const path = fieldPath('spec', 'scopes')
  const errors = named.filter((scope) => !scopes.includes(scope)).map(() => path.invalid(named, 'unsupported scope'))
  for (const scope of named)
    for (const resource of limited)
      if (!fits(scope, resource)) errors.push(path.invalid(named, 'unsupported scope applied to resource'))
  if (contrary.some((pair) => pair.every((scope) => named.includes(scope as (typeof named)[number]))))
    errors.push(path.invalid(named, 'conflicting scopes'))
  return errors
}

/** Upstream names no index here. */
const expressions = fieldPath('spec', 'scopeSelector', 'matchExpressions')

/** One requirement in itself, whatever the quota limits. */
function validateRequirement(requirement: Partial<Requirement>): FieldError[] {
  const { scopeName = '', operator = '', values = [] } = requirement
  const errors: FieldError[] = []
  const at = expressions.child('operator')
  if (!scopes.includes(scopeName)) errors.push(expressions.child('scopeName').invalid(scopeName, 'unsupported scope'))
  if (bare.has(scopeName) && operator !== 'Exists') errors.push(at.invalid(operator, BARE_WORDS))
  const lists = operator === 'In' || operator === 'NotIn'
  if (!lists && operator !== 'Exists' && operator !== 'DoesNotExist')
    errors.push(at.invalid(operator, 'not a valid selector operator'))
  else if (lists && values.length === 0)
    errors.push(
      expressions
        .child('values')
        .required("must be at least one value when `operator` is 'In' or 'NotIn' for scope selector"),
    )
  else if (!lists && values.length > 0)
    errors.push(
      expressions
        .child('values')
        .invalid(values, "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector"),
    )
  return errors
}

/** What runs without requests is counted, not measured; classes of volumes are of claims. */
function fits(scope: string, resource: string): boolean {
  if (scope === 'VolumeAttributesClass') return resource === 'persistentvolumeclaims' || resource === 'requests.storage'
  return scope === 'BestEffort' ? resource === 'pods' : ofPods.has(resource)
}
