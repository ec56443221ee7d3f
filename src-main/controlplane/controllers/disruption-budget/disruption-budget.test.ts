import type { Pod } from '#types/core/v1'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { refs } from '../../../../src-kube/client/refs.ts'
import type { TypedRef } from '../../../../src-kube/client/typed-client.ts'
import { formatTime } from '../../../../src-kube/machinery/time.ts'
import { StatusError } from '../../../../src-kube/machinery/errors.ts'
import type { ObjectLike } from '../../../../src-kube/machinery/meta.ts'
import { controllerReference } from '../../../../src-kube/runtime/owners.ts'
import { harness, setReady } from '../testing/harness.ts'
import { resourceSource } from '../discovery.ts'
import { disruptionBudgetController } from './index.ts'

/** Of a custom resource with a scale. */
const rollouts = { group: 'example.com', version: 'v1', resource: 'rollouts', kind: 'Rollout', namespaced: true }
const labels = { app: 'web' }
let h = harness([])
beforeEach(async () => {
  h = harness([disruptionBudgetController(resourceSource([refs.jobs, refs.daemonSets, rollouts], undefined))])
  await h.start()
})
afterEach(() => h.finish())
const budget = (spec: object, status?: object, name = 'b') =>
  h.server.put(refs.podDisruptionBudgets, {
    metadata: { name, namespace: 'a' },
    spec: { selector: { matchLabels: labels }, ...spec },
    ...(status ? { status } : {}),
  })
const status = () => h.server.peek(refs.podDisruptionBudgets, 'b', 'a')?.status
const pods = (count: number, owner?: object, more: object = {}): Pod[] =>
  Array.from({ length: count }, (_, i) => {
    const ownerReferences = owner ? [owner] : []
    const metadata = { name: `p${i}`, namespace: 'a', labels, ownerReferences, ...more }
    const pod = h.server.put(refs.pods, { metadata, spec: { containers: [] } })
    setReady(h, pod, true)
    return pod
  })
const owned = <T extends ObjectLike>(ref: TypedRef<T>, replicas: number | undefined, above?: object) =>
  controllerReference(
    h.server.put(ref, {
      metadata: { name: 'web', namespace: 'a', ownerReferences: above ? [above] : [] },
      spec: replicas === undefined ? {} : { replicas },
    }) as ObjectLike,
    ref as TypedRef<ObjectLike>,
  )

