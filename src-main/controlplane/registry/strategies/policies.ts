import type {
  MatchResources,
  MutatingAdmissionPolicy,
  Mutation,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
} from '#types/admissionregistration.k8s.io/v1'
import { admissionTypes, objectWith } from '../../../../src-kube/kinds/admissionregistration/expression-types.ts'
import { policyVariables } from '../../../../src-kube/kinds/admissionregistration/expressions.ts'
import { bool, dyn, string, type CelType } from '../../../../src-kube/machinery/cel/types.ts'
import type { FieldError } from '../../../../src-kube/machinery/errors.ts'
import { fieldPath, type FieldPath } from '../../../../src-kube/machinery/field-path.ts'
import { isDns1123Subdomain } from '../../../../src-kube/machinery/names.ts'
import type { Strategy } from '../strategy.ts'
import { oneOf, validateLabelSelector } from './checks.ts'
import { validateAuditAnnotations } from './audit-annotations.ts'
import { checkExpression, validateConditions, validateExpression, type ExpressionScope } from './expressions.ts'
import { validateRule } from './webhooks.ts'

const path = fieldPath('spec')
const reasons = ['Forbidden', 'Invalid', 'RequestEntityTooLarge', 'Unauthorized']

/** kubernetes.io, "Validating Admission Policy". */
export const validatingPolicyStrategy: Strategy<ValidatingAdmissionPolicy> = {
  prepareForCreate(_context, object) {
    delete object['status']
  },
  prepareForUpdate(context, object, old) {
    if (context.subresource === '') object['status'] = old['status']
  },
  validate(_context, object) {
    const { spec } = object
    const { errors, scope } = validateScope(spec)
    const validations = spec?.validations ?? []
    if (validations.length === 0 && !spec?.auditAnnotations?.length)
      errors.push(path.child('validations').required('validations or auditAnnotations must contain at least one item'))
    for (const [i, one] of validations.entries()) {
      const at = path.child('validations').index(i)
      errors.push(...validateExpression(one.expression, scope, at.child('expression'), bool))
      if (one.messageExpression)
        errors.push(...validateExpression(one.messageExpression, scope, at.child('messageExpression'), string))
      if (one.message !== undefined && (one.message.trim() === '' || one.message.includes('\n')))
        errors.push(
          at
            .child('message')
            .invalid(one.message, 'message must be non-empty if specified and must not contain line breaks'),
        )
      if (one.reason) errors.push(...oneOf(one.reason, reasons, at.child('reason')))
    }
    errors.push(...validateAuditAnnotations(object.metadata.name, spec?.auditAnnotations ?? [], scope))
    return errors
  },
}

const made = (name: string) => ({ kind: 'object', name, field: () => dyn }) as const

/** What the expressions of mutations come to. */
const mutationTypes = {
  applyConfiguration: made('Object'),
  jsonPatch: { kind: 'list', of: made('JSONPatch') },
} as const

/** kubernetes.io, "Mutating Admission Policy". */
export const mutatingPolicyStrategy: Strategy<MutatingAdmissionPolicy> = {
  validate(_context, object) {
    const { spec } = object
    const { errors, scope } = validateScope(spec)
    errors.push(...oneOf(spec?.reinvocationPolicy, ['IfNeeded', 'Never'], path.child('reinvocationPolicy')))
    const mutations = spec?.mutations ?? []
    if (mutations.length === 0)
      errors.push(path.child('mutations').required('mutations must contain at least one item'))
    for (const [i, mutation] of mutations.entries())
      errors.push(...validateMutation(mutation, scope, path.child('mutations').index(i)))
    return errors
  },
}

/** What its type names has to be there, and nothing else. */
function validateMutation(mutation: Mutation, scope: ExpressionScope, at: FieldPath): FieldError[] {
  const { patchType } = mutation
  const unknown = oneOf(patchType, ['ApplyConfiguration', 'JSONPatch'], at.child('patchType'))
  if (unknown.length > 0) return unknown
  const [field, other] =
    patchType === 'JSONPatch'
      ? (['jsonPatch', 'applyConfiguration'] as const)
      : (['applyConfiguration', 'jsonPatch'] as const)
  const given = mutation[field]
  const errors = given
    ? validateExpression(given.expression, scope, at.child(field, 'expression'), mutationTypes[field])
    : [at.child(field).required(`must be specified when patchType is ${patchType}`)]
  if (mutation[other])
    errors.push(at.child(other).invalid(`{${other}}`, `must not be specified when patchType is ${patchType}`))
  return errors
}

