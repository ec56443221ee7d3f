/** What Jobs and CronJobs are to do, and how far they are. */
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { containersOf } from './containers.ts'
import { at, listAt, numberAt, textAt, timeAt, type Fact, type Section } from './view.ts'

export const jobSections = (job: KubeObject): Section[] => [
  {
    title: 'progress',
    facts: [
      {
        label: 'completions',
        value: `${numberAt(job, 'status', 'succeeded')}/${textAt(job, 'spec', 'completions') || '1'}`,
      },
      { label: 'active', value: numberAt(job, 'status', 'active') },
      { label: 'failedPods', value: numberAt(job, 'status', 'failed') },
      { label: 'parallelism', value: textAt(job, 'spec', 'parallelism') || '1' },
      { label: 'backoffLimit', value: textAt(job, 'spec', 'backoffLimit') || '6' },
      { label: 'started', value: timeAt(job, 'status', 'startTime'), kind: 'age' },
      { label: 'took', value: tookWords(job) },
    ],
  },
  containersOf(job, 'spec', 'template'),
]

/** How long a job that has ended took, milliseconds; -1 while it runs. */
export function tookOf(job: KubeObject): number {
  const [from, to] = [timeAt(job, 'status', 'startTime'), timeAt(job, 'status', 'completionTime')]
  return from === 0 || to === 0 ? -1 : to - from
}

/** The same for people, `1m 5s`; empty while it runs. */
export function tookWords(job: KubeObject): string {
  const took = tookOf(job)
  if (took < 0) return ''
  const seconds = Math.round(took / 1000)
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m ${seconds % 60}s`
}

export const cronJobSections = (cronJob: KubeObject): Section[] => [
  {
    title: 'schedule',
    facts: [
      { label: 'schedule', value: textAt(cronJob, 'spec', 'schedule'), kind: 'mono' },
      { label: 'timeZone', value: textAt(cronJob, 'spec', 'timeZone') },
      { label: 'suspended', value: at(cronJob, 'spec', 'suspend') === true ? 'true' : '' },
      { label: 'concurrency', value: textAt(cronJob, 'spec', 'concurrencyPolicy') || 'Allow' },
      { label: 'lastRun', value: timeAt(cronJob, 'status', 'lastScheduleTime'), kind: 'age' },
      { label: 'lastSuccess', value: timeAt(cronJob, 'status', 'lastSuccessfulTime'), kind: 'age' },
      ...listAt(cronJob, 'status', 'active').map((job): Fact => {
        const name = textAt(job, 'name')
        return {
          label: 'activeJob',
          value: name,
          link: { view: 'jobs.batch', namespace: cronJob.metadata.namespace, name },
        }
      }),
    ],
  },
  containersOf(cronJob, 'spec', 'jobTemplate', 'spec', 'template'),
]
