import type { Job } from '#types/batch/v1'
import type { Pod } from '#types/core/v1'
import { isPodTerminal } from '../pods.ts'
import { judge } from './failure-policy.ts'
import { FAILURES_ANNOTATION, IGNORED_ANNOTATION, indexOf, inOrder, isIndexed, parseIndexes } from './indexes.ts'

/** Keeps a pod that has ended until its job has counted it (KEP-2307). */
export const TRACKING_FINALIZER = 'batch.kubernetes.io/job-tracking'

/** Whether the pod has yet to be counted. */
export const isTracked = ({ metadata }: Pod): boolean => metadata.finalizers?.includes(TRACKING_FINALIZER) ?? false

/** Failures of one completion index. */
export interface IndexFailures {
  counted: number
  ignored: number
  /** The pods that failed and are still there. */
  pods: Pod[]
}

/** What has become of a job's pods so far: those that are counted for good, and those about to be. */
export interface Tally {
  /** Counters as the status may show them. */
  counted: { succeeded: number; failed: number }
  /** Uids of pods that have ended and are not in the counters yet: they still have the finalizer. */
  uncounted: { succeeded: string[]; failed: string[] }
  /** Pods that may go once the status is written. */
  release: Pod[]
  /** All successes and failures, counted or not. */
  succeeded: number
  failed: number
  completedIndexes: number[]
  failedIndexes: number[]
  byIndex: Map<number, IndexFailures>
  /** The message of a rule that fails the job. */
  failJob?: string
}

/** Replacements wait until pods have failed; one that is being deleted has not. */
export const replacesFailedOnly = ({ spec }: Job): boolean =>
  spec?.podReplacementPolicy === 'Failed' || (!spec?.podReplacementPolicy && spec?.podFailurePolicy !== undefined)

/** A pod that is deleted counts as a failure, unless the job waits for its end. */
function hasFailed(job: Job, { status, metadata }: Pod): boolean {
  if (status?.phase === 'Failed') return true
  return !replacesFailedOnly(job) && metadata.deletionTimestamp !== undefined && status?.phase !== 'Succeeded'
}

/**
 * Counts a job's pods so that each counts once, whatever is deleted and whenever the controller stops: uids go into the status first,
 * then the finalizer off the pod, then from the uids to the counters ("Jobs: Job tracking with finalizers"). Pure.
 */
export function tallyPods(job: Job, pods: readonly Pod[]): Tally {
  const { status } = job
  const { completions } = job.spec ?? {}
  const tracked = new Map(pods.filter(isTracked).map((pod) => [pod.metadata.uid, pod]))
  const waiting = (uids: readonly string[] | undefined) => (uids ?? []).filter((uid) => tracked.has(uid))
  const before = status?.uncountedTerminatedPods
  const uncounted = { succeeded: waiting(before?.succeeded), failed: waiting(before?.failed) }
  const settled = (kind: 'succeeded' | 'failed') =>
    (status?.[kind] ?? 0) + (before?.[kind]?.length ?? 0) - uncounted[kind].length
  const tally: Tally = {
    counted: { succeeded: settled('succeeded'), failed: settled('failed') },
    uncounted,
    release: [],
    succeeded: 0,
    failed: 0,
    completedIndexes: parseIndexes(status?.completedIndexes, completions),
    failedIndexes: parseIndexes(status?.failedIndexes, completions),
    byIndex: new Map(),
  }
  for (const pod of pods) count(job, pod, tally)
  tally.completedIndexes = inOrder(tally.completedIndexes)
  const complete = new Set(tally.completedIndexes)
  tally.failedIndexes = inOrder(tally.failedIndexes.filter((index) => !complete.has(index)))
  if (isIndexed(job)) tally.counted.succeeded = complete.size
  tally.succeeded = tally.counted.succeeded + uncounted.succeeded.length
  tally.failed = tally.counted.failed + uncounted.failed.length
  return tally
}

function count(job: Job, pod: Pod, tally: Tally): void {
  const { uid } = pod.metadata
  const index = isIndexed(job) ? indexOf(pod, job.spec?.completions) : -1
  const succeeded = pod.status?.phase === 'Succeeded'
  if (!succeeded && hasFailed(job, pod)) return countFailure(job, pod, index, tally)
  if (!succeeded) return
  if (index >= 0) tally.completedIndexes.push(index)
  if (!isTracked(pod)) return
  tally.release.push(pod)
  if (!isIndexed(job) && !tally.uncounted.succeeded.includes(uid)) tally.uncounted.succeeded.push(uid)
}

function countFailure(job: Job, pod: Pod, index: number, tally: Tally): void {
  const { uid } = pod.metadata
  // A policy judges how pods ended; one that never came to an end counts.
  const { action, message } = pod.status?.phase === 'Failed' ? judge(job, pod) : { action: 'Count', message: '' }
  if (index >= 0) countForIndex(job, pod, index, action, tally)
  if (action === 'FailJob') tally.failJob ??= message
  if (!isTracked(pod)) return
  tally.release.push(pod)
  if (action !== 'Ignore' && !tally.uncounted.failed.includes(uid)) tally.uncounted.failed.push(uid)
}

function countForIndex(job: Job, pod: Pod, index: number, action: string, tally: Tally): void {
  const { annotations } = pod.metadata
  const ignores = action === 'Ignore'
  const known = tally.byIndex.get(index) ?? { counted: 0, ignored: 0, pods: [] }
  const counted = Number(annotations?.[FAILURES_ANNOTATION] ?? 0) + (ignores ? 0 : 1)
  const ignored = Number(annotations?.[IGNORED_ANNOTATION] ?? 0) + (ignores ? 1 : 0)
  tally.byIndex.set(index, {
    counted: Math.max(known.counted, counted),
    ignored: Math.max(known.ignored, ignored),
    pods: [...known.pods, pod],
  })
  const { backoffLimitPerIndex: limit } = job.spec ?? {}
  if (limit !== undefined && (action === 'FailIndex' || counted > limit)) tally.failedIndexes.push(index)
}

/** Pods that are going and have not ended. */
export function terminatingOf(pods: readonly Pod[]): Pod[] {
  return pods.filter((pod) => pod.metadata.deletionTimestamp !== undefined && !isPodTerminal(pod))
}
