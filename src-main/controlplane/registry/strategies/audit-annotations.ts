import type { AuditAnnotation } from '#types/admissionregistration.k8s.io/v1'
import type { FieldError } from '../../../../src-kube/machinery/errors.ts'
import { fieldPath } from '../../../../src-kube/machinery/field-path.ts'
import { isQualifiedName } from '../../../../src-kube/machinery/names.ts'
import { checkExpression, type ExpressionScope } from './expressions.ts'

const MOST_ANNOTATIONS = 20
const LONGEST_EXPRESSION = 5 * 1024

const path = fieldPath('spec').child('auditAnnotations')

/** What a policy notes for audits (kubernetes.io, "Validating Admission Policy: Audit annotations"): texts, each under a key of its own. */
export function validateAuditAnnotations(
  policy: string,
  annotations: readonly AuditAnnotation[],
  scope: ExpressionScope,
): FieldError[] {
  if (annotations.length > MOST_ANNOTATIONS)
    return [path.invalid(annotations, `must not have more than ${MOST_ANNOTATIONS} auditAnnotations`)]
  const seen = new Set<string>()
  return annotations.flatMap(({ key, valueExpression }, i) => {
    const at = path.index(i)
    const errors = isQualifiedName(`${policy}/${key}`).map((words) => at.child('key').invalid(key, words))
    errors.push(...validateValue(valueExpression, at.child('valueExpression'), scope))
    if (seen.has(key)) errors.push(at.child('key').duplicate(key))
    seen.add(key)
    return errors
  })
}

function validateValue(source: string | undefined, at: typeof path, scope: ExpressionScope): FieldError[] {
  if (!source?.trim()) return [at.required('valueExpression is not specified')]
  if (source.trim().length > LONGEST_EXPRESSION)
    return [
      {
        type: 'FieldValueTooLong',
        field: at.toString(),
        message: `Too long: may not be more than ${LONGEST_EXPRESSION} bytes`,
      },
    ]
  const { type, errors } = checkExpression(source, scope, at)
  if (errors.length > 0 || ['dyn', 'string', 'null'].includes(type.kind)) return errors
  return [at.invalid(source, 'must evaluate to one of [string null_type]')]
}
