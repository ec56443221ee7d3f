import type { MatchCondition } from '#types/admissionregistration.k8s.io/v1'
import { Budget, BudgetError, CelError, type Bindings } from '../../../../src-kube/machinery/cel/index.ts'
import { PER_CONDITIONS } from '../../../../src-kube/machinery/cel/cost/limits.ts'
import { failedEvaluation, programOf } from './expressions.ts'

/** A condition that cannot be evaluated. */
export class ConditionError extends CelError {
  constructor(expression: string, cause: CelError) {
    super(failedEvaluation(expression, cause), { cause })
  }
}

/**
 * Whether a request meets all conditions (kubernetes.io, "Dynamic Admission Control: Matching requests: matchConditions"). One that is false
 * decides; else one that cannot be evaluated is thrown as a `ConditionError`. Throws `BudgetError` when all together cost too much.
 */
export function meetsConditions(
  conditions: readonly MatchCondition[] | undefined,
  bindings: Bindings,
  variables: readonly string[],
): boolean {
  let failure: ConditionError | undefined
  const budget = new Budget(PER_CONDITIONS)
  for (const { expression } of conditions ?? []) {
    try {
      if (programOf(expression, variables).evaluate(bindings, budget) !== true) return false
    } catch (error) {
      if (!(error instanceof CelError) || error instanceof BudgetError) throw error
      failure ??= new ConditionError(expression, error)
    }
  }
  if (failure) throw failure
  return true
}
