import type { Condition } from '#types/meta/v1'
import type { PodDisruptionBudgetStatus } from '#types/policy/v1'
import { formatTime } from '../../machinery/time.ts'

/** Of a budget's condition that says whether a pod may be evicted now. */
export const DISRUPTION_ALLOWED = 'DisruptionAllowed'

/** What the condition says, and of which generation of the budget. */
export interface Said extends Pick<Condition, 'status' | 'reason' | 'message'> {
  observedGeneration: number | undefined
}

/** As many disruptions as are allowed, in the words of the condition. */
export const allowing = (disruptions: number, observedGeneration: number | undefined): Said =>
  disruptions > 0
    ? { status: 'True', reason: 'SufficientPods', message: '', observedGeneration }
    : { status: 'False', reason: 'InsufficientPods', message: '', observedGeneration }

/** The conditions of a budget when it says so; `now` in milliseconds since the epoch. */
export function withDisruptionAllowed(
  status: Pick<PodDisruptionBudgetStatus, 'conditions'> | undefined,
  { observedGeneration, ...said }: Said,
  now: number,
): Condition[] {
  const old = status?.conditions?.find(({ type }) => type === DISRUPTION_ALLOWED)
  const others = (status?.conditions ?? []).filter(({ type }) => type !== DISRUPTION_ALLOWED)
  const lastTransitionTime = old?.status === said.status ? old.lastTransitionTime : formatTime(now)
  const condition = { type: DISRUPTION_ALLOWED, ...said, lastTransitionTime }
  return [...others, { ...condition, ...(observedGeneration ? { observedGeneration } : {}) }]
}
