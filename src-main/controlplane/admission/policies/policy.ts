import type {
  AuditAnnotation,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
  Validation,
} from '#types/admissionregistration.k8s.io/v1'
import { policyVariables } from '../../../../src-kube/kinds/admissionregistration/expressions.ts'
import { Budget, BudgetError, CelError, type Bindings } from '../../../../src-kube/machinery/cel/index.ts'
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
    try {
      failures.push(...(await judgeAll(policy.spec?.validations ?? [], bind)))
      failures.push(...(await noteAll(policy.spec?.auditAnnotations ?? [], bind, notes)))
    } catch (error) {
      if (!(error instanceof BudgetError)) throw error
      // Where it stopped nobody can say what else there was: this alone is told.
      failures.push({ message: error.message, reason: 'Invalid', isError: true })
    }
  }
  return failures
}

type Bind = (budget: Budget) => Promise<Bindings>

/** What fails, with its words, for which there is what the validations have left of the budget. Throws `BudgetError`. */
async function judgeAll(validations: readonly Validation[], bind: Bind): Promise<Failure[]> {
  const budget = new Budget()
  const bindings = await bind(budget)
  const failures: Array<Failure & { validation: Validation }> = []
  for (const [index, validation] of validations.entries()) {
    const failure = await answered(() => check(validation, bindings, budget))
    if (failure) failures.push({ ...failure, index, validation })
  }
  const told: Failure[] = []
  for (const { validation, ...failure } of failures) told.push(await withWords(failure, validation, bindings, budget))
  return told
}

/** Notes what annotations say. Throws `BudgetError`. */
async function noteAll(annotations: readonly AuditAnnotation[], bind: Bind, notes: Notes): Promise<Failure[]> {
  if (annotations.length === 0) return []
  const budget = new Budget()
  const bindings = await bind(budget)
  const failures: Failure[] = []
  for (const annotation of annotations) {
    const failure = await answered(() => note(annotation, bindings, notes, budget))
    if (failure) failures.push(failure)
  }
  return failures
}

/** Adds what an annotation says, if it says anything; answers why it cannot. */
function note(
  { key, valueExpression }: AuditAnnotation,
  bindings: Bindings,
  notes: Notes,
  budget: Budget,
): Failure | undefined {
  try {
    const value = programOf(valueExpression, policyVariables).evaluate(bindings, budget)
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

/** Answers a failure that has no words of its own yet. */
function check(
  { expression, message, reason = 'Invalid' }: Validation,
  bindings: Bindings,
  budget: Budget,
): Failure | undefined {
  try {
    if (programOf(expression, policyVariables).evaluate(bindings, budget) === true) return undefined
  } catch (error) {
    if (!(error instanceof CelError) || error instanceof BudgetError) throw error
    return { message: failedEvaluation(expression, error), reason: 'Invalid', isError: true }
  }
  return { message: message?.trim() ?? `failed expression: ${expression.trim()}`, reason, isError: false }
}

/** A failure in the words that an expression makes; one that costs too much is an error. */
async function withWords(
  failure: Failure,
  { messageExpression }: Validation,
  bindings: Bindings,
  budget: Budget,
): Promise<Failure> {
  if (!messageExpression || failure.isError) return failure
  try {
    const words = await answered(() => wordsOf(messageExpression, bindings, budget))
    return words === undefined ? failure : { ...failure, message: words }
  } catch (error) {
    if (!(error instanceof BudgetError)) throw error
    return { ...failure, message: `failed messageExpression: ${error.message}`, reason: 'Invalid', isError: true }
  }
}

/** Characters of a message that an expression makes, at most. */
const MOST_WORDS = 5 * 1024

/** The message that an expression makes; undefined when it makes none that can be shown. Throws `BudgetError`. */
function wordsOf(expression: string, bindings: Bindings, budget: Budget): string | undefined {
  try {
    const made = programOf(expression, policyVariables).evaluate(bindings, budget)
    const words = typeof made === 'string' ? made.trim() : ''
    return words === '' || words.includes('\n') || words.length > MOST_WORDS ? undefined : words
  } catch (error) {
    if (error instanceof CelError && !(error instanceof BudgetError)) return undefined
    throw error
  }
}
