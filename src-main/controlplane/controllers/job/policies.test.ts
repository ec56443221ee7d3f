import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Pod } from '#types/core/v1'
import { refs } from '../../../../src-kube/client/refs.ts'
import { harness } from '../testing/harness.ts'
import { jobController } from './index.ts'
import { TRACKING_FINALIZER } from './tally.ts'

let h = harness([])
const labels = { 'batch.kubernetes.io/job-name': 'j' }
const KEY = 'batch.kubernetes.io/job-completion-index'
const template = { metadata: { labels }, spec: { nodeName: 'n1', restartPolicy: 'Never', containers: [{ name: 'c' }] } }
const job = (spec: object) =>
  h.server.put(refs.jobs, {
    metadata: { name: 'j', namespace: 'a' },
    spec: { selector: { matchLabels: labels }, template, ...spec },
  })
const indexed = (spec: object) => job({ completionMode: 'Indexed', ...spec })
const current = () => h.server.peek(refs.jobs, 'j', 'a')!
const status = () => current().status
const change = (spec: object) => h.server.put(refs.jobs, { ...current(), spec: { ...current().spec, ...spec } })
const indexOf = ({ metadata }: Pod) => metadata.annotations?.[KEY]
const running = () => h.pods().filter((pod) => !pod.status?.phase)
const end = async (pod: Pod, phase: string, more: object = {}) => {
  h.server.put(refs.pods, { ...pod, status: { phase, ...more } })
  await h.pass(500)
}
const endIndex = (index: number, phase: string, more: object = {}) =>
  end(
    running().find((pod) => indexOf(pod) === String(index))!,
    phase,
    more,
  )
const exit = (exitCode: number) => ({ containerStatuses: [{ name: 'c', state: { terminated: { exitCode } } }] })
const conditions = () => status()?.conditions?.map(({ type, reason }) => `${type} ${reason}`)
/** What a kubelet does with a pod that is deleted. */
const buryDeleted = async () => {
  for (const pod of h.server.all(refs.pods))
    if (pod.metadata.deletionTimestamp) {
      h.server.put(refs.pods, { ...pod, status: { ...pod.status, phase: 'Failed' } })
      await h.client.resource(refs.pods).delete(pod.metadata.name, 'a', { gracePeriodSeconds: 0 })
    }
  await h.pass(1000)
}
beforeEach(async () => {
  h = harness([jobController()])
  await h.start()
})
afterEach(() => h.finish())

describe('tracking', () => {
  it('counts a pod for good, also when it is deleted afterwards', async () => {
    job({ completions: 2, parallelism: 1 })
    await h.pass(500)
    expect(running()[0]?.metadata.finalizers).toEqual([TRACKING_FINALIZER])
    const [first] = running()
    await end(first!, 'Succeeded')
    expect(h.server.peek(refs.pods, first!.metadata.name, 'a')?.metadata.finalizers).toEqual([])
    expect(status()).toMatchObject({ succeeded: 1, uncountedTerminatedPods: {} })
    h.server.remove(refs.pods, first!.metadata.name, 'a')
    await h.pass(500)
    await end(running()[0]!, 'Succeeded')
    expect(status()).toMatchObject({ succeeded: 2 })
    expect(conditions()).toEqual(['SuccessCriteriaMet CompletionsReached', 'Complete CompletionsReached'])
  })

  it('counts a running pod that somebody deletes as a failure, and replaces it', async () => {
    job({ completions: 1 })
    await h.pass(500)
    await h.client.resource(refs.pods).delete(running()[0]!.metadata.name, 'a')
    await h.pass(20_000)
    expect(status()).toMatchObject({ failed: 1, active: 1, terminating: 1 })
    await buryDeleted()
    expect(h.server.all(refs.pods)).toHaveLength(1)
  })

  it('lets pods go whose job is gone, or that were taken from it', async () => {
    job({ completions: 2, parallelism: 2 })
    await h.pass(500)
    const [one, two] = running()
    h.server.put(refs.pods, { ...one!, metadata: { ...one!.metadata, labels: {}, ownerReferences: [] } })
    await h.pass(500)
    expect(h.server.peek(refs.pods, one!.metadata.name, 'a')?.metadata.finalizers).toEqual([])
    h.server.remove(refs.jobs, 'j', 'a')
    await h.pass(500)
    expect(h.server.peek(refs.pods, two!.metadata.name, 'a')?.metadata.finalizers).toEqual([])
  })

  it('tracks a pod that it adopts', async () => {
    h.server.put(refs.pods, { metadata: { name: 'stray', namespace: 'a', labels }, spec: { containers: [] } })
    job({ completions: 1 })
    await h.pass(500)
    expect(h.server.peek(refs.pods, 'stray', 'a')?.metadata).toMatchObject({
      finalizers: [TRACKING_FINALIZER],
      ownerReferences: [{ kind: 'Job' }],
    })
  })

  it('does not count pods that a pause takes away', async () => {
    job({ completions: 2, parallelism: 2, backoffLimit: 0 })
    await h.pass(500)
    change({ suspend: true })
    await h.pass(500)
    await buryDeleted()
    expect(status()).toMatchObject({ active: 0, failed: 0 })
    change({ suspend: false })
    await h.pass(500)
    expect(running()).toHaveLength(2)
    expect(h.eventReasons()).toEqual(expect.arrayContaining(['Suspended', 'Resumed']))
  })
})

