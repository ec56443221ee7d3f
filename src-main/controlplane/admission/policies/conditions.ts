import type { MatchCondition } from '#types/admissionregistration.k8s.io/v1'
import { CelError, type Bindings } from '../../../../src-kube/machinery/cel/index.ts'
import { programOf } from './expressions.ts'

/**
 * Whether a request meets all conditions (kubernetes.io, "Dynamic Admission Control: Matching requests: matchConditions"). One that is false
 * decides; else one that cannot be evaluated is thrown as a `CelError`.
 */
export function meetsConditions(
  conditions: readonly MatchCondition[] | undefined,
  bindings: Bindings,
  variables: readonly string[],
): boolean {
  let failure: CelError | undefined
  for (const { name, expression } of conditions ?? []) {
    try {
      if (programOf(expression, variables).evaluate(bindings) !== true) return false
    } catch (error) {
      if (!(error instanceof CelError)) throw error
      failure ??= new CelError(`match condition ${JSON.stringify(name)}: ${error.message}`, { cause: error })
    }
  }
  if (failure) throw failure
  return true
}
