import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { refs } from '../../../../src-kube/client/refs.ts'
import { harness } from '../testing/harness.ts'
import { jobController } from './index.ts'
import { formatIndexes } from './plan.ts'

let h = harness([])
const labels = { 'batch.kubernetes.io/job-name': 'j' }
const job = (spec: object) =>
  h.server.put(refs.jobs, {
    metadata: { name: 'j', namespace: 'a' },
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'c' }] } },
      ...spec,
    },
  })
const status = () => h.server.peek(refs.jobs, 'j', 'a')?.status
const running = () => h.pods().filter((pod) => !pod.status?.phase)
const end = async (phase: string) => {
  h.server.put(refs.pods, { ...running()[0]!, status: { phase } })
  await h.pass(500)
}
beforeEach(async () => {
  h = harness([jobController()])
  await h.start()
})
afterEach(() => h.finish())

describe('job controller', () => {
  it('runs as many pods at once as it may until enough have succeeded', async () => {
    job({ parallelism: 2, completions: 3 })
    await h.pass(500)
    expect(running()).toHaveLength(2)
    await end('Succeeded')
    await end('Succeeded')
    expect(running()).toHaveLength(1)
    await end('Succeeded')
    expect(status()).toMatchObject({ succeeded: 3, active: 0, failed: 0 })
    expect(status()?.conditions?.map((c) => c.type)).toEqual(['SuccessCriteriaMet', 'Complete'])
    expect(h.eventReasons()).toContain('Completed')
  })

  it('replaces a failed pod after a back-off and fails beyond its limit', async () => {
    job({ backoffLimit: 1, completions: 1 })
    await h.pass(500)
    await end('Failed')
    expect(running()).toHaveLength(0)
    await h.pass(10_000)
    expect(running()).toHaveLength(1)
    await end('Failed')
    expect(status()?.conditions?.at(-1)).toMatchObject({ type: 'Failed', reason: 'BackoffLimitExceeded' })
  })

  it('numbers the pods of an indexed job', async () => {
    job({ completionMode: 'Indexed', completions: 3, parallelism: 3 })
    await h.pass(500)
    expect(
      h
        .pods()
        .map((p) => p.spec.hostname)
        .toSorted((a = '', b = '') => a.localeCompare(b)),
    ).toEqual(['j-0', 'j-1', 'j-2'])
    for (let i = 0; i < 3; i++) await end('Succeeded')
    expect(status()?.completedIndexes).toBe('0-2')
  })

  it('ends at its deadline and goes when its time to live is over', async () => {
    job({ completions: 1, activeDeadlineSeconds: 5, ttlSecondsAfterFinished: 10 })
    await h.pass(6000)
    expect(status()?.conditions?.at(-1)?.reason).toBe('DeadlineExceeded')
    expect(h.pods()).toHaveLength(0)
    await h.pass(11_000)
    expect(h.server.peek(refs.jobs, 'j', 'a')?.metadata.deletionTimestamp).toBeDefined()
  })
})

it('indexes are listed as runs', () => {
  expect(formatIndexes([0, 1, 3, 4, 5, 7])).toBe('0,1,3-5,7')
})
