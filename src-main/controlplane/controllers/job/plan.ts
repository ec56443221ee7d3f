import type { Job } from '#types/batch/v1'
import type { Pod } from '#types/core/v1'
import { parseTime } from '../../../../src-kube/machinery/time.ts'
import { isPodActive, restartsOf } from '../pods.ts'
import { indexOf, isIndexed, parseIndexes } from './indexes.ts'
import { replacesFailedOnly, type Tally, tallyPods, terminatingOf } from './tally.ts'

/**
 * Milliseconds from a failure to the next pod: after the first, doubled by each up to the second (kubernetes.io, "Jobs: Pod backoff failure
 * policy").
 */
const FIRST_BACKOFF = 10_000
const MAX_BACKOFF = 600_000

/** Why a job ends, in the words of its condition. */
export interface Ending {
  type: 'Complete' | 'Failed'
  reason: string
  message: string
}

/** What is to be done for a job now, with what was counted for it. */
export interface JobPlan extends Tally {
  active: Pod[]
  terminating: Pod[]
  ending?: Ending
  /** Completion indexes to make pods for; undefined entries for a job without indexes. */
  create: Array<number | undefined>
  /** Pods to delete; with an ending they count as failures, otherwise they were never there. */
  remove: Pod[]
  /** Milliseconds until the plan may change by itself. */
  wait?: number
}

const interim = { SuccessCriteriaMet: 'Complete', FailureTarget: 'Failed' } as const

/** What a job with these pods needs next ("Jobs" in the Kubernetes documentation). Pure; `now` is milliseconds since the epoch. */
export function planJob(job: Job, pods: readonly Pod[], now: number): JobPlan {
  const active = pods.filter(isPodActive)
  const tally = tallyPods(job, pods)
  const facts: JobPlan = { ...tally, active, terminating: terminatingOf(pods), create: [], remove: [] }
  const ending = decided(job) ?? failureOf(job, facts, now) ?? successOf(job, facts)
  if (ending) return { ...facts, ending, remove: active }
  if (job.spec?.suspend) return { ...facts, remove: active }
  return { ...facts, ...replacements(job, facts, pods, now) }
}

/** An end that was announced stays, whatever happens while the last pods go. */
function decided({ status }: Job): Ending | undefined {
  for (const { type, status: holds, reason = '', message = '' } of status?.conditions ?? [])
    if (holds === 'True' && (type === 'SuccessCriteriaMet' || type === 'FailureTarget'))
      return { type: interim[type], reason, message }
  return undefined
}

function failureOf(job: Job, facts: JobPlan, now: number): Ending | undefined {
  const { active, failed, failJob, failedIndexes, succeeded } = facts
  const {
    completions,
    backoffLimit = 6,
    activeDeadlineSeconds,
    maxFailedIndexes,
    template,
  } = job.spec ?? { template: {} }
  const fail = (reason: string, message: string): Ending => ({ type: 'Failed', reason, message })
  if (failJob !== undefined) return fail('PodFailurePolicy', failJob)
  const restarts = template.spec?.restartPolicy === 'OnFailure' ? active.reduce((n, pod) => n + restartsOf(pod), 0) : 0
  if (failed > backoffLimit || (restarts > 0 && restarts >= backoffLimit))
    return fail('BackoffLimitExceeded', 'Job has reached the specified backoff limit')
  const deadline = deadlineOf(job, activeDeadlineSeconds)
  if (deadline !== undefined && now >= deadline)
    return fail('DeadlineExceeded', 'Job was active longer than specified deadline')
  if (maxFailedIndexes !== undefined && failedIndexes.length > maxFailedIndexes)
    return fail('MaxFailedIndexesExceeded', 'Job has exceeded the specified maximal number of failed indexes')
  const over = failedIndexes.length > 0 && succeeded + failedIndexes.length >= (completions ?? Infinity)
  return over ? fail('FailedIndexes', 'Job has failed indexes') : undefined
}

function successOf(job: Job, { active, succeeded, completedIndexes }: JobPlan): Ending | undefined {
  const { completions, successPolicy } = job.spec ?? {}
  const met = (successPolicy?.rules ?? []).findIndex((rule) => {
    const asked = parseIndexes(rule.succeededIndexes, completions)
    const done =
      rule.succeededIndexes === undefined ? completedIndexes : completedIndexes.filter((i) => asked.includes(i))
    return done.length >= (rule.succeededCount ?? asked.length)
  })
  if (met >= 0) return { type: 'Complete', reason: 'SuccessPolicy', message: `Matched rules at index ${met}` }
  const complete = completions === undefined ? succeeded > 0 && active.length === 0 : succeeded >= completions
  const message = 'Reached expected number of succeeded pods'
  return complete ? { type: 'Complete', reason: 'CompletionsReached', message } : undefined
}

