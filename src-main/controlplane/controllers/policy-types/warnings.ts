import type {
  ExpressionWarning,
  NamedRuleWithOperations,
  ValidatingAdmissionPolicy,
} from '#types/admissionregistration.k8s.io/v1'
import { checkTypes } from '../../../../src-kube/machinery/cel/check.ts'
import { CelSyntaxError } from '../../../../src-kube/machinery/cel/index.ts'
import { dyn, type CelType } from '../../../../src-kube/machinery/cel/types.ts'

/** A kind that a policy matches, and what is known of its objects. */
export interface MatchedType {
  group: string
  version: string
  kind: string
  type: CelType
}

/** Types that are checked at most; a policy that matches more is looked at in part. */
const MOST_TYPES = 10

/**
 * Kinds that rules name one by one: what an asterisk stands for is not checked (kubernetes.io, "Validating Admission Policy: Type
 * checking").
 */
export function matchedTypes(
  rules: readonly NamedRuleWithOperations[],
  find: (group: string, version: string, resource: string) => MatchedType | undefined,
): MatchedType[] {
  const found = new Map<string, MatchedType>()
  for (const [group, version, resource] of rules.flatMap(namedResources)) {
    const type = found.size < MOST_TYPES ? find(group, version, resource) : undefined
    if (type) found.set(`${group}/${version}/${type.kind}`, type)
  }
  return [...found.values()]
}

type NamedResource = [group: string, version: string, resource: string]

function namedResources({
  apiGroups = [],
  apiVersions = [],
  resources = [],
}: NamedRuleWithOperations): NamedResource[] {
  const all = apiGroups.flatMap((group) =>
    apiVersions.flatMap((version) => resources.map((resource): NamedResource => [group, version, resource])),
  )
  return all.filter((names) => !names[2].includes('/') && !names.some((name) => name.includes('*')))
}

/**
 * What is likely wrong with the expressions of a policy, each told with the type on whose objects it would fail. `params` is the type of
 * the policy's parameters, as far as it is known.
 */
export function expressionWarnings(
  { spec }: ValidatingAdmissionPolicy,
  types: readonly MatchedType[],
  params: CelType = dyn,
): ExpressionWarning[] {
  const warnings: ExpressionWarning[] = []
  const scopes = types.map((matched) => ({ matched, scope: scopeOf(spec, matched, params) }))
  const check = (fieldRef: string, source: string | undefined): void => {
    if (!source) return
    const told = scopes.flatMap(({ matched, scope }) => {
      const errors = checked(source.trim(), scope)?.errors ?? []
      return errors.length > 0 ? [`${gvkText(matched)}: ${errors.join('\n')}`] : []
    })
    if (told.length > 0) warnings.push({ fieldRef, warning: told.join('\n') })
  }
  for (const [i, { expression, messageExpression }] of (spec.validations ?? []).entries()) {
    check(`spec.validations[${i}].expression`, expression)
    check(`spec.validations[${i}].messageExpression`, messageExpression)
  }
  return warnings
}

const gvkText = ({ group, version, kind }: MatchedType): string => `${group}/${version}, Kind=${kind}`

/** Undefined for what is no expression: that was refused when it was written. */
function checked(source: string, scope: ReadonlyMap<string, CelType>) {
  try {
    return checkTypes(source, scope)
  } catch (error) {
    if (error instanceof CelSyntaxError) return undefined
    throw error
  }
}

/** Variables may speak of those before them. */
function scopeOf(
  { variables = [] }: ValidatingAdmissionPolicy['spec'],
  { type }: MatchedType,
  params: CelType,
): ReadonlyMap<string, CelType> {
  const own = new Map<string, CelType>()
  const composed: CelType = {
    kind: 'object',
    name: 'kubernetes.variables',
    field: (name) => own.get(name),
  }
  const scope = new Map([
    ['object', type],
    ['oldObject', type],
    ['params', params],
    ['variables', composed],
  ])
  for (const { name, expression } of variables) own.set(name, checked(expression.trim(), scope)?.type ?? dyn)
  return scope
}
