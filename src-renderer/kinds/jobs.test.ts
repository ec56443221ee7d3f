import { expect, it } from 'vitest'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { partial } from '../../src-kube/machinery/testing/partial.ts'
import { views } from './index.ts'

const template = { spec: { containers: [{ name: 'work', image: 'work:1' }] } }
const sectionsOf = (view: string, object: object) =>
  views.find(({ id }) => id === view)!.sections!({
    metadata: { name: 'nightly', namespace: 'shop' },
    ...object,
  } as KubeObject)
const factsOf = (view: string, object: object) =>
  Object.fromEntries(sectionsOf(view, object)[0]!.facts!.map(({ label, value }) => [label, value]))

it('a job tells how far it is, and when it has ended how long it took', () => {
  const spec = { completions: 4, parallelism: 2, template }
  const status = { succeeded: 1, active: 2, failed: 1, startTime: '2026-01-01T00:00:00Z' }
  expect(factsOf('jobs.batch', { spec, status })).toMatchObject({
    completions: '1/4',
    active: 2,
    failedPods: 1,
    parallelism: '2',
    backoffLimit: '6',
    took: '',
  })
  const ended = (completionTime: string) =>
    factsOf('jobs.batch', { spec, status: { ...status, completionTime } })['took']
  expect([ended('2026-01-01T00:00:09Z'), ended('2026-01-01T00:01:05Z')]).toEqual(['9s', '1m 5s'])
  expect(factsOf('jobs.batch', { spec: { template } })).toMatchObject({ completions: '0/1', parallelism: '1' })
})

it('a CronJob tells when it runs, what runs now, and which containers it will start', () => {
  const object = {
    spec: { schedule: '0 3 * * *', timeZone: 'Asia/Shanghai', suspend: true, jobTemplate: { spec: { template } } },
    status: { lastScheduleTime: '2026-01-01T03:00:00Z', active: [{ name: 'nightly-1' }] },
  }
  const [schedule, containers] = sectionsOf('cronjobs.batch', object)
  expect(factsOf('cronjobs.batch', object)).toMatchObject({
    schedule: '0 3 * * *',
    timeZone: 'Asia/Shanghai',
    suspended: 'true',
    concurrency: 'Allow',
    lastRun: Date.parse('2026-01-01T03:00:00Z'),
  })
  expect(schedule!.facts!.at(-1)).toMatchObject({ link: { view: 'jobs.batch', namespace: 'shop', name: 'nightly-1' } })
  expect(containers!.parts!.map(({ name }) => name)).toEqual(['work'])
})

it('jobs are sorted by how long they took, those that run first', () => {
  const took = views.find(({ id }) => id === 'jobs.batch')!.columns.find(({ id }) => id === 'took')!
  const job = (startTime: string, completionTime?: string) =>
    partial<KubeObject>({ metadata: { name: 'a' }, status: { startTime, completionTime } })
  const cells = [job('2026-01-01T00:00:00Z'), job('2026-01-01T00:00:00Z', '2026-01-01T00:01:05Z')]
  expect(cells.map((one) => [took.value(one), took.text!(one)])).toEqual([
    [-1, ''],
    [65_000, '1m 5s'],
  ])
})