function deadlineOf({ status }: Job, seconds: number | undefined): number | undefined {
  const start = parseTime(status?.startTime)
  return seconds === undefined || start === undefined ? undefined : start + seconds * 1000
}

function replacements(job: Job, facts: JobPlan, pods: readonly Pod[], now: number): Partial<JobPlan> {
  const { completions, activeDeadlineSeconds } = job.spec ?? {}
  const { active, terminating } = facts
  const room = roomOf(job, facts)
  const deadline = deadlineOf(job, activeDeadlineSeconds)
  const untilDeadline = deadline === undefined ? {} : { wait: deadline - now }
  // Pods of indexes that the job has no more go first, as they count for nothing, then the highest ones.
  const order = isIndexed(job) ? active.toSorted((a, b) => rank(a, completions) - rank(b, completions)) : active
  const surplus = order.filter((pod, i) => i >= room || (isIndexed(job) && indexOf(pod, completions) < 0))
  if (surplus.length > 0) return { remove: surplus, ...untilDeadline }
  const standing = replacesFailedOnly(job) ? [...active, ...terminating] : active
  const missing = Math.max(0, room - standing.length)
  const sooner = (wait: number) => ({ wait: Math.min(wait, untilDeadline.wait ?? wait) })
  if (isIndexed(job) && job.spec?.backoffLimitPerIndex !== undefined) {
    const { create, wait } = perIndex(job, facts, standing, missing, now)
    return { create, ...(wait === undefined ? untilDeadline : sooner(wait)) }
  }
  const wait = backoff(failuresSince(pods), now)
  if (wait > 0) return sooner(wait)
  const create = isIndexed(job)
    ? freeIndexes(job, facts, standing).slice(0, missing)
    : Array.from({ length: missing }, () => undefined)
  return { create, ...untilDeadline }
}

const rank = (pod: Pod, completions: number | undefined): number => {
  const index = indexOf(pod, completions)
  return index < 0 ? Number.MAX_SAFE_INTEGER : index
}

/** How many pods may be active. */
function roomOf(job: Job, { active, succeeded, failedIndexes }: JobPlan): number {
  const { parallelism = 1, completions } = job.spec ?? {}
  if (completions === undefined) return succeeded > 0 ? Math.min(active.length, parallelism) : parallelism
  return Math.min(parallelism, completions - succeeded - failedIndexes.length)
}

function freeIndexes(job: Job, facts: JobPlan, standing: readonly Pod[]): number[] {
  const taken = new Set([...facts.completedIndexes, ...facts.failedIndexes, ...standing.map((pod) => indexOf(pod))])
  return Array.from({ length: job.spec?.completions ?? 0 }, (_, i) => i).filter((i) => !taken.has(i))
}

/** Each index waits for its own failures only (KEP-3850). */
function perIndex(
  job: Job,
  facts: JobPlan,
  standing: readonly Pod[],
  missing: number,
  now: number,
): { create: number[]; wait?: number } {
  const waits = freeIndexes(job, facts, standing).map((index) => ({
    index,
    wait: backoff(facts.byIndex.get(index)?.pods ?? [], now, facts.byIndex.get(index)?.counted),
  }))
  const create = waits.filter(({ wait }) => wait <= 0).map(({ index }) => index)
  const later = waits.filter(({ wait }) => wait > 0).map(({ wait }) => wait)
  const held = create.length < missing && later.length > 0
  return { create: create.slice(0, missing), ...(held ? { wait: Math.min(...later) } : {}) }
}

/** The failures after the last success: a success starts the back-off anew. */
function failuresSince(pods: readonly Pod[]): Pod[] {
  const last = Math.max(-Infinity, ...pods.filter(({ status }) => status?.phase === 'Succeeded').map(endOf))
  return pods.filter((pod) => pod.status?.phase === 'Failed' && endOf(pod) > last)
}

/** Milliseconds until a pod may replace failed ones: 10 s after the first failure, doubled by each further one, at most 10 minutes. */
function backoff(failed: readonly Pod[], now: number, count = failed.length): number {
  if (failed.length === 0) return 0
  const last = Math.max(...failed.map(endOf))
  return last + Math.min(MAX_BACKOFF, FIRST_BACKOFF * 2 ** Math.min(Math.max(0, count - 1), 10)) - now
}

function endOf({ status, metadata }: Pod): number {
  const ends = (status?.containerStatuses ?? []).map((c) => parseTime(c.state?.terminated?.finishedAt) ?? 0)
  return Math.max(0, ...ends) || (parseTime(metadata.creationTimestamp) ?? 0)
}
