import type { MatchCondition } from '#types/admissionregistration.k8s.io/v1'
import { CelError, type Bindings } from '../../../../src-kube/machinery/cel/index.ts'
import { failedEvaluation, programOf } from './expressions.ts'

/** A condition that cannot be evaluated. */
export class ConditionError extends CelError {
  constructor(expression: string, cause: CelError) {
    super(failedEvaluation(expression, cause), { cause })
  }
}

/**
 * Whether a request meets all conditions (kubernetes.io, "Dynamic Admission Control: Matching requests: matchConditions"). One that is false
 * decides; else one that cannot be evaluated is thrown as a `ConditionError`.
 */
export function meetsConditions(
  conditions: readonly MatchCondition[] | undefined,
  bindings: Bindings,
  variables: readonly string[],
): boolean {
  let failure: ConditionError | undefined
  for (const { expression } of conditions ?? []) {
    try {
      if (programOf(expression, variables).evaluate(bindings) !== true) return false
    } catch (error) {
      if (!(error instanceof CelError)) throw error
      failure ??= new ConditionError(expression, error)
    }
  }
  if (failure) throw failure
  return true
}
