import type { Deployment, ReplicaSet } from '#types/apps/v1'
import { describe, expect, it } from 'vitest'
import { rollingSteps } from './rollout.ts'

const deployment = (replicas: number, maxSurge: number, maxUnavailable: number) =>
  ({
    spec: { replicas, strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge, maxUnavailable } } },
  }) as Deployment
const set = (
  name: string,
  replicas: number,
  available: number | undefined = replicas,
  created = `2026-01-0${name.length}T00:00:00Z`,
) =>
  ({
    metadata: { name, creationTimestamp: created },
    spec: { replicas },
    status: available === undefined ? {} : { availableReplicas: available },
  }) as ReplicaSet
const fresh = (replicas: number, available?: number) => set('new', replicas, available)
const steps = (given: Deployment, newSet: ReplicaSet, ...old: ReplicaSet[]) =>
  Object.fromEntries(rollingSteps(given, newSet, old).map(({ rs, replicas }) => [rs.metadata.name, replicas]))

// kubernetes.io, "Deployments: Rolling update deployment": 10 replicas, 3 above, 2 missing at most.
describe('the next step of a rolling update', () => {
  it.each<[string, Deployment, ReplicaSet, ReplicaSet[], Record<string, number>]>([
    ['the new set grows as far as the surge lets it', deployment(10, 3, 2), fresh(0), [set('a', 10)], { new: 3 }],
    ['the old set shrinks to what must stay available', deployment(10, 3, 2), fresh(3, 0), [set('a', 10)], { a: 8 }],
    ['it shrinks on as new pods become available', deployment(10, 3, 2), fresh(5, 2), [set('a', 8)], { a: 6 }],
    ['nothing, while all that is available is needed', deployment(10, 3, 2), fresh(5, 0), [set('a', 8)], {}],
    ['the new set shrinks when it is too large', deployment(3, 1, 0), fresh(5), [], { new: 3 }],
    ['nothing, when only the new set is left', deployment(3, 1, 0), fresh(3), [set('a', 0)], {}],
    [
      'pods that serve nobody go first, of whichever old set',
      deployment(10, 0, 2),
      fresh(0),
      [set('a', 6), set('aa', 4, 2)],
      { aa: 2 },
    ],
    ['then the oldest set', deployment(10, 3, 2), fresh(5), [set('aa', 4), set('a', 4)], { a: 0, aa: 3 }],
    [
      'no more unhealthy ones than there is room for',
      deployment(10, 3, 0),
      fresh(3, 3),
      [set('a', 5, 0), set('aa', 5)],
      { a: 2 },
    ],
    [
      'a set that tells nothing has nobody available',
      deployment(2, 1, 0),
      fresh(1, 1),
      [set('a', 2, undefined)],
      { a: 1 },
    ],
  ])('%s', (_what, given, newSet, old, expected) => {
    expect(steps(given, newSet, ...old)).toEqual(expected)
  })

  it('ends complete, never below the minimum nor above the maximum, whatever the limits', () => {
    for (const [replicas, surge, unavailable] of [
      [1, 1, 0],
      [3, 0, 1],
      [4, 2, 2],
      [10, 3, 2],
      [7, 7, 0],
    ] as const) {
      const given = deployment(replicas, surge, unavailable)
      const sizes = new Map([
        ['a', replicas],
        ['new', 0],
      ])
      for (let round = 0; round < 60; round++) {
        const [a, b] = [sizes.get('a')!, sizes.get('new')!]
        expect(a + b).toBeLessThanOrEqual(replicas + surge)
        expect(a + b).toBeGreaterThanOrEqual(replicas - unavailable)
        for (const [name, size] of Object.entries(steps(given, fresh(b, b), set('a', a)))) sizes.set(name, size)
      }
      expect(Object.fromEntries(sizes)).toEqual({ a: 0, new: replicas })
    }
  })
})
