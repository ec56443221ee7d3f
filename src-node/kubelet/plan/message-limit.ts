import type { ContainerState, ContainerStatus, Pod } from '#types/core/v1'

/** Bytes for the last words of all containers of a pod together. */
const MOST = 12 * 1024

/**
 * Statuses whose last words are no longer than each container's equal share of what a pod may keep (kubernetes.io, "Determine the
 * Reason for Pod Failure: Customizing the termination message").
 */
export function limitMessages(pod: Pod, statuses: readonly ContainerStatus[]): ContainerStatus[] {
  const { containers, initContainers = [], ephemeralContainers = [] } = pod.spec
  const share = Math.floor(MOST / (containers.length + initContainers.length + ephemeralContainers.length))
  return statuses.map((status) => ({
    ...status,
    state: limited(status.state, share),
    lastState: limited(status.lastState, share),
  }))
}

function limited(state: ContainerState | undefined, share: number): ContainerState | undefined {
  const message = state?.terminated?.message
  if (message === undefined || Buffer.byteLength(message) <= share) return state
  // A character that the limit cuts in two goes as a whole.
  const cut = Buffer.from(message)
    .toString('utf8', 0, share)
    .replace(/\uFFFD$/, '')
  return { ...state, terminated: { ...state!.terminated!, message: cut } }
}
