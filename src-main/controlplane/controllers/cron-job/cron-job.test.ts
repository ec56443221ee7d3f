import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Job } from '#types/batch/v1'
import { refs } from '../../../../src-kube/client/refs.ts'
import { StatusError } from '../../../../src-kube/machinery/errors.ts'
import { formatTime } from '../../../../src-kube/machinery/time.ts'
import { harness } from '../testing/harness.ts'
import { formatMetrics } from '../../../../src-kube/machinery/metrics/prometheus.ts'
import { cronJobController } from './index.ts'
import { CronJobMetrics } from './metrics.ts'

const MINUTE = 60_000
let h = harness([])
let metrics = new CronJobMetrics()
const put = (spec: object = {}) =>
  h.server.put(refs.cronJobs, {
    metadata: { name: 'tick', namespace: 'a' },
    spec: {
      schedule: '* * * * *',
      successfulJobsHistoryLimit: 3,
      failedJobsHistoryLimit: 1,
      jobTemplate: { metadata: { labels: { app: 'x' }, annotations: { note: 'y' } }, spec: { template: {} } },
      ...spec,
    },
  })
const status = () => h.server.peek(refs.cronJobs, 'tick', 'a')?.status
const jobs = () => h.server.all(refs.jobs)
const change = (spec: object) => {
  const current = h.server.peek(refs.cronJobs, 'tick', 'a')!
  h.server.put(refs.cronJobs, { ...current, spec: { ...current.spec, ...spec } })
}
const finish = async (job: Job, type = 'Complete') => {
  const time = formatTime(h.clock.now())
  const conditions = [{ type, status: 'True', lastTransitionTime: time }]
  h.server.put(refs.jobs, { ...job, status: { startTime: time, completionTime: time, conditions } })
  await h.pass(500)
}
const unfinished = () => jobs().filter((job) => !job.status?.conditions)
beforeEach(async () => {
  metrics = new CronJobMetrics()
  h = harness([cronJobController(metrics)])
  await h.start()
})
afterEach(() => h.finish())

