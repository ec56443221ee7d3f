import type { CronJob, CronJobStatus, Job } from '#types/batch/v1'
import { refs } from '../../../../src-kube/client/refs.ts'
import { isNotFound } from '../../../../src-kube/machinery/errors.ts'
import { parseTime } from '../../../../src-kube/machinery/time.ts'
import type { ControllerContext } from '../../../../src-kube/runtime/controller.ts'
import { messageOf } from '../refusal.ts'
import { beyondHistory, endOf } from './jobs.ts'

/** A status that is being worked out: the list of active jobs and the last success are put right in place. */
export type StatusDraft = CronJobStatus

/** Takes finished and missing jobs off the list of active ones, and notes the last success. */
export async function observeJobs(
  ctx: ControllerContext,
  cronJob: CronJob,
  jobs: readonly Job[],
  status: StatusDraft,
): Promise<void> {
  const active = new Set(status.active?.map(({ uid }) => uid))
  for (const job of jobs) {
    const end = endOf(job)
    const { uid, name } = job.metadata
    if (!end && !active.has(uid)) await reportUnexpected(ctx, cronJob, job)
    if (end && active.has(uid)) {
      drop(status, uid)
      ctx.events.event(cronJob, 'Normal', 'SawCompletedJob', `Saw completed job: ${name}, condition: ${end}`)
    }
    const completed = end === 'Complete' ? job.status?.completionTime : undefined
    if (completed && (parseTime(completed) ?? 0) > (parseTime(status.lastSuccessfulTime) ?? 0))
      status.lastSuccessfulTime = completed
  }
  const known = new Set(jobs.map(({ metadata }) => metadata.uid))
  for (const { uid, name = '', namespace } of status.active ?? []) {
    if (known.has(uid ?? '') || (await exists(ctx, name, namespace, uid))) continue
    drop(status, uid)
    ctx.events.event(cronJob, 'Normal', 'MissingJob', `Active job went missing: ${name}`)
  }
}

/** The cache of cron jobs may be behind that of jobs: only the server knows which jobs are listed. */
async function reportUnexpected(ctx: ControllerContext, cronJob: CronJob, job: Job): Promise<void> {
  const fresh = await ctx.client.resource(refs.cronJobs).get(cronJob.metadata.name, cronJob.metadata.namespace)
  if (fresh.status?.active?.some(({ uid }) => uid === job.metadata.uid)) return
  const words = `Saw a job that the controller did not create or forgot: ${job.metadata.name}`
  ctx.events.event(cronJob, 'Warning', 'UnexpectedJob', words)
}

async function exists(
  ctx: ControllerContext,
  name: string,
  namespace: string | undefined,
  uid: string | undefined,
): Promise<boolean> {
  try {
    return (await ctx.client.resource(refs.jobs).get(name, namespace)).metadata.uid === uid
  } catch (error) {
    if (isNotFound(error)) return false
    throw error
  }
}

function drop(status: StatusDraft, uid: string | undefined): void {
  status.active = (status.active ?? []).filter((one) => one.uid !== uid)
}

/** Removes finished jobs beyond the history limits. */
export async function removeOld(
  ctx: ControllerContext,
  cronJob: CronJob,
  jobs: readonly Job[],
  status: StatusDraft,
): Promise<void> {
  const going = jobs.filter(({ metadata }) => !metadata.deletionTimestamp)
  for (const job of beyondHistory(cronJob, going)) await removeJob(ctx, cronJob, job, status)
}

/** Deletes a job in the background and takes it off the list of active ones; a failure is told and thrown. */
export async function removeJob(
  ctx: ControllerContext,
  cronJob: CronJob,
  { metadata: { name, namespace, uid } }: Job,
  status: StatusDraft,
): Promise<void> {
  try {
    const body = { propagationPolicy: 'Background', preconditions: { uid } }
    await ctx.client.resource(refs.jobs).delete(name, namespace, body)
  } catch (error) {
    if (!isNotFound(error)) {
      ctx.events.event(cronJob, 'Warning', 'FailedDelete', `Deleted job: ${messageOf(error)}`)
      throw error
    }
  }
  drop(status, uid)
  ctx.events.event(cronJob, 'Normal', 'SuccessfulDelete', `Deleted job ${name}`)
}
