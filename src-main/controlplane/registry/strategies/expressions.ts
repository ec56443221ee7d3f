import type { MatchCondition } from '#types/admissionregistration.k8s.io/v1'
import { admissionTypes } from '../../../../src-kube/kinds/admissionregistration/expression-types.ts'
import { checkPatterns } from '../../../../src-kube/machinery/cel/check-patterns.ts'
import { checkTypes } from '../../../../src-kube/machinery/cel/check.ts'
import { CelSyntaxError, compile } from '../../../../src-kube/machinery/cel/index.ts'
import { bool, dyn, typeName, type CelType } from '../../../../src-kube/machinery/cel/types.ts'
import type { FieldError } from '../../../../src-kube/machinery/errors.ts'
import type { FieldPath } from '../../../../src-kube/machinery/field-path.ts'
import { isQualifiedName } from '../../../../src-kube/machinery/names.ts'

const MOST_CONDITIONS = 64

/** What expressions in one place may speak of. */
export interface ExpressionScope {
  names: readonly string[]
  /** What is known of some of them; that of all admission when absent. */
  types?: ReadonlyMap<string, CelType>
}

/** What an expression must come to. Of what has fields, the name says which. */
type Wanted = Exclude<CelType, { kind: 'dyn' }>

const isWanted = (type: CelType, wanted: CelType): boolean => {
  if (type.kind === 'dyn') return true
  if (type.kind === 'list' && wanted.kind === 'list') return isWanted(type.of, wanted.of)
  return typeName(type) === typeName(wanted)
}

/** An expression that can be compiled with these names, and comes to what is wanted as far as that is known beforehand. */
export function validateExpression(
  source: string | undefined,
  scope: ExpressionScope,
  at: FieldPath,
  wanted?: Wanted,
): FieldError[] {
  if (!source?.trim()) return [at.required('expression is not specified')]
  return checkExpression(source, scope, at, wanted).errors
}

/** As {@link validateExpression}, and what the expression comes to. */
export function checkExpression(
  source: string,
  { names, types = admissionTypes }: ExpressionScope,
  at: FieldPath,
  wanted?: Wanted,
): { type: CelType; errors: FieldError[] } {
  const wrong = (words: string) => ({ type: dyn, errors: [at.invalid(source, words)] })
  try {
    compile(source.trim(), names)
    const { type, errors, node } = checkTypes(source.trim(), types)
    if (errors.length > 0) return wrong(`compilation failed: ${errors.join('\n')}`)
    checkPatterns(node, source.trim())
    const fits = !wanted || isWanted(type, wanted)
    return fits ? { type, errors: [] } : wrong(`must evaluate to ${typeName(wanted)}`)
  } catch (error) {
    if (error instanceof CelSyntaxError) return wrong(error.refusal)
    throw error
  }
}

/** Conditions of webhooks and policies: each with a name of its own. */
export function validateConditions(
  conditions: readonly MatchCondition[] | undefined,
  scope: ExpressionScope,
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
    errors.push(...validateExpression(expression, scope, here.child('expression'), bool))
    if (!name) errors.push(here.child('name').required())
    else errors.push(...isQualifiedName(name).map((words) => here.child('name').invalid(name, words)))
    if (seen.has(name)) errors.push(here.child('name').duplicate(name))
    seen.add(name)
  }
  return errors
}
