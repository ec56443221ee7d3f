import { describe, expect, test } from 'vitest'
import type { KubeObject } from '../../../../src-kube/machinery/meta.ts'
import { partial } from '../../../../src-kube/machinery/testing/partial.ts'
import { arrange, at, deployment } from '../testing/arrange.ts'
import { validateCounts } from './status-counts.ts'

const errorsOf = (kind: string, status: object, before?: object): string[] => {
  const object = (of: object | undefined) => partial<KubeObject>({ kind, metadata: {}, ...(of ? { status: of } : {}) })
  return validateCounts(object(status), object(before)).map(({ field, message }) => `${field}: ${message}`)
}

describe('counts of a status', () => {
  test.each([
    ['Deployment', 'unavailableReplicas'],
    ['ReplicaSet', 'fullyLabeledReplicas'],
    ['StatefulSet', 'currentReplicas'],
    ['DaemonSet', 'numberMisscheduled'],
    ['Job', 'terminating'],
    ['PodDisruptionBudget', 'disruptionsAllowed'],
    ['HorizontalPodAutoscaler', 'desiredReplicas'],
  ])('are not negative: of a %s %s', (kind, field) => {
    expect(errorsOf(kind, { [field]: -1 })).toEqual([
      `status.${field}: Invalid value: -1: must be greater than or equal to 0`,
    ])
    expect(errorsOf(kind, { [field]: 0 })).toEqual([])
    expect(errorsOf(kind, {})).toEqual([])
  })

  test('are not more than there are replicas, nor available before they are ready', () => {
    expect(errorsOf('Deployment', { replicas: 1, updatedReplicas: 2, readyReplicas: 2, availableReplicas: 3 })).toEqual(
      [
        'status.updatedReplicas: Invalid value: 2: cannot be greater than status.replicas',
        'status.readyReplicas: Invalid value: 2: cannot be greater than status.replicas',
        'status.availableReplicas: Invalid value: 3: cannot be greater than status.replicas',
        'status.availableReplicas: Invalid value: 3: cannot be greater than readyReplicas',
      ],
    )
    expect(errorsOf('StatefulSet', { replicas: 3, readyReplicas: 1, availableReplicas: 2 })).toEqual([
      'status.availableReplicas: Invalid value: 2: cannot be greater than status.readyReplicas',
    ])
  })

  test('of collisions are never fewer', () => {
    const fewer = (now: number) => [`status.collisionCount: Invalid value: ${now}: cannot be decremented`]
    expect(errorsOf('DaemonSet', { collisionCount: 4 }, { collisionCount: 5 })).toEqual(fewer(4))
    expect(errorsOf('DaemonSet', {}, { collisionCount: 5 })).toEqual(fewer(0))
    expect(errorsOf('DaemonSet', { collisionCount: 5 }, { collisionCount: 5 })).toEqual([])
    expect(errorsOf('ReplicaSet', {}, { collisionCount: 5 })).toEqual([])
  })

  test('of other kinds are theirs', () => {
    expect(errorsOf('Pod', { replicas: -1 })).toEqual([])
  })

  test('are looked at when the status is written', async () => {
    const { registry, write } = await arrange()
    const target = at('apps/v1', 'Deployment', 'd', 'w')
    await registry.create(target, deployment('w'), write)
    const patch = registry.patch(
      { ...target, subresource: 'status' },
      'application/merge-patch+json',
      { status: { replicas: -7 } },
      write,
    )
    await expect(patch).rejects.toMatchObject({ code: 422 })
  })
})
