import type { Deployment, DeploymentStrategy, ReplicaSet } from '#types/apps/v1'
import { describe, expect, it } from 'vitest'
import { partial } from '../../../../src-kube/machinery/testing/partial.ts'
import { limitsOf, newReplicaCount, proportionalSizes, sizeAnnotations } from './limits.ts'

const deployment = (replicas: number | undefined, strategy?: DeploymentStrategy, status: object = {}) =>
  ({
    metadata: { name: 'web' },
    spec: { ...(replicas === undefined ? {} : { replicas }), ...(strategy ? { strategy } : {}) },
    status,
  }) as Deployment
const rolling = (maxSurge?: number | string, maxUnavailable?: number | string): DeploymentStrategy =>
  ({ type: 'RollingUpdate', rollingUpdate: { maxSurge, maxUnavailable } }) as DeploymentStrategy
const recreate: DeploymentStrategy = { type: 'Recreate' }
const set = (name: string, replicas: number | undefined, more: { max?: number; created?: string } = {}) =>
  partial<ReplicaSet>({
    metadata: {
      name,
      ...(more.created ? { creationTimestamp: more.created } : {}),
      ...(more.max === undefined ? {} : { annotations: { 'deployment.kubernetes.io/max-replicas': String(more.max) } }),
    },
    spec: replicas === undefined ? {} : { replicas },
  })

// kubernetes.io, "Deployments": maxSurge, maxUnavailable.
describe('limits of a rolling update', () => {
  it.each<[number | undefined, DeploymentStrategy | undefined, number, number]>([
    [10, undefined, 3, 2],
    [10, rolling('30%', '20%'), 3, 2],
    [10, rolling('25%', '25%'), 3, 2],
    [1, rolling('25%', '25%'), 1, 0],
    [3, rolling(0, '10%'), 0, 1],
    [10, rolling(0, 0), 0, 1],
    [2, rolling(1, 5), 1, 2],
    [undefined, rolling(), 1, 0],
    [0, rolling('25%', '25%'), 0, 1],
    [5, recreate, 0, 0],
  ])('for %s replicas and %j: %d above, %d missing', (replicas, strategy, surge, unavailable) => {
    expect(limitsOf(deployment(replicas, strategy))).toEqual({ surge, unavailable })
  })

  it('are noted on replica sets, for scaling in proportion later', () => {
    expect(sizeAnnotations(deployment(10, rolling(3, 2)))).toEqual({
      'deployment.kubernetes.io/desired-replicas': '10',
      'deployment.kubernetes.io/max-replicas': '13',
    })
  })
})

describe('the new replica set', () => {
  it.each([
    ['grows into the room above the others', rolling(3, 2), [set('old', 10)], 0, 3],
    ['never beyond what is wanted', rolling('100%', 2), [set('old', 3), set('new', 8)], 8, 10],
    ['waits while there is no room', rolling(3, 2), [set('old', 10), set('new', 3)], 3, 3],
    ['waits while there are too many', rolling(0, 2), [set('old', 12), set('new', 1)], 1, 1],
    ['takes its whole size at once when the old ones are gone first', recreate, [set('old', 0)], 0, 10],
  ])('%s', (_what, strategy, all, current, expected) => {
    expect(newReplicaCount(deployment(10, strategy), all, current)).toBe(expected)
  })
})

// kubernetes.io, "Deployments: Proportional scaling"; its own example is the first row.
describe('a deployment scaled in the middle of an update', () => {
  it.each<[string, Deployment, ReplicaSet[], Record<string, number>]>([
    [
      'adds to each in proportion',
      deployment(15, rolling(3, 2)),
      [set('old', 8, { max: 13 }), set('new', 5, { max: 13 })],
      { old: 11, new: 7 },
    ],
    [
      'takes from each in proportion',
      deployment(5, rolling(1, 0)),
      [set('old', 8, { max: 13 }), set('new', 5, { max: 13 })],
      { old: 4, new: 2 },
    ],
    [
      'takes all',
      deployment(0, rolling(3, 2)),
      [set('old', 8, { max: 13 }), set('new', 5, { max: 13 })],
      { old: 0, new: 0 },
    ],
    [
      'counts from its own status where a set has no note',
      deployment(20, rolling(0, 1), { replicas: 10 }),
      [set('old', 8), set('new', 2)],
      { old: 16, new: 4 },
    ],
    [
      'gives all to the largest when it knows no former size',
      deployment(4, rolling(0, 1)),
      [set('old', 2), set('new', 1)],
      { old: 3, new: 1 },
    ],
    [
      'leaves sizes alone that sum up already',
      deployment(10, rolling(3, 2)),
      [set('old', 8), set('new', 5)],
      { old: 8, new: 5 },
    ],
    [
      'gives empty sets nothing',
      deployment(6, rolling(0, 1)),
      [set('old', 3, { max: 3 }), set('none', 0, { max: 3 })],
      { old: 6, none: 0 },
    ],
    ['has nothing to do without sets', deployment(6, rolling(0, 1)), [], {}],
    [
      'takes a set without a size for one of one',
      deployment(2, rolling(0, 1)),
      [set('only', undefined, { max: 1 })],
      { only: 2 },
    ],
  ])('%s', (_what, given, sets, expected) => {
    expect(Object.fromEntries(proportionalSizes(given, sets))).toEqual(expected)
  })

  it('gives the odd one of equal sets to the newer when it grows, and takes it from the older when it shrinks', () => {
    const young = { max: 4, created: '2026-01-02T00:00:00Z' }
    const aged = { max: 4, created: '2026-01-01T00:00:00Z' }
    const sets = [set('old', 2, aged), set('new', 2, young)]
    const sized = (replicas: number) => Object.fromEntries(proportionalSizes(deployment(replicas, rolling(0, 1)), sets))
    expect(sized(5)).toEqual({ old: 2, new: 3 })
    expect(sized(3)).toEqual({ old: 1, new: 2 })
    const unknown = [set('a', 2, { max: 4 }), set('b', 2, { max: 4 })]
    const total = [...proportionalSizes(deployment(5, rolling(0, 1)), unknown).values()].reduce((a, b) => a + b)
    expect(total).toBe(5)
  })
})
