import type { Job, JobSpec } from '#types/batch/v1'
import type { Pod, PodStatus } from '#types/core/v1'
import { describe, expect, it } from 'vitest'
import { partial } from '../../../../src-kube/machinery/testing/partial.ts'
import { formatTime } from '../../../../src-kube/machinery/time.ts'
import { formatIndexes } from './indexes.ts'
import { planJob, type JobPlan } from './plan.ts'

const now = Date.parse('2026-01-01T12:00:00Z')
const ago = (seconds: number) => formatTime(now - seconds * 1000)
const job = (spec: Partial<JobSpec>, startedAgo?: number) =>
  ({
    metadata: { name: 'j' },
    spec: { template: { spec: { containers: [], restartPolicy: 'Never' } }, ...spec },
    status: startedAgo === undefined ? {} : { startTime: ago(startedAgo) },
  }) as Job
let serial = 0
const pod = (phase: PodStatus['phase'], more: { index?: number; status?: Partial<PodStatus>; meta?: object } = {}) =>
  partial<Pod>({
    metadata: {
      name: `p${++serial}`,
      uid: `u${serial}`,
      finalizers: ['batch.kubernetes.io/job-tracking'],
      creationTimestamp: ago(3600),
      ...(more.index === undefined
        ? {}
        : { annotations: { 'batch.kubernetes.io/job-completion-index': String(more.index) } }),
      ...more.meta,
    },
    spec: { containers: [] },
    status: { ...(phase ? { phase } : {}), ...more.status },
  })
const ended = (secondsAgo: number) =>
  ({ containerStatuses: [{ state: { terminated: { finishedAt: ago(secondsAgo) } } }] }) as PodStatus
const running = (count: number) => Array.from({ length: count }, () => pod('Running'))
const succeeded = (count: number) => Array.from({ length: count }, () => pod('Succeeded'))
const failed = (...secondsAgo: number[]) => secondsAgo.map((seconds) => pod('Failed', { status: ended(seconds) }))
const counts = (plan: JobPlan) => ({ create: plan.create.length, remove: plan.remove.length })

// kubernetes.io, "Jobs: Parallel execution for Jobs".
describe('how many pods run', () => {
  it.each<[string, Partial<JobSpec>, Pod[], { create: number; remove: number }]>([
    ['one when nothing is said', {}, [], { create: 1, remove: 0 }],
    ['as many at once as parallelism says', { completions: 5, parallelism: 2 }, running(1), { create: 1, remove: 0 }],
    ['no more than are still needed', { completions: 5, parallelism: 3 }, succeeded(4), { create: 1, remove: 0 }],
    ['none with parallelism 0', { completions: 5, parallelism: 0 }, [], { create: 0, remove: 0 }],
    ['fewer after parallelism was lowered', { completions: 5, parallelism: 1 }, running(3), { create: 0, remove: 2 }],
    [
      'a work queue makes no new pods once one has succeeded',
      { parallelism: 3 },
      [...succeeded(1), ...running(1)],
      { create: 0, remove: 0 },
    ],
    ['a work queue runs all of its workers before', { parallelism: 3 }, running(1), { create: 2, remove: 0 }],
    [
      'none while it is suspended',
      { completions: 5, parallelism: 2, suspend: true },
      running(2),
      { create: 0, remove: 2 },
    ],
  ])('%s', (_what, spec, pods, expected) => {
    const plan = planJob(job(spec), pods, now)
    expect(counts(plan)).toEqual(expected)
    expect(plan.ending).toBeUndefined()
  })

  it('makes pods for indexes that neither run nor have succeeded', () => {
    const pods = [
      pod('Succeeded', { index: 0 }),
      pod('Running', { index: 2 }),
      pod('Failed', { index: 1, status: ended(900) }),
    ]
    const plan = planJob(job({ completionMode: 'Indexed', completions: 5, parallelism: 3 }), pods, now)
    expect(plan.create).toEqual([1, 3])
    expect(plan.completedIndexes).toEqual([0])
  })

  it('counts an index once however many of its pods succeed', () => {
    const pods = [pod('Succeeded', { index: 0 }), pod('Succeeded', { index: 0 })]
    const plan = planJob(job({ completionMode: 'Indexed', completions: 2, parallelism: 1 }), pods, now)
    expect(plan).toMatchObject({ succeeded: 1, create: [1] })
  })
})

