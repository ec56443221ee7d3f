import type { Pod } from '#types/core/v1'
import { parseTime } from '../../../src-kube/machinery/time.ts'

/** Milliseconds from the first round of refused pods to the next pods; each further round doubles them. */
const FIRST_PAUSE = 1_000
/** Milliseconds: no pause is longer, however many rounds there were. */
const LONGEST_PAUSE = 5 * 60_000
/** Milliseconds between two rounds after which the later one counts as the first. */
const FORGIVEN_AFTER = 2 * LONGEST_PAUSE

/**
 * Milliseconds until pods may take the place of those that their node refused (reasons `OutOfcpu`, `NodeAffinity`,
 * `UnexpectedAdmissionError` and the like; kubernetes.io, "Pod Lifecycle"); 0 or less when they may now. A set whose pods are refused each
 * time would else fill the cluster with failed pods as fast as its kubelet answers. Pods made in the same second count as one round; after
 * ten minutes without a refusal the pauses begin anew. Whoever deletes the failed pods ends the wait. `now` is milliseconds since the epoch.
 */
export function untilRefusedMayReturn(pods: readonly Pod[], now: number): number {
  const rounds = new Set(pods.filter(isRefused).map(({ metadata }) => parseTime(metadata.creationTimestamp) ?? 0))
  const newestFirst = [...rounds].toSorted((a, b) => b - a)
  const [last] = newestFirst
  if (last === undefined) return 0
  const gap = newestFirst.findIndex((at, i) => i > 0 && newestFirst[i - 1]! - at > FORGIVEN_AFTER)
  const count = gap < 0 ? newestFirst.length : gap
  return last + Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (count - 1)) - now
}

/** Whether a pod ended before any of its containers began. */
function isRefused({ status }: Pod): boolean {
  if (status?.phase !== 'Failed' || !status.reason) return false
  const all = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])]
  return all.every(({ restartCount, state }) => restartCount === 0 && !state?.terminated && !state?.running)
}
