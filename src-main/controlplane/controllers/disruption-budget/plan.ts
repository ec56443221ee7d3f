import type { Pod } from '#types/core/v1'
import type { PodDisruptionBudget, PodDisruptionBudgetStatus } from '#types/policy/v1'
import { allowing, type Said, withDisruptionAllowed } from '../../../../src-kube/kinds/policy/disruption-allowed.ts'
import { parseTime } from '../../../../src-kube/machinery/time.ts'
import { resolveIntOrPercent } from '../int-or-percent.ts'
import { isPodReady } from '../pods.ts'

/** Milliseconds in which an evicted pod has to be going away; after that it counts as running again. */
const DELETION_TIMEOUT = 120_000

/** What a budget allows now, and what is to be looked at later. */
export interface BudgetPlan {
  status: PodDisruptionBudgetStatus
  /** Pods whose eviction was allowed and never came. */
  notDeleted: Pod[]
  /** Milliseconds until the plan may change by itself. */
  wait?: number
}

/** Whether the number of pods there should be must be asked of their controllers: not for a `minAvailable` that is a number. */
export function needsScale({ spec }: PodDisruptionBudget): boolean {
  return spec.maxUnavailable !== undefined || typeof spec.minAvailable === 'string'
}

/**
 * What a budget allows ("Specifying a Disruption Budget for your Application"). `scale` is the number of pods their controllers want.
 * Shares are rounded up, of what must be available as of what may be away. Pure; `now` is milliseconds since the epoch.
 */
export function planBudget(budget: PodDisruptionBudget, pods: readonly Pod[], scale: number, now: number): BudgetPlan {
  const { spec, metadata } = budget
  const expectedPods = needsScale(budget) ? scale : spec.minAvailable === undefined ? 0 : pods.length
  const desiredHealthy =
    spec.maxUnavailable === undefined
      ? resolveIntOrPercent(spec.minAvailable, expectedPods, 'up')
      : Math.max(0, expectedPods - resolveIntOrPercent(spec.maxUnavailable, expectedPods, 'up'))
  const { disruptedPods, notDeleted, wait } = underWay(budget, pods, now)
  const healthy = pods.filter((pod) => !pod.metadata.deletionTimestamp && isPodReady(pod))
  const currentHealthy = healthy.filter(({ metadata: { name } }) => disruptedPods[name] === undefined).length
  const disruptionsAllowed = expectedPods > 0 ? Math.max(0, currentHealthy - desiredHealthy) : 0
  const status: PodDisruptionBudgetStatus = {
    currentHealthy,
    desiredHealthy,
    expectedPods,
    disruptionsAllowed,
    observedGeneration: metadata.generation,
    ...(Object.keys(disruptedPods).length > 0 ? { disruptedPods } : {}),
    conditions: withDisruptionAllowed(budget.status, allowing(disruptionsAllowed, metadata.generation), now),
  }
  return { status, notDeleted, ...(wait === undefined ? {} : { wait }) }
}

/** The status of a budget that cannot be worked out: nobody may be evicted until it can. */
export function failSafe(budget: PodDisruptionBudget, why: string, now: number): PodDisruptionBudgetStatus {
  const counts = { currentHealthy: 0, desiredHealthy: 0, expectedPods: 0, ...budget.status }
  const observedGeneration = budget.metadata.generation
  const said: Said = { status: 'False', reason: 'SyncFailed', message: why, observedGeneration }
  const conditions = withDisruptionAllowed(budget.status, said, now)
  return { ...counts, disruptionsAllowed: 0, observedGeneration, conditions }
}

/** Evictions that were allowed and whose pods are not going away yet. */
function underWay({ status }: PodDisruptionBudget, pods: readonly Pod[], now: number) {
  const disruptedPods: Record<string, string> = {}
  const notDeleted: Pod[] = []
  let wait: number | undefined
  for (const pod of pods) {
    const { name, deletionTimestamp } = pod.metadata
    const since = status?.disruptedPods?.[name]
    if (since === undefined || deletionTimestamp) continue
    const left = (parseTime(since) ?? 0) + DELETION_TIMEOUT - now
    if (left <= 0) notDeleted.push(pod)
    else {
      disruptedPods[name] = since
      wait = Math.min(wait ?? left, left)
    }
  }
  return { disruptedPods, notDeleted, wait }
}
