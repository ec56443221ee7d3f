import type { Pod } from '#types/core/v1'
import type { FurtherCondition } from './allocated.ts'
import { SANDBOX } from './naming.ts'
import type { Observed } from './observed.ts'
import { allContainers } from './pod-containers.ts'
import { matchesExit } from './restart.ts'

/** Whether an end of a container may have all of the pod start anew. */
const hasRules = (pod: Pod): boolean =>
  allContainers(pod).some(({ restartPolicyRules }) =>
    restartPolicyRules?.some(({ action }) => action === 'RestartAllContainers'),
  )

/**
 * What the engine has of a pod, where what is from before the last end that has all containers start anew is marked as outdated: whatever its
 * policy it is to end and to start again (KEP-5532). What ended because of that is no reason for another. Pure.
 */
export function markOutdated(pod: Pod, observed: Observed[]): Observed[] {
  const since = hasRules(pod) ? restartedAt(pod, observed) : undefined
  if (since === undefined) return observed
  return observed.map((one) => (one.name !== SANDBOX && beganBefore(one, since) ? { ...one, outdated: true } : one))
}

/** Milliseconds since the epoch; undefined for never. */
function restartedAt(pod: Pod, observed: readonly Observed[]): number | undefined {
  const rules = new Map(allContainers(pod).map(({ name, restartPolicyRules }) => [name, restartPolicyRules ?? []]))
  // Of several rules that fit the first counts.
  const asks = ({ name, state, exitCode }: Observed): boolean =>
    state === 'exited' &&
    rules.get(name)?.find((rule) => matchesExit(rule, exitCode))?.action === 'RestartAllContainers'
  const ends = observed.filter(asks).toSorted((a, b) => timeOf(a.finishedAt) - timeOf(b.finishedAt))
  let since: number | undefined
  for (const end of ends) if (since === undefined || !beganBefore(end, since)) since = timeOf(end.finishedAt)
  return since
}

const timeOf = (time: string | undefined): number => Date.parse(time ?? '') || 0

/** One that never ran was made to be before whatever ended. */
const beganBefore = ({ startedAt }: Observed, since: number): boolean => timeOf(startedAt) < since

/** What still runs from before. Pure. */
export const outdatedRunning = (observed: readonly Observed[]): Observed[] =>
  observed.filter(({ outdated, state }) => outdated === true && state === 'running')

/** Of a pod that may start anew as a whole: whether it is about to. Pure. */
export function restartAllConditions(pod: Pod, observed: readonly Observed[]): FurtherCondition[] {
  if (!hasRules(pod)) return []
  return [{ type: 'AllContainersRestarting', status: outdatedRunning(observed).length > 0 ? 'True' : 'False' }]
}