/** What policies that judge and policies that change have in common, and what their expressions may speak of. */
function validateScope(
  spec: NonNullable<ValidatingAdmissionPolicy['spec']> | NonNullable<MutatingAdmissionPolicy['spec']> | undefined,
): { errors: FieldError[]; scope: ExpressionScope } {
  const errors = validateKind(spec?.paramKind, path.child('paramKind'))
  if (!spec?.matchConstraints) errors.push(path.child('matchConstraints').required())
  else if (!spec.matchConstraints.resourceRules?.length)
    errors.push(path.child('matchConstraints', 'resourceRules').required())
  errors.push(...validateMatch(spec?.matchConstraints, path.child('matchConstraints')))
  if (spec?.failurePolicy) errors.push(...oneOf(spec.failurePolicy, ['Fail', 'Ignore'], path.child('failurePolicy')))
  // Conditions are looked at before variables are worked out.
  const names = policyVariables.filter((name) => name !== 'params' || spec?.paramKind !== undefined)
  const ofConditions = { names: names.filter((name) => name !== 'variables') }
  const { errors: ofVariables, types } = validateVariables(spec?.variables ?? [], names)
  errors.push(...validateConditions(spec?.matchConditions, ofConditions, path.child('matchConditions')), ...ofVariables)
  return { errors, scope: { names, types } }
}

/** Each variable may speak of those before it. */
function validateVariables(
  variables: ReadonlyArray<{ name: string; expression: string }>,
  names: readonly string[],
): { errors: FieldError[]; types: ReadonlyMap<string, CelType> } {
  const known: Record<string, CelType> = {}
  const types = new Map([...admissionTypes, ['variables', objectWith('kubernetes.variables', known)] as const])
  const errors = variables.flatMap(({ name, expression }, i) => {
    const at = path.child('variables').index(i)
    const found = expression?.trim()
      ? checkExpression(expression, { names, types }, at.child('expression'))
      : { type: undefined, errors: [at.child('expression').required('expression is not specified')] }
    if (!name) found.errors.push(at.child('name').required('name is not specified'))
    else if (!/^[A-Za-z_]\w*$/.test(name))
      found.errors.push(at.child('name').invalid(name, 'name is not a valid CEL identifier'))
    if (Object.hasOwn(known, name)) found.errors.push(at.child('name').duplicate(name))
    known[name] = found.type ?? dyn
    return found.errors
  })
  return { errors, types }
}

function validateKind(
  kind: { apiVersion?: string | undefined; kind?: string | undefined } | undefined,
  at: FieldPath,
): FieldError[] {
  if (!kind) return []
  const errors: FieldError[] = []
  if (!kind.apiVersion) errors.push(at.child('apiVersion').required())
  if (!kind.kind) errors.push(at.child('kind').required())
  return errors
}

function validateMatch(match: MatchResources | undefined, at: FieldPath): FieldError[] {
  if (!match) return []
  const errors = [
    ...validateLabelSelector(match.namespaceSelector, at.child('namespaceSelector')),
    ...validateLabelSelector(match.objectSelector, at.child('objectSelector')),
  ]
  for (const field of ['resourceRules', 'excludeResourceRules'] as const)
    for (const [i, rule] of (match[field] ?? []).entries()) errors.push(...validateRule(rule, at.child(field).index(i)))
  if (match.matchPolicy) errors.push(...oneOf(match.matchPolicy, ['Equivalent', 'Exact'], at.child('matchPolicy')))
  return errors
}

const knownActions = ['Audit', 'Deny', 'Warn']

/** What binds a policy to requests, and what it does to those that fail it. */
export const policyBindingStrategy: Strategy<ValidatingAdmissionPolicyBinding> = {
  validate(_context, object) {
    const { spec } = object
    const { policyName, paramRef, validationActions = [] } = spec ?? {}
    const at = path.child('policyName')
    const errors = policyName ? isDns1123Subdomain(policyName).map((w) => at.invalid(policyName, w)) : [at.required()]
    if (paramRef) {
      const ref = path.child('paramRef')
      if (!paramRef.name && !paramRef.selector) errors.push(ref.required('one of name or selector must be specified'))
      if (paramRef.name && paramRef.selector)
        errors.push(ref.child('name').forbidden('name and selector are mutually exclusive'))
      errors.push(
        ...oneOf(paramRef.parameterNotFoundAction, ['Allow', 'Deny'], ref.child('parameterNotFoundAction')),
        ...validateLabelSelector(paramRef.selector, ref.child('selector')),
      )
    }
    errors.push(...validateMatch(spec?.matchResources, path.child('matchResources')))
    if (object.kind !== 'ValidatingAdmissionPolicyBinding') return errors
    const actions = path.child('validationActions')
    if (validationActions.length === 0) errors.push(actions.required())
    for (const [i, action] of validationActions.entries()) {
      errors.push(...oneOf(action, knownActions, actions.index(i)))
      if (validationActions.indexOf(action) < i) errors.push(actions.index(i).duplicate(action))
    }
    if (validationActions.includes('Deny') && validationActions.includes('Warn'))
      errors.push(
        actions.invalid(
          validationActions,
          'must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)',
        ),
      )
    return errors
  },
}
