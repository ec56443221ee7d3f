import { describe, expect, it } from 'vitest'
import type { StatefulSet } from '#types/apps/v1'
import type { Pod } from '#types/core/v1'
import { partial } from '../../../../src-kube/machinery/testing/partial.ts'
import { isSameStatus, statefulSetStatus } from './status.ts'

const setOf = (spec: object, status?: object) =>
  ({ metadata: { name: 'db', generation: 4 }, spec, status }) as StatefulSet
const pod = (revision: string, { ready = true, going = false } = {}) =>
  partial<Pod>({
    metadata: {
      labels: { 'controller-revision-hash': revision },
      ...(going ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}),
    },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
  })
const counted = (pods: readonly Pod[], collisionCount?: number) => ({
  pods,
  names: { current: 'old', update: 'new' },
  collisionCount,
  now: 0,
})

describe('the status of a stateful set', () => {
  it('counts pods, those that stay by their revision', () => {
    const pods = [pod('old'), pod('old', { going: true }), pod('new', { ready: false })]
    expect(statefulSetStatus(setOf({ replicas: 3 }), counted(pods, 2))).toEqual({
      observedGeneration: 4,
      replicas: 3,
      readyReplicas: 2,
      availableReplicas: 2,
      currentReplicas: 1,
      updatedReplicas: 1,
      currentRevision: 'old',
      updateRevision: 'new',
      collisionCount: 2,
    })
  })

  it('makes the update current when all pods are of it and ready, but not when updates wait for deletion', () => {
    const done = statefulSetStatus(setOf({}), counted([pod('new')]))
    expect(done).toMatchObject({ currentRevision: 'new', currentReplicas: 1, collisionCount: 0 })
    const waiting = setOf({ updateStrategy: { type: 'OnDelete' } })
    expect(statefulSetStatus(waiting, counted([pod('new')]))).toMatchObject({ currentRevision: 'old' })
    const unready = [pod('new', { ready: false })]
    expect(statefulSetStatus(setOf({}), counted(unready))).toMatchObject({ currentRevision: 'old' })
  })

  it('keeps what others put there, and takes zero for absent', () => {
    const conditions = [{ type: 'Mine', status: 'True' }]
    const set = setOf({ replicas: 0 }, { replicas: 0, conditions })
    const next = statefulSetStatus(set, counted([]))
    expect(next.conditions).toBe(conditions)
    expect(isSameStatus(setOf({}, { ...next, readyReplicas: undefined }), next)).toBe(true)
    expect(isSameStatus(setOf({}), next)).toBe(false)
  })
})