it('an end is stated only when the last pod is gone', async () => {
  job({ completions: 2, parallelism: 2, backoffLimit: 0 })
  await h.pass(500)
  await end(running()[0]!, 'Failed')
  expect(conditions()).toEqual(['FailureTarget BackoffLimitExceeded'])
  expect(status()).toMatchObject({ terminating: 1 })
  await buryDeleted()
  expect(conditions()).toEqual(['FailureTarget BackoffLimitExceeded', 'Failed BackoffLimitExceeded'])
  expect(status()).toMatchObject({ failed: 2, active: 0, terminating: 0 })
})

it('replaces a pod only once it has ended, with podReplacementPolicy Failed', async () => {
  job({ completions: 1, podReplacementPolicy: 'Failed' })
  await h.pass(500)
  await h.client.resource(refs.pods).delete(running()[0]!.metadata.name, 'a')
  await h.pass(20_000)
  expect(running()).toHaveLength(0)
  expect(status()).toMatchObject({ failed: 0, terminating: 1 })
  await buryDeleted()
  await h.pass(20_000)
  expect(running()).toHaveLength(1)
  expect(status()).toMatchObject({ failed: 1, terminating: 0 })
})

describe('the pod failure policy', () => {
  it('fails a job at once', async () => {
    const rules = [{ action: 'FailJob', onExitCodes: { operator: 'In', values: [42] } }]
    job({ completions: 1, podFailurePolicy: { rules } })
    await h.pass(500)
    const { name } = running()[0]!.metadata
    await end(running()[0]!, 'Failed', exit(42))
    expect(conditions()).toEqual(['FailureTarget PodFailurePolicy', 'Failed PodFailurePolicy'])
    const words = `Container c for pod a/${name} failed with exit code 42 matching FailJob rule at index 0`
    expect(status()?.conditions?.[1]?.message).toBe(words)
    expect(h.eventMessages()).toContain(words)
  })

  it('ignores disruptions', async () => {
    const rules = [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget' }] }]
    job({ completions: 1, backoffLimit: 0, podFailurePolicy: { rules } })
    await h.pass(500)
    await end(running()[0]!, 'Failed', { conditions: [{ type: 'DisruptionTarget', status: 'True' }] })
    await h.pass(20_000)
    expect(running()).toHaveLength(1)
    expect(status()).toMatchObject({ failed: 0 })
  })
})

describe('a limit for each index', () => {
  it('fails the indexes beyond it and goes on with the others', async () => {
    indexed({ completions: 2, parallelism: 2, backoffLimitPerIndex: 1, backoffLimit: 99 })
    await h.pass(500)
    await endIndex(0, 'Failed')
    await h.pass(11_000)
    const again = running().find((pod) => indexOf(pod) === '0')
    expect(again?.metadata.annotations).toMatchObject({ 'batch.kubernetes.io/job-index-failure-count': '1' })
    await endIndex(0, 'Failed')
    await h.pass(60_000)
    expect(running().map(indexOf)).toEqual(['1'])
    await endIndex(1, 'Succeeded')
    expect(status()).toMatchObject({ failedIndexes: '0', completedIndexes: '1', failed: 2, succeeded: 1 })
    expect(conditions()).toEqual(['FailureTarget FailedIndexes', 'Failed FailedIndexes'])
  })

  it('fails the job beyond maxFailedIndexes', async () => {
    indexed({ completions: 3, parallelism: 3, backoffLimitPerIndex: 0, maxFailedIndexes: 1, backoffLimit: 99 })
    await h.pass(500)
    await endIndex(0, 'Failed')
    expect(conditions()).toBeUndefined()
    await endIndex(1, 'Failed')
    expect(conditions()?.[0]).toBe('FailureTarget MaxFailedIndexesExceeded')
  })

  it('fails an index at once with FailIndex', async () => {
    const rules = [{ action: 'FailIndex', onExitCodes: { operator: 'In', values: [7] } }]
    indexed({ completions: 2, parallelism: 2, backoffLimitPerIndex: 5, backoffLimit: 99, podFailurePolicy: { rules } })
    await h.pass(500)
    await endIndex(0, 'Failed', exit(7))
    await h.pass(700_000)
    expect(running().map(indexOf)).toEqual(['1'])
    expect(status()?.failedIndexes).toBe('0')
  })
})

describe('the success policy', () => {
  it.each<[string, object, number[]]>([
    ['all of some indexes', { succeededIndexes: '0,2' }, [0, 2]],
    ['a number of some', { succeededIndexes: '1-2', succeededCount: 1 }, [2]],
    ['a number of any', { succeededCount: 2 }, [0, 1]],
  ])('completes a job with %s', async (_what, rule, indexes) => {
    indexed({ completions: 3, parallelism: 3, successPolicy: { rules: [rule] } })
    await h.pass(500)
    for (const index of indexes) {
      expect(conditions()).toBeUndefined()
      await endIndex(index, 'Succeeded')
    }
    expect(conditions()).toEqual(['SuccessCriteriaMet SuccessPolicy'])
    await buryDeleted()
    expect(conditions()).toEqual(['SuccessCriteriaMet SuccessPolicy', 'Complete SuccessPolicy'])
    expect(status()?.conditions?.[1]?.message).toBe('Matched rules at index 0')
    expect(status()?.completionTime).toBeDefined()
  })
})

it('an indexed job that shrinks gives up the indexes that it has no more', async () => {
  indexed({ completions: 4, parallelism: 4 })
  await h.pass(500)
  change({ completions: 2, parallelism: 2 })
  await h.pass(500)
  expect(
    running()
      .map(indexOf)
      .toSorted((a = '', b = '') => a.localeCompare(b)),
  ).toEqual(['0', '1'])
  expect(status()).toMatchObject({ active: 2 })
})