describe('cron job controller', () => {
  it('makes a job when one is due, named by its time, and lists it until it has ended', async () => {
    put()
    await h.pass(59_000)
    expect(jobs()).toEqual([])
    await h.pass(1500)
    const [job] = jobs()
    const minutes = Date.UTC(2026, 0, 1, 0, 1) / MINUTE
    expect(job?.metadata).toMatchObject({
      name: `tick-${minutes}`,
      labels: { app: 'x' },
      annotations: { note: 'y', 'batch.kubernetes.io/cronjob-scheduled-timestamp': '2026-01-01T00:01:00Z' },
      ownerReferences: [{ kind: 'CronJob', name: 'tick', controller: true }],
    })
    expect(status()).toMatchObject({
      lastScheduleTime: '2026-01-01T00:01:00Z',
      active: [{ kind: 'Job', apiVersion: 'batch/v1', name: job?.metadata.name, uid: job?.metadata.uid }],
    })
    await finish(job!)
    expect(status()?.active).toBeUndefined()
    expect(status()?.lastSuccessfulTime).toBe(formatTime(h.clock.now() - 500))
    expect(h.eventMessages()).toEqual([
      `Created job tick-${minutes}`,
      `Saw completed job: tick-${minutes}, condition: Complete`,
    ])
  })

  it('counts how late each job is', async () => {
    put()
    await h.pass(2 * MINUTE + 500, 20)
    const told = formatMetrics(metrics.metrics())
    expect(told).toContain('cronjob_controller_job_creation_skew_duration_seconds_count 2\n')
    expect(told).toContain('cronjob_controller_job_creation_skew_duration_seconds_bucket{le="512"} 2\n')
  })

  it('tells of an end once, though its own status comes back to it late', async () => {
    put()
    await h.pass(MINUTE + 500, 20)
    h.server.breakWatches(refs.cronJobs)
    const time = formatTime(h.clock.now())
    const ended = {
      ...jobs()[0]!,
      status: { conditions: [{ type: 'Complete', status: 'True' }], completionTime: time },
    }
    h.server.put(refs.jobs, ended)
    await h.settle()
    h.server.put(refs.jobs, { ...ended, metadata: { ...ended.metadata, labels: { changed: 'since' } } })
    await h.settle()
    expect(h.eventReasons().filter((reason) => reason === 'SawCompletedJob')).toHaveLength(1)
  })

  it('lets jobs overlap, skips one, or replaces the running one, as its policy says', async () => {
    put({ concurrencyPolicy: 'Allow' })
    await h.pass(2 * MINUTE + 500, 40)
    expect(jobs()).toHaveLength(2)
    expect(status()?.active).toHaveLength(2)
    change({ concurrencyPolicy: 'Forbid' })
    await h.pass(MINUTE, 40)
    expect(jobs()).toHaveLength(2)
    expect(h.eventReasons()).toContain('JobAlreadyActive')
    for (const job of unfinished()) await finish(job)
    await h.pass(MINUTE, 40)
    change({ concurrencyPolicy: 'Replace' })
    const [running] = unfinished()
    await h.pass(MINUTE, 40)
    expect(unfinished()).toHaveLength(1)
    expect(unfinished()[0]?.metadata.uid).not.toBe(running?.metadata.uid)
    expect(h.eventMessages()).toContain(`Deleted job ${running?.metadata.name}`)
  })

  it('starts what was skipped under Forbid as soon as the running job ends', async () => {
    put({ concurrencyPolicy: 'Forbid', schedule: '*/10 * * * *' })
    await h.pass(20 * MINUTE, 40)
    expect(jobs()).toHaveLength(1)
    await h.pass(MINUTE)
    await finish(jobs()[0]!)
    expect(unfinished().map(({ metadata }) => metadata.annotations)).toMatchObject([
      { 'batch.kubernetes.io/cronjob-scheduled-timestamp': '2026-01-01T00:20:00Z' },
    ])
  })

  it('makes nothing while it is suspended, and then only the latest that was missed', async () => {
    put({ suspend: true })
    await h.pass(5 * MINUTE, 40)
    expect(jobs()).toEqual([])
    change({ suspend: false })
    await h.pass(1000)
    expect(jobs()).toHaveLength(1)
    expect(status()?.lastScheduleTime).toBe('2026-01-01T00:05:00Z')
  })

  it('does not start what is past its deadline', async () => {
    put({ suspend: true, schedule: '@hourly', startingDeadlineSeconds: 60 })
    await h.pass(62 * MINUTE, 40)
    change({ suspend: false })
    await h.pass(1000)
    expect(jobs()).toEqual([])
  })

  it('keeps as many finished jobs as its limits say, the latest ones', async () => {
    put({ successfulJobsHistoryLimit: 1, failedJobsHistoryLimit: 1 })
    for (const end of ['Complete', 'Failed', 'Complete', 'Failed']) {
      await h.pass(MINUTE, 20)
      await finish(unfinished()[0]!, end)
    }
    expect(jobs().map((job) => job.status?.conditions?.[0]?.type)).toEqual(['Complete', 'Failed'])
    expect(h.eventReasons().filter((reason) => reason === 'SuccessfulDelete')).toHaveLength(2)
  })

  it('reads its schedule in its time zone, and says so when there is no such zone', async () => {
    put({ schedule: '0 6 * * *', timeZone: 'Asia/Kolkata' })
    await h.pass(31 * MINUTE, 40)
    expect(jobs()[0]?.metadata.annotations).toMatchObject({
      'batch.kubernetes.io/cronjob-scheduled-timestamp': '2026-01-01T06:00:00+05:30',
    })
    change({ timeZone: 'Mars/Olympus' })
    await h.pass(1000)
    expect(h.eventReasons()).toContain('UnknownTimeZone')
    change({ timeZone: undefined, schedule: 'x' })
    await h.pass(1000)
    expect(h.eventReasons()).toContain('UnparseableSchedule')
  })

  it('keeps the rhythm of @every', async () => {
    put({ schedule: '@every 90s' })
    await h.pass(4 * MINUTE, 48)
    expect(jobs()).toHaveLength(2)
    expect(status()?.lastScheduleTime).toBe('2026-01-01T00:03:00Z')
  })

  it('tells of a job that went missing and of one it does not know', async () => {
    put()
    await h.pass(MINUTE + 500)
    h.server.remove(refs.jobs, jobs()[0]!.metadata.name, 'a')
    await h.pass(1000)
    expect(status()?.active).toBeUndefined()
    expect(h.eventReasons()).toContain('MissingJob')
    const uid = h.server.peek(refs.cronJobs, 'tick', 'a')!.metadata.uid
    const owner = { apiVersion: 'batch/v1', kind: 'CronJob', name: 'tick', uid, controller: true }
    h.server.put(refs.jobs, { metadata: { name: 'odd', namespace: 'a', ownerReferences: [owner] }, spec: {} })
    await h.pass(1000)
    expect(h.eventMessages()).toContain('Saw a job that the controller did not create or forgot: odd')
  })

  it('tells of more than a hundred missed times and runs the latest', async () => {
    put({ suspend: true })
    await h.clock.advance(120 * MINUTE)
    change({ suspend: false })
    await h.pass(1000)
    expect(h.eventReasons()).toContain('TooManyMissedTimes')
    expect(status()?.lastScheduleTime).toBe('2026-01-01T02:00:00Z')
  })
})

describe('when a job is there already', () => {
  const minutes = Date.UTC(2026, 0, 1, 0, 1) / MINUTE
  it('that it made itself, it is taken up', async () => {
    let lose = true
    h.server.intercept = (call) => {
      if (call.subresource === 'status' && lose && !(lose = false)) throw new StatusError(500, 'X', 'lost')
      return undefined
    }
    put()
    await h.pass(MINUTE + 2000)
    expect(h.warnings.splice(0)).toHaveLength(1)
    expect(jobs()).toHaveLength(1)
    expect(status()?.active).toHaveLength(1)
  })

  it('that is of somebody else, it says so and leaves it', async () => {
    h.server.put(refs.jobs, { metadata: { name: `tick-${minutes}`, namespace: 'a' }, spec: {} })
    put()
    await h.pass(MINUTE + 500)
    expect(h.eventMessages()).toContain(`CronJob "tick" could not create Job "tick-${minutes}": name already exists`)
    expect(status()?.active).toBeUndefined()
  })
})

it('says why a job could not be made, and tries again', async () => {
  let refused = true
  h.server.intercept = (call) => {
    if (call.verb === 'create' && call.resource.resource === 'jobs' && refused)
      throw new StatusError(403, 'Forbidden', 'no room')
    return undefined
  }
  put()
  await h.pass(MINUTE + 500)
  expect(h.eventMessages()).toContain('Error creating job: no room')
  expect(h.warnings.splice(0)[0]).toContain('no room')
  refused = false
  await h.pass(5000)
  expect(jobs()).toHaveLength(1)
})
