import type { Deployment, DeploymentCondition, DeploymentStatus, ReplicaSet } from '#types/apps/v1'
import { describe, expect, it } from 'vitest'
import {
  calculateStatus,
  conditionOf,
  deadlineIn,
  isComplete,
  progressDeadline,
  setCondition,
  withProgress,
} from './conditions.ts'

const now = Date.parse('2026-01-01T12:00:00Z')
const TIME = '2026-01-01T12:00:00Z'
const EARLIER = '2026-01-01T11:00:00Z'
const deployment = (spec: object = {}, status: DeploymentStatus = {}) =>
  ({
    metadata: { name: 'web', generation: 2 },
    spec: { replicas: 2, progressDeadlineSeconds: 600, ...spec },
    status,
  }) as Deployment
const progressing = (reason: string, status = 'True', lastUpdateTime: string | undefined = EARLIER) =>
  ({
    type: 'Progressing',
    status,
    reason,
    message: '',
    lastUpdateTime,
    lastTransitionTime: EARLIER,
  }) as DeploymentCondition
const set = (name: string, replicas: number, status: object = {}) =>
  ({ metadata: { name }, spec: { replicas }, status }) as ReplicaSet
const done: DeploymentStatus = {
  observedGeneration: 2,
  replicas: 2,
  updatedReplicas: 2,
  readyReplicas: 2,
  availableReplicas: 2,
}
const of = (
  given: Deployment,
  counted: DeploymentStatus,
  sets: ReplicaSet[] = [set('new', 2)],
  fresh: ReplicaSet | undefined = sets[0],
) => withProgress(given, counted, { all: sets, newSet: fresh }, now)

describe('a condition', () => {
  const ready = { type: 'Available', status: 'True', reason: 'A', message: 'a' }

  it('notes when it came, when its status changed and when its words did', () => {
    const first = setCondition({}, ready, now)
    expect(first.conditions).toEqual([{ ...ready, lastUpdateTime: TIME, lastTransitionTime: TIME }])
    const reworded = setCondition(first, { ...ready, reason: 'B' }, now + 1000)
    expect(conditionOf(reworded, 'Available')).toMatchObject({
      reason: 'B',
      lastUpdateTime: '2026-01-01T12:00:01Z',
      lastTransitionTime: TIME,
    })
    const turned = setCondition(reworded, { ...ready, status: 'False' }, now + 2000)
    expect(conditionOf(turned, 'Available')?.lastTransitionTime).toBe('2026-01-01T12:00:02Z')
  })

  it('stays as it is while status and reason do, whatever the message', () => {
    const first = setCondition({}, ready, now)
    expect(setCondition(first, { ...ready, message: 'other words' }, now + 1000)).toBe(first)
  })
})

describe('the counts of a deployment', () => {
  it('sum up its replica sets; updated are those of the new one', () => {
    const fresh = set('new', 1, { replicas: 1, readyReplicas: 1, availableReplicas: 1 })
    const old = set('old', 2, { replicas: 2, readyReplicas: 1, availableReplicas: 0, terminatingReplicas: 1 })
    expect(calculateStatus(deployment(), [fresh, old], fresh, now)).toMatchObject({
      observedGeneration: 2,
      replicas: 3,
      updatedReplicas: 1,
      readyReplicas: 2,
      availableReplicas: 1,
      unavailableReplicas: 2,
      terminatingReplicas: 1,
    })
  })

  it.each([
    [2, 'True', 'MinimumReplicasAvailable'],
    [1, 'False', 'MinimumReplicasUnavailable'],
  ])('make it available with %d of 2: %s', (availableReplicas, status, reason) => {
    const counted = calculateStatus(deployment(), [set('new', 2, { availableReplicas })], undefined, now)
    expect(conditionOf(counted, 'Available')).toMatchObject({ status, reason })
    expect(counted.updatedReplicas).toBe(0)
  })

  it.each([
    ['everything is new and available', {}, true],
    ['old pods are left', { replicas: 3 }, false],
    ['new ones are missing', { updatedReplicas: 1 }, false],
    ['one is not available', { availableReplicas: 1 }, false],
    ['the controller has not seen the last change', { observedGeneration: 1 }, false],
    ['nothing is known', undefined, false],
  ])('are complete when %s: %j %s', (_what, more, expected) => {
    expect(isComplete(deployment(), more ? { ...done, ...more } : {})).toBe(expected)
  })
})