describe('the status of a disruption budget', () => {
  it('follows the pods that its selector chooses', async () => {
    budget({ minAvailable: 1 })
    const [first] = pods(3)
    await h.settle()
    expect(status()).toMatchObject({ currentHealthy: 3, desiredHealthy: 1, expectedPods: 3, disruptionsAllowed: 2 })
    setReady(h, first!, false)
    await h.settle()
    expect(status()).toMatchObject({ currentHealthy: 2, disruptionsAllowed: 1 })
    h.server.put(refs.pods, { ...first!, metadata: { ...first!.metadata, labels: { app: 'other' } } })
    await h.settle()
    expect(status()).toMatchObject({ expectedPods: 2 })
  })

  it.each<[string, () => object]>([
    ['a replica set', () => owned(refs.replicaSets, 4)],
    ['a stateful set', () => owned(refs.statefulSets, 4)],
    ['a replication controller', () => owned(refs.replicationControllers, 4)],
    ['the deployment above a replica set', () => owned(refs.replicaSets, 9, owned(refs.deployments, 4))],
  ])('counts what %s wants, once for all of its pods', async (_what, owner) => {
    budget({ maxUnavailable: 1 })
    pods(3, owner())
    await h.settle()
    expect(status()).toMatchObject({ expectedPods: 4, desiredHealthy: 3, currentHealthy: 3, disruptionsAllowed: 0 })
  })

  it('counts a deployment once, also while two of its replica sets have pods', async () => {
    const above = owned(refs.deployments, 3)
    const set = (name: string) =>
      controllerReference(
        h.server.put(refs.replicaSets, {
          metadata: { name, namespace: 'a', ownerReferences: [above] },
          spec: { replicas: 2 },
        }),
        refs.replicaSets,
      )
    budget({ maxUnavailable: 1 })
    pods(1, set('old'), { name: 'x' })
    pods(2, set('new'))
    await h.settle()
    expect(status()).toMatchObject({ expectedPods: 3, desiredHealthy: 2, disruptionsAllowed: 1 })
  })

  it('asks the scale of a custom resource that controls pods', async () => {
    h.server.intercept = ({ subresource, resource }) =>
      subresource === 'scale' && resource.resource === 'rollouts'
        ? {
            apiVersion: 'autoscaling/v1',
            kind: 'Scale',
            metadata: { name: 'web', uid: 'r', resourceVersion: '1' },
            spec: { replicas: 5 },
          }
        : undefined
    budget({ maxUnavailable: '20%' })
    pods(4, { apiVersion: 'example.com/v1', kind: 'Rollout', name: 'web', uid: 'r', controller: true })
    await h.settle()
    expect(status()).toMatchObject({ expectedPods: 5, desiredHealthy: 4, currentHealthy: 4, disruptionsAllowed: 0 })
  })

  it.each<[string, object, string]>([
    [
      'of a kind that nobody knows',
      { apiVersion: 'example.com/v1', kind: 'StatefulSet', name: 'x', uid: 'u', controller: true },
      'statefulsets.example.com does not implement the scale subresource',
    ],
    [
      'of a kind without a scale',
      { apiVersion: 'batch/v1', kind: 'Job', name: 'j', uid: 'u', controller: true },
      'jobs.batch does not implement the scale subresource',
    ],
    [
      'that is gone',
      { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'x', uid: 'u', controller: true },
      'found no controllers for pod "p0"',
    ],
    [
      'that is gone, in the core group',
      { apiVersion: 'v1', kind: 'ReplicationController', name: 'x', uid: 'u', controller: true },
      'found no controllers for pod "p0"',
    ],
  ])('allows nothing while a controller %s has pods, and says so', async (_what, owner, why) => {
    budget({ maxUnavailable: 1 })
    pods(1, owner)
    await h.settle()
    expect(status()).toMatchObject({ disruptionsAllowed: 0, conditions: [{ reason: 'SyncFailed', message: why }] })
    expect(h.eventMessages()).toContain(`Failed to calculate the number of expected pods: ${why}`)
  })

  it('is told in process, too, that a kind has no scale', async () => {
    h.server.intercept = ({ subresource }) => {
      if (subresource !== 'scale') return undefined
      throw new StatusError(404, 'NotFound', 'the server could not find the requested resource', {})
    }
    budget({ minAvailable: '50%' })
    pods(1, owned(refs.daemonSets, 1))
    await h.settle()
    const message = 'daemonsets.apps does not implement the scale subresource'
    expect(status()).toMatchObject({ disruptionsAllowed: 0, conditions: [{ reason: 'SyncFailed', message }] })
  })

  it('tells of a pod of several budgets', async () => {
    budget({ minAvailable: 0 })
    budget({ minAvailable: 1 }, undefined, 'other')
    await h.settle()
    pods(1)
    await h.settle()
    expect(h.eventReasons()).toContain('MultiplePodDisruptionBudgets')
  })

  it('warns of pods without a controller, which it cannot count', async () => {
    budget({ maxUnavailable: 1 })
    pods(1)
    await h.settle()
    expect(h.eventReasons()).toContain('UnmanagedPods')
  })

  it('says when there are no pods, once', async () => {
    budget({ minAvailable: 1 })
    await h.settle()
    await h.pass(60_000)
    expect(h.eventMessages()).toEqual(['No matching pods found'])
  })

  it('lets go of an eviction whose pod is still there after two minutes', async () => {
    pods(2)
    budget({ minAvailable: 1 }, { disruptedPods: { p0: formatTime(h.clock.now()) } })
    await h.pass(1000)
    expect(status()).toMatchObject({ currentHealthy: 1, disruptionsAllowed: 0 })
    await h.pass(120_000)
    expect(status()).toMatchObject({ currentHealthy: 2, disruptionsAllowed: 1 })
    expect(status()?.disruptedPods).toBeUndefined()
    expect(h.eventReasons()).toContain('NotDeleted')
  })
})
