import type { CronJob, Job } from '#types/batch/v1'
import type { ObjectReference } from '#types/core/v1'
import { refs } from '../../../../src-kube/client/refs.ts'
import type { Draft } from '../../../../src-kube/machinery/meta.ts'
import { parseTime } from '../../../../src-kube/machinery/time.ts'
import { controllerReference } from '../../../../src-kube/runtime/owners.ts'
import type { Zone } from './zone.ts'

/** When a job was due, in the time zone of its schedule. */
const SCHEDULED_ANNOTATION = 'batch.kubernetes.io/cronjob-scheduled-timestamp'

/** The condition that ended a job, undefined while it goes on. */
export function endOf({ status }: Job): 'Complete' | 'Failed' | undefined {
  const last = status?.conditions?.find(
    ({ type, status: holds }) => (type === 'Complete' || type === 'Failed') && holds === 'True',
  )
  return last?.type as 'Complete' | 'Failed' | undefined
}

/** A job's name tells when it was due, so that it cannot be made twice: minutes since the epoch. */
export function jobName(cronJob: CronJob, scheduled: number): string {
  return `${cronJob.metadata.name}-${Math.floor(scheduled / 60_000)}`
}

/** The Job for one time of a schedule (milliseconds since the epoch). Its name follows from that time, so that it is made once at most. */
export function jobFor(cronJob: CronJob, scheduled: number, zone: Zone): Draft<Job> {
  const { metadata, spec } = cronJob.spec.jobTemplate
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: jobName(cronJob, scheduled),
      namespace: cronJob.metadata.namespace,
      labels: { ...metadata?.labels },
      annotations: { ...metadata?.annotations, [SCHEDULED_ANNOTATION]: zone.format(scheduled) },
      ownerReferences: [controllerReference(cronJob, refs.cronJobs)],
    },
    spec: spec ?? { template: {} },
  }
}

/** How `status.active` names a Job. */
export function referenceToJob({ metadata }: Job): ObjectReference {
  const { name, namespace, uid, resourceVersion } = metadata
  return { apiVersion: 'batch/v1', kind: 'Job', name, namespace, uid, resourceVersion }
}

/** Finished jobs beyond the history limits, oldest first ("CronJob: Jobs history limits"). */
export function beyondHistory({ spec }: CronJob, jobs: readonly Job[]): Job[] {
  const beyond = (end: 'Complete' | 'Failed', limit: number | undefined): Job[] => {
    if (limit === undefined) return []
    const ended = jobs.filter((job) => endOf(job) === end).toSorted(byStart)
    return ended.slice(0, Math.max(0, ended.length - limit))
  }
  return [...beyond('Complete', spec.successfulJobsHistoryLimit), ...beyond('Failed', spec.failedJobsHistoryLimit)]
}

/** Those that never started come last. */
function byStart(a: Job, b: Job): number {
  const start = ({ status }: Job) => parseTime(status?.startTime) ?? Number.MAX_SAFE_INTEGER
  return start(a) - start(b) || (a.metadata.name < b.metadata.name ? -1 : 1)
}
