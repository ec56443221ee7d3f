import type { CronJob, CronJobStatus } from '#types/batch/v1'
import { byController } from '../../../../src-kube/client/indexer.ts'
import { refs } from '../../../../src-kube/client/refs.ts'
import {
  type AnyController,
  type ControllerContext,
  defineController,
  done,
  type ReconcileResult,
  requeueAfter,
} from '../../../../src-kube/runtime/controller.ts'
import { parseTime } from '../../../../src-kube/machinery/time.ts'
import { equal } from '../equal.ts'
import { messageOf } from '../refusal.ts'
import { latestDue } from './due.ts'
import { observeJobs, removeOld } from './history.ts'
import { CronJobMetrics } from './metrics.ts'
import { parseSchedule, type Schedule } from './schedule.ts'
import { startDue, type Timing } from './start.ts'
import { timeZone, type Zone } from './zone.ts'

/** Timers do not run while the machine sleeps: nobody waits longer than this for a look at the clock on the wall. */
const LONGEST_WAIT = 60_000

/** Makes jobs by the clock ("CronJob" in the Kubernetes documentation) and keeps as many finished ones as its limits say. */
export function cronJobController(metrics = new CronJobMetrics()): AnyController {
  /** Revisions of the last written statuses: what an older one lists has been told already. */
  const written = new Map<string, number>()
  return defineController<CronJob>({
    name: 'cronjob-controller',
    for: refs.cronJobs,
    owns: [refs.jobs],
    setup: (ctx) => ctx.informer(refs.jobs).addIndex(byController.name, byController.of),
    async gone(_ctx, key) {
      written.delete(key)
    },
    async reconcile(ctx, cronJob, key) {
      if (cronJob.metadata.deletionTimestamp) return done
      if (Number(cronJob.metadata.resourceVersion) < (written.get(key) ?? 0)) return done
      const jobs = ctx.informer(refs.jobs).byIndex(byController.name, cronJob.metadata.uid)
      const status: CronJobStatus = { ...cronJob.status }
      const timing = cronJob.spec.suspend ? undefined : timingOf(ctx, cronJob)
      try {
        await observeJobs(ctx, cronJob, jobs, status)
        await removeOld(ctx, cronJob, jobs, status)
        const due = timing && (await startDue(ctx, cronJob, timing, status))
        if (due !== undefined) metrics.made(ctx.clock.now() - due)
      } finally {
        const revision = await writeStatus(ctx, cronJob, status)
        if (revision !== undefined) written.set(key, revision)
      }
      return timing ? untilNext(timing.schedule, cronJob, ctx.clock.now()) : done
    },
  })
}

/** What the schedule means; undefined, and told, when it means nothing. */
function timingOf(ctx: ControllerContext, cronJob: CronJob): Timing | undefined {
  const { schedule, timeZone: name } = cronJob.spec
  let zone: Zone
  try {
    zone = timeZone(name)
  } catch (error) {
    const words = `invalid timeZone: ${JSON.stringify(name)}: ${messageOf(error)}`
    ctx.events.event(cronJob, 'Warning', 'UnknownTimeZone', words)
    return undefined
  }
  try {
    return { schedule: parseSchedule(schedule, zone), zone }
  } catch (error) {
    const words = `unparseable schedule: ${JSON.stringify(schedule)} : ${messageOf(error)}`
    ctx.events.event(cronJob, 'Warning', 'UnparseableSchedule', words)
    return undefined
  }
}

/** The revision it was written at; undefined when there was nothing to write. */
async function writeStatus(
  ctx: ControllerContext,
  cronJob: CronJob,
  status: CronJobStatus,
): Promise<number | undefined> {
  const { active, ...rest } = status
  const next = active?.length ? status : rest
  if (equal(next, cronJob.status ?? {})) return undefined
  const { metadata } = await ctx.client.resource(refs.cronJobs).updateStatus({ ...cronJob, status: next })
  return Number(metadata.resourceVersion)
}

function untilNext(schedule: Schedule, { metadata, status }: CronJob, now: number): ReconcileResult {
  const since = parseTime(status?.lastScheduleTime) ?? parseTime(metadata.creationTimestamp) ?? now
  const next = schedule.next(latestDue(schedule, since, now).latest ?? since)
  return requeueAfter(Math.min(LONGEST_WAIT, (next ?? Infinity) - now))
}
