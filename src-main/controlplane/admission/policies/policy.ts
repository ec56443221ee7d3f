import type {
  AuditAnnotation,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
  Validation,
} from '#types/admissionregistration.k8s.io/v1'
import { policyVariables } from '../../../../src-kube/kinds/admissionregistration/expressions.ts'
import { CelError, type Bindings } from '../../../../src-kube/machinery/cel/index.ts'
import type { AdmissionAttributes } from '../admission.ts'
import { answered } from './authorizer.ts'
import { failedEvaluation, programOf } from './expressions.ts'
import { scopeOf, type PolicyHost } from './scope.ts'

/** One validation that failed. */
export interface Failure {
  message: string
  reason: string
  /** It could not be evaluated: the policy's `failurePolicy` decides. */
  isError: boolean
  /** Its place among the validations; absent of what is none. */
  index?: number
  /** Nobody knows what there is to be judged, or by what: this denies whatever the binding's actions are. */
  isUnsettled?: boolean
}

/**
 * What of a policy fails for a request under one of its bindings, and what it notes: once for each of its parameters. Empty when the policy is not for the request.
 * Throws `CelError` when conditions or parameters cannot be settled.
 */
export async function judge(
  host: PolicyHost,
  policy: ValidatingAdmissionPolicy,
  binding: ValidatingAdmissionPolicyBinding,
  attributes: AdmissionAttributes,
  notes: Notes,
): Promise<Failure[]> {
  const scope = await scopeOf(host, policy.spec ?? {}, binding.spec ?? {}, attributes)
  const failures: Failure[] = []
  for (const bind of scope?.bindings ?? []) {
    const bindings = await bind()
    for (const [index, validation] of (policy.spec?.validations ?? []).entries()) {
      const failure = await answered(() => check(validation, bindings))
      if (failure) failures.push({ ...failure, index })
    }
    for (const annotation of policy.spec?.auditAnnotations ?? []) {
      const failure = await answered(() => note(annotation, bindings, notes))
      if (failure) failures.push(failure)
    }
  }
  return failures
}

/** Adds what an annotation says, if it says anything; answers why it cannot. */
function note({ key, valueExpression }: AuditAnnotation, bindings: Bindings, notes: Notes): Failure | undefined {
  try {
    const value = programOf(valueExpression, policyVariables).evaluate(bindings)
    if (typeof value === 'string' && value.trim() !== '')
      notes.set(key, (notes.get(key) ?? new Set()).add(value.slice(0, MOST_NOTED)))
    return undefined
  } catch (error) {
    if (!(error instanceof CelError)) throw error
    const message = failedEvaluation(valueExpression, error)
    return { message, reason: 'Invalid', isError: true, isUnsettled: true }
  }
}

/** Characters of an annotation's value. */
const MOST_NOTED = 10 * 1024

/** Values of a policy's audit annotations by their keys. */
export type Notes = Map<string, Set<string>>

function check(
  { expression, message, messageExpression, reason = 'Invalid' }: Validation,
  bindings: Bindings,
): Failure | undefined {
  try {
    if (programOf(expression, policyVariables).evaluate(bindings) === true) return undefined
  } catch (error) {
    if (!(error instanceof CelError)) throw error
    return { message: failedEvaluation(expression, error), reason: 'Invalid', isError: true }
  }
  const words = messageExpression ? wordsOf(messageExpression, bindings) : undefined
  return { message: words ?? message?.trim() ?? `failed expression: ${expression.trim()}`, reason, isError: false }
}

/** Characters of a message that an expression makes, at most. */
const MOST_WORDS = 5 * 1024

/** The message that an expression makes; undefined when it makes none that can be shown. */
function wordsOf(expression: string, bindings: Bindings): string | undefined {
  try {
    const made = programOf(expression, policyVariables).evaluate(bindings)
    const words = typeof made === 'string' ? made.trim() : ''
    return words === '' || words.includes('\n') || words.length > MOST_WORDS ? undefined : words
  } catch (error) {
    if (error instanceof CelError) return undefined
    throw error
  }
}
