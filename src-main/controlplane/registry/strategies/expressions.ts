import type { MatchCondition } from '#types/admissionregistration.k8s.io/v1'
import { checkTypes } from '../../../../src-kube/machinery/cel/check.ts'
import { AUTHORIZER_TYPE } from '../../../../src-kube/machinery/cel/functions-authorizer.ts'
import { CelSyntaxError, compile } from '../../../../src-kube/machinery/cel/index.ts'
import type { CelType } from '../../../../src-kube/machinery/cel/types.ts'
import type { FieldError } from '../../../../src-kube/machinery/errors.ts'
import type { FieldPath } from '../../../../src-kube/machinery/field-path.ts'
import { isQualifiedName } from '../../../../src-kube/machinery/names.ts'

const MOST_CONDITIONS = 64
/** Of objects nothing is known: they may be of any kind. */
const KNOWN = new Map<string, CelType>([['authorizer', AUTHORIZER_TYPE]])

/** An expression that can be compiled with these names, and comes to what is wanted as far as that is known beforehand. */
export function validateExpression(
  source: string | undefined,
  variables: readonly string[],
  at: FieldPath,
  wanted?: 'bool' | 'string',
): FieldError[] {
  if (!source?.trim()) return [at.required('expression is not specified')]
  try {
    compile(source.trim(), variables)
    const { type, errors } = checkTypes(source.trim(), KNOWN)
    if (errors.length > 0) return [at.invalid(source, `compilation failed: ${errors.join('\n')}`)]
    const fits = !wanted || type.kind === 'dyn' || type.kind === wanted
    return fits ? [] : [at.invalid(source, `must evaluate to ${wanted}`)]
  } catch (error) {
    if (error instanceof CelSyntaxError) return [at.invalid(source, `compilation failed: ${error.message}`)]
    throw error
  }
}

/** Conditions of webhooks and policies: each with a name of its own. */
export function validateConditions(
  conditions: readonly MatchCondition[] | undefined,
  variables: readonly string[],
  at: FieldPath,
): FieldError[] {
  const list = conditions ?? []
  const seen = new Set<string>()
  const errors: FieldError[] =
    list.length > MOST_CONDITIONS
      ? [
          {
            type: 'FieldValueTooMany',
            field: at.toString(),
            message: `Too many: ${list.length}: must have at most ${MOST_CONDITIONS} items`,
          },
        ]
      : []
  for (const [i, { name, expression }] of list.entries()) {
    const here = at.index(i)
    errors.push(...validateExpression(expression, variables, here.child('expression'), 'bool'))
    if (!name) errors.push(here.child('name').required())
    else errors.push(...isQualifiedName(name).map((words) => here.child('name').invalid(name, words)))
    if (seen.has(name)) errors.push(here.child('name').duplicate(name))
    seen.add(name)
  }
  return errors
}
