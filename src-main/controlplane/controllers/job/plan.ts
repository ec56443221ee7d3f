import type { Job } from '#types/batch/v1'
import type { Pod } from '#types/core/v1'
import { parseTime } from '../../../../src-kube/machinery/time.ts'
import { isPodActive, restartsOf } from '../pods.ts'

export const indexAnnotation = 'batch.kubernetes.io/job-completion-index'
const firstBackoff = 10_000
const maxBackoff = 600_000

/** Why a job ends, in the words of its condition. */
export interface Ending {
  type: 'Complete' | 'Failed'
  reason: string
  message: string
}

export interface JobPlan {
  active: Pod[]
  succeeded: number
  failed: number
  completedIndexes: number[]
  ending?: Ending
  /** Completion indexes to make pods for; undefined entries for a job without indexes. */
  create: Array<number | undefined>
  remove: Pod[]
  /** Milliseconds until the plan may change by itself. */
  wait?: number
}

export const isIndexed = ({ spec }: Job): boolean => spec?.completionMode === 'Indexed'

export function indexOf({ metadata }: Pod): number {
  return Number(metadata.annotations?.[indexAnnotation] ?? -1)
}

/** What a job with these pods needs next ("Jobs" in the Kubernetes documentation). Pure; `now` is milliseconds since the epoch. */
export function planJob(job: Job, pods: readonly Pod[], now: number): JobPlan {
  const phase = (name: string) => pods.filter((pod) => pod.status?.phase === name)
  const active = pods.filter(isPodActive)
  const done = phase('Succeeded')
  const completedIndexes = [...new Set(done.map(indexOf))].toSorted((a, b) => a - b)
  const succeeded = isIndexed(job) ? completedIndexes.length : done.length
  const facts = { active, succeeded, failed: phase('Failed').length, completedIndexes, create: [], remove: [] }
  const ending = endingOf(job, facts, now)
  if (ending) return { ...facts, ending, remove: active }
  if (job.spec?.suspend) return { ...facts, remove: active }
  return { ...facts, ...replacements(job, facts, failuresSince(done, phase('Failed')), now) }
}

function endingOf(job: Job, { active, succeeded, failed }: JobPlan, now: number): Ending | undefined {
  const { completions, backoffLimit = 6, activeDeadlineSeconds, template } = job.spec ?? { template: {} }
  const restarts = template.spec?.restartPolicy === 'OnFailure' ? active.reduce((n, pod) => n + restartsOf(pod), 0) : 0
  if (failed > backoffLimit || (restarts > 0 && restarts >= backoffLimit))
    return { type: 'Failed', reason: 'BackoffLimitExceeded', message: 'Job has reached the specified backoff limit' }
  const deadline = deadlineOf(job, activeDeadlineSeconds)
  if (deadline !== undefined && now >= deadline)
    return { type: 'Failed', reason: 'DeadlineExceeded', message: 'Job was active longer than specified deadline' }
  const complete = completions === undefined ? succeeded > 0 && active.length === 0 : succeeded >= completions
  const message = 'Reached expected number of succeeded pods'
  return complete ? { type: 'Complete', reason: 'CompletionsReached', message } : undefined
}

function deadlineOf({ status }: Job, seconds: number | undefined): number | undefined {
  const start = parseTime(status?.startTime)
  return seconds === undefined || start === undefined ? undefined : start + seconds * 1000
}

function replacements(job: Job, facts: JobPlan, failed: readonly Pod[], now: number): Partial<JobPlan> {
  const { parallelism = 1, completions, activeDeadlineSeconds } = job.spec ?? {}
  const { active, succeeded } = facts
  const room =
    completions === undefined
      ? succeeded > 0
        ? active.length
        : parallelism
      : Math.min(parallelism, completions - succeeded)
  const deadline = deadlineOf(job, activeDeadlineSeconds)
  const untilDeadline = deadline === undefined ? {} : { wait: deadline - now }
  if (active.length > room) return { remove: active.slice(room), ...untilDeadline }
  const wait = backoff(failed, now)
  if (wait > 0) return { wait: Math.min(wait, untilDeadline.wait ?? wait) }
  const missing = room - active.length
  if (!isIndexed(job)) return { create: Array.from({ length: missing }, () => undefined), ...untilDeadline }
  const taken = new Set([...facts.completedIndexes, ...active.map(indexOf)])
  const free = Array.from({ length: completions ?? 0 }, (_, i) => i).filter((i) => !taken.has(i))
  return { create: free.slice(0, missing), ...untilDeadline }
}

/** The failures after the last success: a success starts the back-off anew. */
function failuresSince(succeeded: readonly Pod[], failed: readonly Pod[]): Pod[] {
  const last = Math.max(-Infinity, ...succeeded.map(endOf))
  return failed.filter((pod) => endOf(pod) > last)
}

/** Milliseconds until a pod may replace failed ones: 10 s after the first failure, doubled by each further one, at most 10 minutes. */
function backoff(failed: readonly Pod[], now: number): number {
  if (failed.length === 0) return 0
  const last = Math.max(...failed.map(endOf))
  return last + Math.min(maxBackoff, firstBackoff * 2 ** Math.min(failed.length - 1, 10)) - now
}

function endOf({ status, metadata }: Pod): number {
  const ends = (status?.containerStatuses ?? []).map((c) => parseTime(c.state?.terminated?.finishedAt) ?? 0)
  return Math.max(0, ...ends) || (parseTime(metadata.creationTimestamp) ?? 0)
}

/** `1,3-5`: how a status lists indexes. */
export function formatIndexes(indexes: readonly number[]): string {
  const runs: Array<[number, number]> = []
  for (const index of indexes) {
    const last = runs.at(-1)
    if (last && last[1] === index - 1) last[1] = index
    else runs.push([index, index])
  }
  return runs
    .map(([from, to]) => (from === to ? `${from}` : to === from + 1 ? `${from},${to}` : `${from}-${to}`))
    .join(',')
}
