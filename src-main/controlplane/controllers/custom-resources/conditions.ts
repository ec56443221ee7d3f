import type { CustomResourceDefinition, CustomResourceDefinitionCondition } from '#types/apiextensions.k8s.io/v1'

export type Condition = CustomResourceDefinitionCondition
type ConditionDraft = Pick<Condition, 'type' | 'status' | 'reason' | 'message'>

export const conditionOf = ({ status }: CustomResourceDefinition, type: string): Condition | undefined =>
  status?.conditions?.find((condition) => condition.type === type)

/**
 * The conditions with one set; the time of the last transition stays while the status does.
 *
 * @param time RFC 3339.
 */
export function withCondition(conditions: readonly Condition[], draft: ConditionDraft, time: string): Condition[] {
  const at = conditions.findIndex(({ type }) => type === draft.type)
  const old = conditions[at]
  const lastTransitionTime = old?.status === draft.status ? (old?.lastTransitionTime ?? time) : time
  const condition = { ...draft, lastTransitionTime } as Condition
  return at < 0 ? [...conditions, condition] : conditions.with(at, condition)
}
