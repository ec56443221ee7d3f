import type { ReplicaSet } from '#types/apps/v1'
import type { Pod } from '#types/core/v1'
import { describe, expect, it } from 'vitest'
import { partial } from '../../../src-kube/machinery/testing/partial.ts'
import { formatTime } from '../../../src-kube/machinery/time.ts'
import { replicaStatus, sameStatus, withFailure } from './replica-status.ts'

const now = Date.parse('2026-01-01T12:00:00Z')
const owner = (more: object = {}) =>
  partial<ReplicaSet>({
    kind: 'ReplicaSet',
    metadata: { name: 'web', generation: 3 },
    spec: { minReadySeconds: 10, template: { metadata: { labels: { app: 'web', tier: 'front' } } } },
    ...more,
  })
const pod = (labels: Record<string, string> | undefined, readyFor?: number) =>
  ({
    metadata: labels ? { labels } : {},
    status:
      readyFor === undefined
        ? {}
        : { conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: formatTime(now - readyFor * 1000) }] },
  }) as Pod

describe('the status of a replica set', () => {
  it('counts pods, those with all labels of the template, ready ones, and available ones after minReadySeconds', () => {
    const all = { app: 'web', tier: 'front' }
    const pods = [pod(all, 60), pod(all, 5), pod({ app: 'web' }, 60), pod(undefined)]
    expect(replicaStatus(owner(), pods, 2, now)).toEqual({
      replicas: 4,
      fullyLabeledReplicas: 2,
      readyReplicas: 3,
      availableReplicas: 2,
      terminatingReplicas: 2,
      observedGeneration: 3,
    })
  })

  it('of a replication controller does not count terminating pods, which its API does not have', () => {
    const status = replicaStatus(owner({ kind: 'ReplicationController', spec: {} }), [pod(undefined)], 2, now)
    expect(status).toEqual({
      replicas: 1,
      fullyLabeledReplicas: 1,
      readyReplicas: 0,
      availableReplicas: 0,
      observedGeneration: 3,
    })
  })

  it('is the same when only zeros are left out', () => {
    expect(sameStatus(owner({ status: { replicas: 1 } }), { replicas: 1, readyReplicas: 0, conditions: [] })).toBe(true)
    expect(sameStatus(owner({ status: { replicas: 1 } }), { replicas: 1, readyReplicas: 1 })).toBe(false)
    expect(sameStatus(owner(), { replicas: 0 })).toBe(false)
  })
})

describe('the condition ReplicaFailure', () => {
  const failure = { reason: 'FailedCreate' as const, error: new Error('exceeded quota') }
  const condition = {
    type: 'ReplicaFailure',
    status: 'True' as const,
    lastTransitionTime: '2026-01-01T12:00:00Z',
    reason: 'FailedCreate',
    message: 'exceeded quota',
  }
  const failed = { replicas: 1, conditions: [condition] }

  it('comes with a failure and goes with success', () => {
    expect(withFailure({ replicas: 1 }, failure, now)).toEqual(failed)
    expect(withFailure(failed, undefined, now)).toEqual({ replicas: 1, conditions: [] })
    expect(withFailure({ replicas: 1 }, undefined, now)).toEqual({ replicas: 1 })
  })

  it('stays as it is while the reason is the same, and follows another reason', () => {
    expect(withFailure(failed, { ...failure, error: 'again' }, now + 1000)).toBe(failed)
    const deleting = withFailure(failed, { reason: 'FailedDelete', error: 'gone wrong' }, now + 1000)
    expect(deleting.conditions).toEqual([
      { ...condition, reason: 'FailedDelete', message: 'gone wrong', lastTransitionTime: '2026-01-01T12:00:01Z' },
    ])
  })
})
