import { describe, expect, it } from 'vitest'
import type { Job, JobSpec, JobStatus } from '#types/batch/v1'
import type { Pod, PodStatus } from '#types/core/v1'
import { partial } from '../../../../src-kube/machinery/testing/partial.ts'
import { parseIndexes } from './indexes.ts'
import { tallyPods } from './tally.ts'

const job = (status: Partial<JobStatus>, spec: Partial<JobSpec> = {}) => ({ spec, status }) as Job
const pod = (
  uid: string,
  phase: PodStatus['phase'],
  { tracked = true, going = false, index = -1, failures = 0 } = {},
) =>
  partial<Pod>({
    metadata: {
      uid,
      finalizers: tracked ? ['batch.kubernetes.io/job-tracking'] : [],
      ...(going ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}),
      annotations: {
        'batch.kubernetes.io/job-completion-index': String(index),
        'batch.kubernetes.io/job-index-failure-count': String(failures),
      },
    },
    status: { phase },
  })
const released = ({ release }: { release: Pod[] }) => release.map(({ metadata }) => metadata.uid)

// KEP-2307: each pod that ends is counted once.
describe('counting pods', () => {
  it('notes the uid of one that has ended before it lets it go', () => {
    const tally = tallyPods(job({ succeeded: 2, failed: 1 }), [
      pod('a', 'Succeeded'),
      pod('b', 'Failed'),
      pod('c', 'Running'),
    ])
    expect(tally).toMatchObject({
      counted: { succeeded: 2, failed: 1 },
      uncounted: { succeeded: ['a'], failed: ['b'] },
      succeeded: 3,
      failed: 2,
    })
    expect(released(tally)).toEqual(['a', 'b'])
  })

  it('moves uids to the counters once the pod was let go, or is gone', () => {
    const status = { succeeded: 2, uncountedTerminatedPods: { succeeded: ['a', 'b', 'c'], failed: ['d'] } }
    const tally = tallyPods(job(status), [pod('a', 'Succeeded', { tracked: false }), pod('c', 'Succeeded')])
    expect(tally).toMatchObject({
      counted: { succeeded: 4, failed: 1 },
      uncounted: { succeeded: ['c'], failed: [] },
      succeeded: 5,
    })
  })

  it('does not count what is untracked: it was counted before', () => {
    const tally = tallyPods(job({ succeeded: 1 }), [pod('a', 'Succeeded', { tracked: false })])
    expect(tally).toMatchObject({ succeeded: 1, release: [] })
  })

  it('takes a deleted pod for a failure, unless replacements wait for the end', () => {
    const going = [pod('a', 'Running', { going: true })]
    expect(tallyPods(job({}), going).uncounted.failed).toEqual(['a'])
    expect(tallyPods(job({}, { podReplacementPolicy: 'Failed' }), going).failed).toBe(0)
    expect(tallyPods(job({}, { podFailurePolicy: { rules: [] } }), going).failed).toBe(0)
    expect(tallyPods(job({}), [pod('a', 'Succeeded', { going: true })])).toMatchObject({ succeeded: 1, failed: 0 })
  })

  it('keeps successes of an indexed job by index, those it has no more aside', () => {
    const spec = { completionMode: 'Indexed' as const, completions: 4 }
    const pods = [
      pod('a', 'Succeeded', { index: 2 }),
      pod('b', 'Succeeded', { index: 2 }),
      pod('c', 'Succeeded', { index: 7 }),
    ]
    const tally = tallyPods(job({ completedIndexes: '0,3-9' }, spec), pods)
    expect(tally).toMatchObject({ completedIndexes: [0, 2, 3], succeeded: 3, uncounted: { succeeded: [] } })
    expect(released(tally)).toEqual(['a', 'b', 'c'])
  })

  it('does not count what its failure policy ignores, and notes what fails the job', () => {
    const rules = [
      { action: 'Ignore' as const, onPodConditions: [{ type: 'X' }] },
      { action: 'FailJob' as const, onPodConditions: [{ type: 'Y' }] },
    ]
    const failing = (uid: string, type: string) => {
      const made = pod(uid, 'Failed')
      return { ...made, status: { ...made.status, conditions: [{ type, status: 'True' as const }] } }
    }
    const tally = tallyPods(job({}, { podFailurePolicy: { rules } }), [failing('a', 'X'), failing('b', 'Y')])
    expect(tally.uncounted.failed).toEqual(['b'])
    expect(tally.failJob).toContain('rule at index 1')
    expect(released(tally)).toEqual(['a', 'b'])
  })

  it('fails an index beyond its own limit, but for one that has succeeded after all', () => {
    const spec = { completionMode: 'Indexed' as const, completions: 5, backoffLimitPerIndex: 1 }
    const pods = [
      pod('a', 'Failed', { index: 0, failures: 0 }),
      pod('b', 'Failed', { index: 1, failures: 1 }),
      pod('c', 'Failed', { index: 2, failures: 1 }),
    ]
    const tally = tallyPods(job({ completedIndexes: '2', failedIndexes: '4' }, spec), pods)
    expect(tally.failedIndexes).toEqual([1, 4])
    expect(tally.byIndex.get(0)).toMatchObject({ counted: 1, ignored: 0 })
    expect(tally.byIndex.get(1)).toMatchObject({ counted: 2 })
  })
})

it.each([
  [undefined, []],
  ['', []],
  ['1,3-5', [1, 3, 4, 5]],
  ['0-1,x,9', [0, 1]],
])('the indexes %j are %j', (text, expected) => {
  expect(parseIndexes(text, 9)).toEqual(expected)
})
