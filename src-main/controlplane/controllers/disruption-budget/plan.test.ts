import type { Pod } from '#types/core/v1'
import type { PodDisruptionBudget } from '#types/policy/v1'
import { describe, expect, it } from 'vitest'
import { formatTime } from '../../../../src-kube/machinery/time.ts'
import { failSafe, needsScale, planBudget } from './plan.ts'

const now = Date.parse('2026-01-01T12:00:00Z')
const budget = (spec: object, status?: object) =>
  ({ metadata: { name: 'b', generation: 4 }, spec, ...(status ? { status } : {}) }) as PodDisruptionBudget
const pod = (name: string, { ready = true, ...more }: { ready?: boolean; deletionTimestamp?: string } = {}) =>
  ({
    metadata: { name, ...more },
    status: { conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
  }) as Pod
const ready = (count: number) => Array.from({ length: count }, (_, i) => pod(`p${i}`))

// kubernetes.io, "Specifying a Disruption Budget for your Application".
describe('a budget', () => {
  it.each<[string, object, Pod[], number, object]>([
    [
      'of at least 2 of 3',
      { minAvailable: 2 },
      ready(3),
      0,
      { expectedPods: 3, desiredHealthy: 2, disruptionsAllowed: 1 },
    ],
    [
      'of at least as many as there are',
      { minAvailable: 3 },
      ready(3),
      0,
      { expectedPods: 3, desiredHealthy: 3, disruptionsAllowed: 0 },
    ],
    ['of at least 0', { minAvailable: 0 }, ready(2), 0, { expectedPods: 2, desiredHealthy: 0, disruptionsAllowed: 2 }],
    [
      'of half of 7, rounded up',
      { minAvailable: '50%' },
      ready(7),
      7,
      { expectedPods: 7, desiredHealthy: 4, disruptionsAllowed: 3 },
    ],
    [
      'of at most 1 away',
      { maxUnavailable: 1 },
      ready(3),
      3,
      { expectedPods: 3, desiredHealthy: 2, disruptionsAllowed: 1 },
    ],
    [
      'of at most 30 % of 7 away, rounded up',
      { maxUnavailable: '30%' },
      ready(7),
      7,
      { expectedPods: 7, desiredHealthy: 4, disruptionsAllowed: 3 },
    ],
    [
      'of at most more than there are',
      { maxUnavailable: 9 },
      ready(3),
      3,
      { expectedPods: 3, desiredHealthy: 0, disruptionsAllowed: 3 },
    ],
    [
      'of at most 1 away while one is missing',
      { maxUnavailable: 1 },
      ready(2),
      3,
      { expectedPods: 3, desiredHealthy: 2, disruptionsAllowed: 0 },
    ],
    ['without pods', { maxUnavailable: 1 }, [], 0, { expectedPods: 0, desiredHealthy: 0, disruptionsAllowed: 0 }],
    ['that says nothing', {}, ready(3), 0, { expectedPods: 0, desiredHealthy: 0, disruptionsAllowed: 0 }],
  ])('%s', (_what, spec, pods, scale, expected) => {
    const { status } = planBudget(budget(spec), pods, scale, now)
    expect(status).toMatchObject({ ...expected, observedGeneration: 4 })
    const allowed = status.disruptionsAllowed! > 0
    expect(status.conditions).toMatchObject([
      {
        type: 'DisruptionAllowed',
        status: allowed ? 'True' : 'False',
        reason: allowed ? 'SufficientPods' : 'InsufficientPods',
        observedGeneration: 4,
      },
    ])
  })

  it('counts pods that are ready and not going away', () => {
    const pods = [pod('a'), pod('b', { ready: false }), pod('c', { deletionTimestamp: 'now' })]
    expect(planBudget(budget({ minAvailable: 1 }), pods, 0, now).status.currentHealthy).toBe(1)
  })

  it.each([
    [{ maxUnavailable: 1 }, true],
    [{ maxUnavailable: '10%' }, true],
    [{ minAvailable: '10%' }, true],
    [{ minAvailable: 1 }, false],
    [{}, false],
  ])('%j asks the controllers how many pods there should be: %s', (spec, expected) => {
    expect(needsScale(budget(spec))).toBe(expected)
  })
})

describe('an eviction that was allowed', () => {
  const since = (seconds: number) => ({ disruptedPods: { p0: formatTime(now - seconds * 1000) } })

  it('counts as done at once, for two minutes', () => {
    const plan = planBudget(budget({ minAvailable: 1 }, since(20)), ready(3), 0, now)
    expect(plan.status).toMatchObject({
      currentHealthy: 2,
      disruptionsAllowed: 1,
      disruptedPods: since(20).disruptedPods,
    })
    expect(plan.wait).toBe(100_000)
  })

  it('is forgotten after that, and told of', () => {
    const plan = planBudget(budget({ minAvailable: 1 }, since(120)), ready(3), 0, now)
    expect(plan.status.currentHealthy).toBe(3)
    expect(plan.status.disruptedPods).toBeUndefined()
    expect(plan.notDeleted.map(({ metadata }) => metadata.name)).toEqual(['p0'])
    expect(plan.wait).toBeUndefined()
  })

  it.each([
    ['is going away', [pod('p0', { deletionTimestamp: 'now' }), pod('p1')]],
    ['is gone', [pod('p1')]],
  ])('is over when its pod %s', (_what, pods) => {
    const plan = planBudget(budget({ minAvailable: 1 }, since(20)), pods, 0, now)
    expect(plan.status).toMatchObject({ currentHealthy: 1, disruptionsAllowed: 0 })
    expect(plan.status.disruptedPods).toBeUndefined()
  })

  it('wakes for the first of several that runs out, and forgets one whose time cannot be read', () => {
    const both = { disruptedPods: { ...since(20).disruptedPods, p1: formatTime(now - 60_000), p2: '?' } }
    const plan = planBudget(budget({ minAvailable: 1 }, both), ready(3), 0, now)
    expect(plan.wait).toBe(60_000)
    expect(plan.notDeleted.map(({ metadata }) => metadata.name)).toEqual(['p2'])
  })
})

it('the condition keeps the time of its last turn, and other conditions stay', () => {
  const other = { type: 'Other', status: 'True' }
  const old = { type: 'DisruptionAllowed', status: 'True', reason: 'SufficientPods', lastTransitionTime: 'then' }
  const given = budget({ minAvailable: 1 }, { conditions: [old, other] })
  expect(planBudget(given, ready(3), 0, now).status.conditions).toMatchObject([other, { lastTransitionTime: 'then' }])
  expect(planBudget(given, ready(1), 0, now).status.conditions).toMatchObject([
    other,
    { lastTransitionTime: '2026-01-01T12:00:00Z' },
  ])
})

it('a budget that cannot be worked out allows nothing, and says why', () => {
  const unnumbered = { metadata: { name: 'b' }, spec: {} } as PodDisruptionBudget
  expect(failSafe(unnumbered, 'why', now)).toEqual({
    currentHealthy: 0,
    desiredHealthy: 0,
    expectedPods: 0,
    disruptionsAllowed: 0,
    conditions: [
      {
        type: 'DisruptionAllowed',
        status: 'False',
        reason: 'SyncFailed',
        message: 'why',
        lastTransitionTime: '2026-01-01T12:00:00Z',
      },
    ],
  })
  const before = budget({}, { currentHealthy: 3, desiredHealthy: 2, expectedPods: 3, disruptionsAllowed: 1 })
  expect(failSafe(before, 'why', now)).toMatchObject({
    currentHealthy: 3,
    disruptionsAllowed: 0,
    observedGeneration: 4,
  })
})
