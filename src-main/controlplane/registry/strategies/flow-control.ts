import type { FlowSchema, PriorityLevelConfiguration } from '#types/flowcontrol.apiserver.k8s.io/v1'
import { mandatoryObjects } from '../../../../src-kube/kinds/flowcontrol/initial-objects.ts'
import type { FieldError } from '../../../../src-kube/machinery/errors.ts'
import { equal } from '../../../../src-kube/machinery/fields-v1/owned.ts'
import { fieldPath, type FieldPath } from '../../../../src-kube/machinery/field-path.ts'
import { isDns1123Subdomain } from '../../../../src-kube/machinery/names.ts'
import type { KubeObject } from '../../../../src-kube/machinery/meta.ts'
import type { Strategy } from '../strategy.ts'
import { nonNegative, oneOf } from './checks.ts'

const path = fieldPath('spec')
const EXEMPT = 'exempt'
const FIRST = 1
const LAST = 10_000
const ownStatus: Pick<Strategy, 'prepareForUpdate'> = {
  prepareForUpdate(context, object, old) {
    if (context.subresource === '') object['status'] = old['status']
    else object['spec'] = old['spec']
  },
}

/** kubernetes.io, "API Priority and Fairness: FlowSchema". */
export const flowSchemaStrategy: Strategy<FlowSchema> = {
  ...ownStatus,
  validate(_context, object) {
    const guard = guardrail(object, mandatoryObjects().schemas)
    if (guard) return [guard]
    const {
      matchingPrecedence: order = 0,
      priorityLevelConfiguration,
      distinguisherMethod,
      rules = [],
    } = object.spec ?? {}
    const errors: FieldError[] = []
    if (order < FIRST) errors.push(path.child('matchingPrecedence').invalid(order, 'must be a positive value'))
    if (order > LAST) errors.push(path.child('matchingPrecedence').invalid(order, `must not be greater than ${LAST}`))
    if (order === FIRST && object.metadata.name !== EXEMPT)
      errors.push(
        path.child('matchingPrecedence').invalid(order, "only the schema named 'exempt' may have matchingPrecedence 1"),
      )
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
export const priorityLevelStrategy: Strategy<PriorityLevelConfiguration> = {
  ...ownStatus,
  validate(_context, object) {
    const { type, limited, exempt } = object.spec ?? {}
    const guard = guardrail(object, mandatoryObjects().levels)
    if (guard) return [guard]
    const errors = oneOf(type, ['Exempt', 'Limited'], path.child('type'))
    if ((object.metadata.name === EXEMPT) !== (type === 'Exempt'))
      errors.push(path.child('type').invalid(type, "type must be 'Exempt' if and only if name is 'exempt'"))
    if (exempt) errors.push(...validateShares(exempt, path.child('exempt')))
    if (type === 'Exempt' && limited)
      errors.push(path.child('limited').forbidden('must be nil if the type is not Limited'))
    if (type !== 'Limited') return errors
    if (exempt) errors.push(path.child('exempt').forbidden('must be nil if the type is Limited'))
    if (!limited) return [...errors, path.child('limited').required('must not be empty when type is Limited')]
    const at = path.child('limited')
    errors.push(...validateShares(limited, at))
    if ((limited.borrowingLimitPercent ?? 0) < 0)
      errors.push(
        at
          .child('borrowingLimitPercent')
          .invalid(limited.borrowingLimitPercent, 'if specified, must be a non-negative integer'),
      )
    const { type: response, queuing } = limited.limitResponse ?? {}
    const here = at.child('limitResponse')
    errors.push(...oneOf(response, ['Queue', 'Reject'], here.child('type')))
    if (response === 'Reject' && queuing)
      errors.push(here.child('queuing').forbidden('must be nil if limited.limitResponse.type is not Limited'))
    if (response === 'Queue' && !queuing)
      errors.push(here.child('queuing').required('must not be empty if limited.limitResponse.type is Limited'))
    return queuing ? [...errors, ...validateQueuing(queuing, here.child('queuing'))] : errors
  },
}

/** The objects that keep the server reachable have the specs they were made with; `exempt` may have another share. */
function guardrail(
  object: KubeObject,
  fixed: ReadonlyArray<{ metadata: { name: string }; spec?: object }>,
): FieldError | undefined {
  const { name } = object.metadata
  const spec = (object['spec'] ?? {}) as object
  const want = fixed.find(({ metadata }) => metadata.name === name)?.spec
  if (!want || equal(withoutShare(spec), withoutShare(want))) return undefined
  const but = 'exempt' in want ? ` except the 'spec.exempt' field` : ''
  return path.invalid(spec, `spec of '${name}'${but} must equal the fixed value`)
}

const withoutShare = (spec: object): object => {
  const { exempt: _, ...rest } = spec as { exempt?: object }
  return rest
}

interface Shares {
  nominalConcurrencyShares?: number | undefined
  lendablePercent?: number | undefined
}

function validateShares({ nominalConcurrencyShares, lendablePercent: lent = 0 }: Shares, at: FieldPath): FieldError[] {
  const errors = nonNegative(nominalConcurrencyShares, at.child('nominalConcurrencyShares'))
  if (lent >= 0 && lent <= 100) return errors
  return [...errors, at.child('lendablePercent').invalid(lent, 'must be between 0 and 100, inclusive')]
}

/** Queues of one level at most. */
const MOST_QUEUES = 10_000_000
/** How much a hand may say, in bits. */
const MOST_ENTROPY = 60

type Queuing = NonNullable<
  NonNullable<NonNullable<PriorityLevelConfiguration['spec']>['limited']>['limitResponse']
>['queuing']

function validateQueuing(queuing: NonNullable<Queuing>, at: FieldPath): FieldError[] {
  const { queues = 0, handSize = 0, queueLengthLimit = 0 } = queuing
  const errors: FieldError[] = []
  if (queueLengthLimit <= 0) errors.push(at.child('queueLengthLimit').invalid(queueLengthLimit, 'must be positive'))
  if (queues <= 0) errors.push(at.child('queues').invalid(queues, 'must be positive'))
  else if (queues > MOST_QUEUES)
    errors.push(at.child('queues').invalid(queues, `must not be greater than ${MOST_QUEUES}`))
  if (handSize <= 0) errors.push(at.child('handSize').invalid(handSize, 'must be positive'))
  else if (handSize > queues)
    errors.push(at.child('handSize').invalid(handSize, `should not be greater than queues (${queues})`))
  else if (entropy(queues, handSize) > MOST_ENTROPY)
    errors.push(
      at
        .child('handSize')
        .invalid(
          handSize,
          `required entropy bits of deckSize ${queues} and handSize ${handSize} should not be greater than ${MOST_ENTROPY}`,
        ),
    )
  return errors
}

/** Bits that tell which hand of a deck was dealt. */
function entropy(deck: number, hand: number): number {
  let bits = 0
  for (let dealt = 0; dealt < hand && bits <= MOST_ENTROPY; dealt++) bits += Math.log2(deck - dealt)
  return Math.ceil(bits)
}