describe('the end', () => {
  const complete = {
    type: 'Complete',
    reason: 'CompletionsReached',
    message: 'Reached expected number of succeeded pods',
  }
  const backoff = {
    type: 'Failed',
    reason: 'BackoffLimitExceeded',
    message: 'Job has reached the specified backoff limit',
  }
  const late = { type: 'Failed', reason: 'DeadlineExceeded', message: 'Job was active longer than specified deadline' }
  const restarted = (count: number, init = 0) =>
    pod('Running', {
      status: {
        containerStatuses: partial([{ restartCount: count }]),
        initContainerStatuses: partial([{ restartCount: init }]),
      },
    })
  const onFailure = { template: { spec: { containers: [], restartPolicy: 'OnFailure' as const } } }

  it.each<[string, Job, Pod[], object | undefined]>([
    ['comes with enough successes', job({ completions: 2 }), succeeded(2), complete],
    ['not with too few', job({ completions: 3 }), succeeded(2), undefined],
    ['of a work queue comes when a pod has succeeded and none runs', job({ parallelism: 2 }), succeeded(1), complete],
    ['not while another still works', job({ parallelism: 2 }), [...succeeded(1), ...running(1)], undefined],
    ['of a job without completions to reach comes at once', job({ completions: 0 }), [], complete],
    ['is failure beyond the back-off limit', job({ completions: 1, backoffLimit: 1 }), failed(60, 30), backoff],
    ['not at the limit', job({ completions: 1, backoffLimit: 2 }), failed(60, 30), undefined],
    [
      'is failure after six retries unless a limit is given',
      job({ completions: 1 }),
      failed(7, 6, 5, 4, 3, 2, 1),
      backoff,
    ],
    ['counts restarts in place', job({ completions: 1, backoffLimit: 3, ...onFailure }), [restarted(2, 1)], backoff],
    ['not those of pods that are never restarted', job({ completions: 1, backoffLimit: 3 }), [restarted(3)], undefined],
    [
      'without retries comes with the first restart',
      job({ completions: 1, backoffLimit: 0, ...onFailure }),
      [restarted(1)],
      backoff,
    ],
    ['without retries not before', job({ completions: 1, backoffLimit: 0, ...onFailure }), [restarted(0)], undefined],
    ['comes at the deadline', job({ completions: 1, activeDeadlineSeconds: 60 }, 60), running(1), late],
    ['not before', job({ completions: 1, activeDeadlineSeconds: 60 }, 59), running(1), undefined],
    ['has no deadline before the job has begun', job({ completions: 1, activeDeadlineSeconds: 60 }), [], undefined],
  ])('%s', (_what, given, pods, expected) => {
    expect(planJob(given, pods, now).ending).toEqual(expected)
  })

  it('takes all pods with it that still run, but those that go already', () => {
    const leaving = pod('Running', { meta: { deletionTimestamp: ago(1) } })
    const plan = planJob(job({ completions: 1 }), [...succeeded(1), ...running(2), leaving], now)
    expect(plan.remove).toHaveLength(2)
    expect(plan.create).toEqual([])
  })
})

// kubernetes.io, "Jobs: Pod backoff failure policy": 10 s, 20 s, 40 s …; the controller caps it at ten minutes where the page says six.
describe('after failures', () => {
  it.each([
    ['10 s after the first', failed(4), 6000],
    ['20 s after the second', failed(100, 4), 16_000],
    ['at most ten minutes', failed(...Array.from({ length: 6 }, () => 3600), 100), 500_000],
  ])('waits %s', (_what, pods, wait) => {
    const plan = planJob(job({ completions: 1, backoffLimit: 20 }), pods, now)
    expect(plan.create).toEqual([])
    expect(plan.wait).toBe(wait)
  })

  it('begins anew after a success', () => {
    const pods = [...failed(300, 200, 5), pod('Succeeded', { status: ended(100) })]
    expect(planJob(job({ completions: 2 }), pods, now).wait).toBe(5000)
    const over = [...failed(300, 200), pod('Succeeded', { status: ended(1) })]
    expect(planJob(job({ completions: 2 }), over, now).create).toHaveLength(1)
  })

  it('goes on when that time is over', () => {
    expect(planJob(job({ completions: 1 }), failed(11), now)).toMatchObject({ create: [undefined] })
  })

  it('takes the time of its making for the end of a pod that tells none', () => {
    const young = pod('Failed', { meta: { creationTimestamp: ago(4) } })
    expect(planJob(job({ completions: 1 }), [young], now).wait).toBe(6000)
    const running = { state: { running: {} } }
    const odd = pod('Failed', {
      status: { containerStatuses: partial([running]) },
      meta: { creationTimestamp: undefined },
    })
    expect(planJob(job({ completions: 1 }), [odd], now).create).toHaveLength(1)
  })

  it('looks again at the deadline, if that is sooner', () => {
    const given = job({ completions: 1, activeDeadlineSeconds: 60 }, 57)
    expect(planJob(given, failed(4), now).wait).toBe(3000)
    expect(planJob(given, [], now)).toMatchObject({ create: [undefined], wait: 3000 })
    expect(planJob(job({ completions: 3, parallelism: 0, activeDeadlineSeconds: 60 }, 57), running(1), now).wait).toBe(
      3000,
    )
  })
})

it('a job without a specification wants one pod', () => {
  expect(planJob(partial({ metadata: { name: 'j' } }), [], now).create).toEqual([undefined])
})

it.each([
  [[], ''],
  [[3], '3'],
  [[0, 1], '0,1'],
  [[0, 1, 2], '0-2'],
  [[0, 1, 3, 4, 5, 7], '0,1,3-5,7'],
])('indexes %j are written %j', (indexes, expected) => {
  expect(formatIndexes(indexes)).toBe(expected)
})
