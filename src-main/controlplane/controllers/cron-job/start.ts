import type { CronJob, Job } from '#types/batch/v1'
import { refs } from '../../../../src-kube/client/refs.ts'
import { isAlreadyExists, isNotFound } from '../../../../src-kube/machinery/errors.ts'
import { controllerOf } from '../../../../src-kube/machinery/meta.ts'
import { formatTime, parseTime } from '../../../../src-kube/machinery/time.ts'
import type { ControllerContext } from '../../../../src-kube/runtime/controller.ts'
import { messageOf, namespaceEnds } from '../refusal.ts'
import { latestDue } from './due.ts'
import { removeJob, type StatusDraft } from './history.ts'
import { endOf, jobFor, jobName, referenceToJob } from './jobs.ts'
import type { Schedule } from './schedule.ts'
import type { Zone } from './zone.ts'

const TOO_MANY = 'too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew'

/** What a cron job's schedule means, and in which zone its times are told. */
export interface Timing {
  schedule: Schedule
  zone: Zone
}

/**
 * Starts the job that is due, if one is and the concurrency policy lets it, and answers the time that it was due at, in milliseconds; `status`
 * is put right in place.
 */
export async function startDue(
  ctx: ControllerContext,
  cronJob: CronJob,
  { schedule, zone }: Timing,
  status: StatusDraft,
): Promise<number | undefined> {
  const due = dueTime(ctx, cronJob, schedule, status)
  if (due === undefined) return undefined
  const name = jobName(cronJob, due)
  if (status.active?.some((job) => job.name === name) || parseTime(status.lastScheduleTime) === due) return undefined
  const { concurrencyPolicy } = cronJob.spec
  if (concurrencyPolicy === 'Forbid' && status.active?.length) {
    const words = 'Not starting job because prior execution is running and concurrency policy is Forbid'
    ctx.events.event(cronJob, 'Normal', 'JobAlreadyActive', words)
    return undefined
  }
  if (concurrencyPolicy === 'Replace') await removeActive(ctx, cronJob, status)
  const job = await create(ctx, cronJob, due, zone)
  if (!job) return undefined
  if (!endOf(job)) status.active = [...(status.active ?? []), referenceToJob(job)]
  status.lastScheduleTime = formatTime(due)
  return due
}

/** The latest time that is due; one past its deadline (`startingDeadlineSeconds`) is no more. */
function dueTime(
  ctx: ControllerContext,
  cronJob: CronJob,
  schedule: Schedule,
  { lastScheduleTime }: StatusDraft,
): number | undefined {
  const now = ctx.clock.now()
  const { startingDeadlineSeconds } = cronJob.spec
  const deadline = startingDeadlineSeconds === undefined ? -Infinity : now - startingDeadlineSeconds * 1000
  const since = parseTime(lastScheduleTime) ?? parseTime(cronJob.metadata.creationTimestamp) ?? now
  const { latest, many } = latestDue(schedule, Math.max(since, deadline), now)
  if (many) ctx.events.event(cronJob, 'Warning', 'TooManyMissedTimes', TOO_MANY)
  return latest
}

async function removeActive(ctx: ControllerContext, cronJob: CronJob, status: StatusDraft): Promise<void> {
  for (const { name = '', namespace } of status.active ?? []) {
    let job: Job
    try {
      job = await ctx.client.resource(refs.jobs).get(name, namespace)
    } catch (error) {
      if (isNotFound(error)) continue
      ctx.events.event(cronJob, 'Warning', 'FailedGet', `Get job: ${messageOf(error)}`)
      throw error
    }
    await removeJob(ctx, cronJob, job, status)
  }
}

/** The job of this time, made now or by an earlier attempt whose status was lost; undefined when there can be none. */
async function create(ctx: ControllerContext, cronJob: CronJob, due: number, zone: Zone): Promise<Job | undefined> {
  const draft = jobFor(cronJob, due, zone)
  const jobs = ctx.client.resource(refs.jobs)
  const name = jobName(cronJob, due)
  try {
    const job = await jobs.create(draft)
    ctx.events.event(cronJob, 'Normal', 'SuccessfulCreate', `Created job ${name}`)
    return job
  } catch (error) {
    if (namespaceEnds(error)) return undefined
    if (!isAlreadyExists(error)) {
      ctx.events.event(cronJob, 'Warning', 'FailedCreate', `Error creating job: ${messageOf(error)}`)
      throw error
    }
    const job = await jobs.get(name, cronJob.metadata.namespace)
    if (controllerOf(job)?.uid === cronJob.metadata.uid) return job
    const words = `CronJob "${cronJob.metadata.name}" could not create Job "${name}": name already exists`
    ctx.events.event(cronJob, 'Warning', 'FailedCreate', words)
    return undefined
  }
}
