import type { JobSpec, JobStatus } from '#types/batch/v1'
import { expect, test } from 'vitest'
import type { KubeObject } from '../../../../src-kube/machinery/meta.ts'
import { partial } from '../../../../src-kube/machinery/testing/partial.ts'
import { validateJobStatus } from './job-status.ts'

const [early, late] = ['2026-01-01T00:00:00Z', '2026-01-01T00:01:00Z']
const ends = (...types: string[]) => ({ conditions: types.map((type) => ({ type, status: 'True' })) })
const complete = { startTime: early, completionTime: late, ...ends('SuccessCriteriaMet', 'Complete') }
const failed = { startTime: early, ...ends('FailureTarget', 'Failed') }

const job = (status: Partial<JobStatus>, spec: Partial<JobSpec>): KubeObject =>
  partial<KubeObject>({ kind: 'Job', metadata: { name: 'j' }, spec, status })

const said = (before: object, after: object, spec: Partial<JobSpec> = {}): string[] =>
  validateJobStatus(job(after, spec), job(before, spec)).map(
    ({ field, message }) => `${field.replace('status.', '')}: ${message.replace(/^(Invalid|Required) value: /, '')}`,
  )

test('A job that goes its way is not refused', () => {
  expect(said({}, { startTime: early, active: 2, ready: 1 })).toEqual([])
  expect(said({ startTime: early, active: 2 }, complete)).toEqual([])
  expect(said({ startTime: early, active: 2, ...ends('FailureTarget') }, failed)).toEqual([])
  expect(said({ startTime: early }, {}, { suspend: true })).toEqual([])
})

test.each<[before: object, after: object, ...string[]]>([
  [{}, { active: -1 }, 'active: -1: must be greater than or equal to 0'],
  [
    {},
    { uncountedTerminatedPods: { succeeded: ['a', ''], failed: ['a'] } },
    'uncountedTerminatedPods.succeeded[1]: "": must not be empty',
    'uncountedTerminatedPods.failed[0]: Duplicate value: "a"',
  ],
  [
    {},
    { ...failed, ...ends('Failed') },
    'conditions: cannot set Failed=True condition without the FailureTarget=true condition',
  ],
  [
    {},
    { ...complete, ...ends('Complete') },
    'conditions: cannot set Complete=True condition without the SuccessCriteriaMet=true condition',
  ],
  [
    {},
    { ...complete, ...ends('Complete', 'SuccessCriteriaMet', 'FailureTarget') },
    'conditions: cannot set Complete=True and FailureTarget=true conditions',
    'conditions: cannot set SuccessCriteriaMet=True and FailureTarget=true conditions',
  ],
  [
    {},
    { startTime: early, completionTime: late },
    `completionTime: "${late}": cannot set completionTime when there is no Complete=True condition`,
  ],
  [{}, { ...complete, completionTime: undefined }, 'completionTime: completionTime is required for Complete jobs'],
  [
    {},
    { ...complete, startTime: late, completionTime: early },
    `completionTime: "${early}": completionTime cannot be set before startTime`,
  ],
  [
    complete,
    { ...complete, completionTime: '2026-01-01T00:02:00Z' },
    'completionTime: "2026-01-01T00:02:00Z": completionTime cannot be mutated',
  ],
  [{ startTime: early }, {}, 'startTime: startTime cannot be removed for unsuspended job'],
  [{}, { ...failed, startTime: undefined }, 'startTime: startTime is required for finished job'],
  [
    {},
    { ...failed, active: 1, terminating: 2, uncountedTerminatedPods: { failed: ['u'] } },
    'active: 1: active>0 is invalid for finished job',
    'terminating: 2: terminating>0 is invalid for finished job',
    'uncountedTerminatedPods: {"failed":["u"]}: uncountedTerminatedPods needs to be empty for finished job',
  ],
  [{}, { active: 1, ready: 2 }, 'ready: 2: cannot set more ready pods than active'],
  [
    {},
    { completedIndexes: '0' },
    'completedIndexes: "0": cannot set non-empty completedIndexes when non-indexed completion mode',
  ],
  [{}, { failedIndexes: '' }, 'failedIndexes: "": cannot set non-null failedIndexes when backoffLimitPerIndex is null'],
  [
    failed,
    { startTime: early, ...ends('FailureTarget') },
    'conditions: cannot disable the terminal Failed=True condition',
  ],
  [
    { failed: 2, succeeded: 2 },
    { failed: 1, succeeded: 1 },
    'failed: 1: cannot decrease the failed counter',
    'succeeded: 1: cannot decrease the succeeded counter',
  ],
  [ends('SuccessCriteriaMet'), {}, 'conditions: cannot disable the SuccessCriteriaMet=True condition'],
])('A status that does not hold together is refused: %j → %j', (before, after, ...words) => {
  expect(said(before, after)).toEqual(words)
})

test('Lists of indexes are read, and name none twice', () => {
  const spec: Partial<JobSpec> = { completionMode: 'Indexed', completions: 5, parallelism: 5, backoffLimitPerIndex: 1 }
  expect(said({}, { completedIndexes: '0,2-3', failedIndexes: '1,4' }, spec)).toEqual([])
  expect(said({}, { completedIndexes: '0,2-3', failedIndexes: '1,3-4' }, spec)).toEqual([
    'failedIndexes: "1,3-4": failedIndexes and completedIndexes overlap at index: 3',
  ])
  expect(said({}, { completedIndexes: '7' }, spec)).toEqual([
    'completedIndexes: "7": error parsing completedIndexes: too large index: "7"',
  ])
  expect(said({ succeeded: 3 }, { succeeded: 2 }, spec)).toEqual([])
})

test('What a write leaves as it was is not looked at again', () => {
  const odd = { startTime: early, active: 1, ready: 2, completedIndexes: '0', completionTime: late }
  expect(said(odd, { ...odd, failed: 1 })).toEqual([])
})
