/**
 * Containers that the engine knows nothing of any more, as after somebody pruned it: what the pod's status tells of them is all that is left
 * (kubernetes.io, "Pod Lifecycle: Container states").
 */
import type { ContainerState, ContainerStateTerminated, ContainerStatus, Pod } from '#types/core/v1'

const REASON = 'ContainerStatusUnknown'
/** Exit code of what SIGKILL ended: 128 + 9. */
const KILLED = 137

const unknown = (message: string): ContainerStateTerminated => ({ exitCode: KILLED, reason: REASON, message })

/** Of one that ran when it was last heard of. */
const ran = unknown('The container could not be located when the pod was deleted.  The container used to be Running')
/** Of one in a pod that has ended. */
export const notFound = unknown('The container could not be located when the pod was terminated')
/** Of an init container in a pod whose main containers have begun. */
const mustHaveEnded: ContainerStateTerminated = {
  exitCode: 0,
  reason: 'Completed',
  message:
    'Unable to get init container status from container runtime and pod has been initialized, treat it as exit normally',
}

function toldOf({ status }: Pod, name: string): ContainerStatus | undefined {
  const { containerStatuses = [], initContainerStatuses = [], ephemeralContainerStatuses = [] } = status ?? {}
  return [...containerStatuses, ...initContainerStatuses, ...ephemeralContainerStatuses].find(
    (one) => one.name === name,
  )
}

/** How a container of which nothing is left has ended, in a pod that is over. */
export function endOf(pod: Pod, name: string): ContainerStateTerminated | undefined {
  const { phase } = pod.status ?? {}
  return phase === 'Succeeded' || phase === 'Failed' ? toldOf(pod, name)?.state?.terminated : undefined
}

/** How often a container of which nothing is left was started again: one that had begun counts as one more, unless it is `over`. */
export function restartsOf(pod: Pod, name: string, { over = false } = {}): number {
  const told = toldOf(pod, name)
  if (!told) return 0
  if (over) return told.restartCount ?? 0
  const begun = told.state?.running ?? told.state?.terminated
  return (told.restartCount ?? 0) + (begun && !pod.metadata.deletionTimestamp ? 1 : 0)
}

/** How a container of which nothing is left has ended before; empty when it never began. `over`: that it has ended now is told already. */
export function lastStateOf(pod: Pod, name: string, { over = false } = {}): ContainerState {
  const { state, lastState } = toldOf(pod, name) ?? {}
  if (state?.running) return { terminated: ran }
  const terminated = (over ? undefined : state?.terminated) ?? lastState?.terminated
  return terminated ? { terminated } : {}
}

/** How a container had ended before it was started again as `containerId`, when nothing is left of what ran then; empty when that is told nowhere. */
export function lastStateBefore(pod: Pod, name: string, containerId: string): ContainerState {
  const told = toldOf(pod, name)
  return told?.containerID === containerId ? (told.lastState ?? {}) : lastStateOf(pod, name)
}

/** How an init container of which nothing is left has ended, when main containers have begun. */
export function initEndOf(pod: Pod, name: string): ContainerStateTerminated {
  const ended = toldOf(pod, name)?.state?.terminated
  return ended?.exitCode === 0 ? ended : mustHaveEnded
}
