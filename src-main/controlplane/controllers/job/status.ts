import type { Job, JobCondition, JobStatus } from '#types/batch/v1'
import { formatTime, parseTime } from '../../../../src-kube/machinery/time.ts'
import { isPodReady } from '../pods.ts'
import { formatIndexes, isIndexed } from './indexes.ts'
import type { Ending, JobPlan } from './plan.ts'

/** When a job ended, in milliseconds since the epoch; undefined while it has not. */
export function finishedAt({ status }: Job): number | undefined {
  const last = status?.conditions?.find((c) => (c.type === 'Complete' || c.type === 'Failed') && c.status === 'True')
  return last && (parseTime(last.lastTransitionTime) ?? 0)
}

/** Whether an end that was announced can be stated: nothing runs, goes, or is still to be counted. */
export function isOver({ ending, active, terminating, release, uncounted }: JobPlan): boolean {
  const left = active.length + terminating.length + release.length
  return ending !== undefined && left + uncounted.succeeded.length + uncounted.failed.length === 0
}

/**
 * A job's status after a plan was carried out. An end is announced first (`SuccessCriteriaMet`, `FailureTarget`) and stated
 * (`Complete`, `Failed`) when the last pod is gone ("Jobs: Terminal Job conditions"). `now` is milliseconds since the epoch.
 */
export function statusOf(job: Job, plan: JobPlan, now: number): JobStatus {
  const suspended = job.spec?.suspend === true && !plan.ending
  const over = isOver(plan)
  const { startTime: started, uncountedTerminatedPods: _, failedIndexes: __, ...rest } = job.status ?? {}
  const startTime = suspended ? undefined : (started ?? formatTime(now))
  const conditions = conditionsOf(job, { ending: plan.ending, over, suspended }, now)
  const { counted, uncounted, active, remove, create, terminating } = plan
  const perIndex = job.spec?.backoffLimitPerIndex !== undefined
  return {
    ...rest,
    ...(startTime ? { startTime } : {}),
    ...(over && plan.ending?.type === 'Complete' ? { completionTime: formatTime(now) } : {}),
    ...(conditions.length > 0 ? { conditions } : {}),
    active: active.length - remove.length + create.length,
    ready: plan.ending ? 0 : active.filter((pod) => isPodReady(pod) && !remove.includes(pod)).length,
    terminating: terminating.length,
    succeeded: counted.succeeded,
    failed: counted.failed,
    uncountedTerminatedPods: {
      ...(uncounted.succeeded.length > 0 ? { succeeded: uncounted.succeeded } : {}),
      ...(uncounted.failed.length > 0 ? { failed: uncounted.failed } : {}),
    },
    ...(isIndexed(job) ? { completedIndexes: formatIndexes(plan.completedIndexes) } : {}),
    ...(perIndex ? { failedIndexes: formatIndexes(plan.failedIndexes) } : {}),
  }
}

interface Standing {
  ending: Ending | undefined
  over: boolean
  suspended: boolean
}

function conditionsOf(job: Job, { ending, over, suspended }: Standing, now: number): JobCondition[] {
  const time = formatTime(now)
  let conditions = job.status?.conditions ?? []
  const set = (type: string, status: string, reason: string, message: string) => {
    if (conditions.some((one) => one.type === type && one.status === status)) return
    const condition: JobCondition = { type, status, reason, message, lastProbeTime: time, lastTransitionTime: time }
    conditions = [...conditions.filter((one) => one.type !== type), condition]
  }
  if (ending) {
    const { type, reason, message } = ending
    set(type === 'Complete' ? 'SuccessCriteriaMet' : 'FailureTarget', 'True', reason, message)
    if (over) set(type, 'True', reason, message)
  } else if (suspended) set('Suspended', 'True', 'JobSuspended', 'Job suspended')
  else if (conditions.some(({ type }) => type === 'Suspended')) set('Suspended', 'False', 'JobResumed', 'Job resumed')
  return conditions
}