// kubernetes.io, "Deployments: Deployment status".
describe('the condition Progressing', () => {
  it('is away without a deadline', () => {
    for (const progressDeadlineSeconds of [undefined, 2147483647]) {
      const given = deployment({ progressDeadlineSeconds })
      expect(progressDeadline(given)).toBeUndefined()
      const status = of(given, { ...done, conditions: [progressing('ReplicaSetUpdated')] })
      expect(conditionOf(status, 'Progressing')).toBeUndefined()
    }
  })

  it('says that the new replica set is there when the rollout is complete', () => {
    expect(conditionOf(of(deployment(), done), 'Progressing')).toMatchObject({
      status: 'True',
      reason: 'NewReplicaSetAvailable',
      message: 'ReplicaSet "new" has successfully progressed.',
    })
  })

  it('speaks of the deployment while there is no new set', () => {
    const condition = conditionOf(withProgress(deployment(), done, { all: [], newSet: undefined }, now), 'Progressing')
    expect(condition?.message).toBe('Deployment "web" has successfully progressed.')
  })

  it('is left alone once complete, also while pods come and go', () => {
    const before = progressing('NewReplicaSetAvailable')
    const given = deployment({}, { ...done, conditions: [before] })
    const status = of(given, { ...done, availableReplicas: 1, conditions: [before] })
    expect(conditionOf(status, 'Progressing')).toEqual(before)
  })

  it.each([
    ['a new pod was made', { updatedReplicas: 1 }],
    ['an old pod went', { replicas: 1 }],
    ['a pod became ready', { readyReplicas: 1 }],
    ['a pod became available', { availableReplicas: 1 }],
  ])('counts it as progress that %s', (_what, more) => {
    const before: DeploymentStatus = { replicas: 2, updatedReplicas: 0, readyReplicas: 0, availableReplicas: 0 }
    const status = of(deployment({}, before), { ...before, conditions: [progressing('ReplicaSetUpdated')], ...more })
    expect(conditionOf(status, 'Progressing')).toMatchObject({
      reason: 'ReplicaSetUpdated',
      message: 'ReplicaSet "new" is progressing.',
      lastUpdateTime: TIME,
      lastTransitionTime: EARLIER,
    })
  })

  it('turns true again at the moment something moves after a standstill', () => {
    const stuck = progressing('ProgressDeadlineExceeded', 'False')
    const status = of(deployment({}, {}), { updatedReplicas: 1, conditions: [stuck] })
    expect(conditionOf(status, 'Progressing')).toMatchObject({ status: 'True', lastTransitionTime: TIME })
  })

  it('turns false when nothing moves within the deadline', () => {
    const conditions = [progressing('ReplicaSetUpdated')]
    const status = of(deployment(), { conditions })
    expect(conditionOf(status, 'Progressing')).toMatchObject({
      status: 'False',
      reason: 'ProgressDeadlineExceeded',
      message: 'ReplicaSet "new" has timed out progressing.',
    })
  })

  it.each<[string, object, DeploymentCondition | undefined, number | undefined]>([
    [
      'is told from the last sign of progress',
      {},
      progressing('ReplicaSetUpdated', 'True', '2026-01-01T11:55:00Z'),
      300_000,
    ],
    [
      'has begun now where no time is noted',
      {},
      { ...progressing('ReplicaSetUpdated'), lastUpdateTime: undefined },
      600_000,
    ],
    ['is of no matter once complete', {}, progressing('NewReplicaSetAvailable'), undefined],
    ['is of no matter once exceeded', {}, progressing('ProgressDeadlineExceeded', 'False'), undefined],
    ['is of no matter while paused', { paused: true }, progressing('DeploymentPaused', 'Unknown'), undefined],
    ['is of no matter before anything began', {}, undefined, undefined],
    ['is absent', { progressDeadlineSeconds: undefined }, progressing('ReplicaSetUpdated'), undefined],
  ])('the deadline %s', (_what, spec, condition, expected) => {
    expect(deadlineIn(deployment(spec), condition ? { conditions: [condition] } : {}, now)).toBe(expected)
  })
})

describe('the condition ReplicaFailure', () => {
  const failure = { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: 'quota' }

  it('is taken over from the replica set that has it, the new one first, and goes with it', () => {
    const sets = [
      set('old', 1, { conditions: [{ ...failure, message: 'old' }] }),
      set('new', 2, { conditions: [failure] }),
    ]
    const status = of(deployment(), done, sets, sets[1])
    expect(conditionOf(status, 'ReplicaFailure')).toMatchObject({ reason: 'FailedCreate', message: 'quota' })
    expect(conditionOf(of(deployment(), status), 'ReplicaFailure')).toBeUndefined()
  })
})
