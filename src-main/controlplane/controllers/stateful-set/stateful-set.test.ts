import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { StatefulSet } from '#types/apps/v1'
import type { Pod } from '#types/core/v1'
import { refs } from '../../../../src-kube/client/refs.ts'
import { StatusError } from '../../../../src-kube/machinery/errors.ts'
import { harness, setReady } from '../testing/harness.ts'
import { statefulSetController } from './index.ts'

const labels = { app: 'db' }
let h = harness([])
const put = (spec: object = {}) =>
  h.server.put(refs.statefulSets, {
    metadata: { name: 'db', namespace: 'a' },
    spec: {
      serviceName: 'db',
      replicas: 3,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { nodeName: 'n1', containers: [{ name: 'c', image: 'one' }] } },
      ...spec,
    },
  })
const set = () => h.server.peek(refs.statefulSets, 'db', 'a')!
const status = () => set().status
const change = (spec: object) => h.server.put(refs.statefulSets, { ...set(), spec: { ...set().spec, ...spec } })
const image = (name: string) => ({
  template: { metadata: { labels }, spec: { nodeName: 'n1', containers: [{ name: 'c', image: name }] } },
})
const names = () => h.pods().map((pod) => pod.metadata.name)
const pod = (name: string) => h.server.peek(refs.pods, name, 'a')!
const imageOf = (name: string) => pod(name).spec.containers[0]?.image
const ready = async (...which: string[]) => {
  for (const name of which) setReady(h, pod(name), true)
  await h.pass(2000)
}
/** What kubelets do: pods become ready as they come and go when they are told to. */
const kubelets = async (rounds = 12) => {
  for (let i = 0; i < rounds; i++) {
    for (const one of h.server.all(refs.pods)) {
      if (one.metadata.deletionTimestamp) h.server.remove(refs.pods, one.metadata.name, 'a')
      else if (one.status?.phase !== 'Running') setReady(h, one, true)
    }
    await h.pass(1500, 5)
  }
}
beforeEach(async () => {
  h = harness([statefulSetController()])
  await h.start()
})
afterEach(() => h.finish())

describe('in order', () => {
  it('a pod comes only after the one before it is ready, with a name, labels and a host name of its own', async () => {
    put()
    await h.pass(1000)
    expect(names()).toEqual(['db-0'])
    await ready('db-0')
    expect(names()).toEqual(['db-0', 'db-1'])
    await ready('db-1')
    const second = pod('db-1')
    expect(second.spec).toMatchObject({ hostname: 'db-1', subdomain: 'db' })
    expect(second.metadata.generateName).toBe('db-')
    expect(second.metadata.labels).toEqual({
      app: 'db',
      'statefulset.kubernetes.io/pod-name': 'db-1',
      'apps.kubernetes.io/pod-index': '1',
      'controller-revision-hash': status()?.updateRevision,
    })
    expect(second.metadata.ownerReferences).toMatchObject([{ kind: 'StatefulSet', name: 'db', controller: true }])
    await ready('db-2')
    expect(status()).toMatchObject({
      observedGeneration: 1,
      replicas: 3,
      readyReplicas: 3,
      availableReplicas: 3,
      currentReplicas: 3,
      updatedReplicas: 3,
    })
    expect(h.eventMessages()).toContain('create Pod db-1 in StatefulSet db successful')
    expect(h.eventReasons().every((reason) => reason === 'SuccessfulCreate')).toBe(true)
  })

  it('the pods that are too many go one at a time, the last first', async () => {
    put()
    await kubelets()
    change({ replicas: 1 })
    await h.pass(5000)
    expect(names()).toEqual(['db-0', 'db-1'])
    await kubelets()
    expect(names()).toEqual(['db-0'])
    expect(h.eventMessages()).toContain('delete Pod db-2 in StatefulSet db successful')
  })

  it('nothing is scaled while a pod is unwell', async () => {
    put({ replicas: 2 })
    await kubelets()
    setReady(h, pod('db-0'), false)
    change({ replicas: 3 })
    await h.pass(2000)
    expect(names()).toEqual(['db-0', 'db-1'])
    change({ replicas: 1 })
    await h.pass(2000)
    expect(names()).toEqual(['db-0', 'db-1'])
    await ready('db-0')
    expect(names()).toEqual(['db-0'])
  })

  it('a pod that has failed is deleted and made again under its name', async () => {
    put({ replicas: 1 })
    await kubelets()
    const { uid } = pod('db-0').metadata
    h.server.put(refs.pods, { ...pod('db-0'), status: { phase: 'Failed' } })
    await h.pass(1000)
    await kubelets()
    expect(names()).toEqual(['db-0'])
    expect(pod('db-0').metadata.uid).not.toBe(uid)
    expect(h.eventMessages()).toContain('StatefulSet a/db is recreating failed Pod db-0')
  })

  it('a pod that its node refuses comes back at ever longer intervals, until the template changes', async () => {
    put({ replicas: 1 })
    const attempts: number[] = []
    const refuse = (): void => {
      const [found] = h.pods()
      if (!found || found.status?.phase === 'Failed') return
      attempts.push(h.clock.monotonic())
      h.server.put(refs.pods, { ...found, status: { phase: 'Failed', reason: 'OutOfcpu' } })
    }
    const bury = (): void => {
      for (const { metadata } of h.server.all(refs.pods))
        if (metadata.deletionTimestamp) h.server.remove(refs.pods, metadata.name, 'a')
    }
    for (let i = 0; i < 200; i++) {
      await h.pass(100, 1)
      bury()
      refuse()
    }
    const pauses = attempts.slice(1).map((at, i) => Math.round((at - attempts[i]!) / 1000))
    expect(pauses).toEqual([0, 1, 2, 4, 8])
    h.server.put(refs.statefulSets, {
      ...set(),
      metadata: { ...set().metadata, generation: 9 },
      spec: { ...set().spec, ...image('two') },
    })
    await h.pass(500)
    bury()
    await h.pass(500)
    expect(imageOf('db-0')).toBe('two')
  })

  it('a refused pod outside the range goes without a pause', async () => {
    put({ replicas: 2 })
    await kubelets()
    const fail = () => h.server.put(refs.pods, { ...pod('db-1'), status: { phase: 'Failed', reason: 'OutOfcpu' } })
    fail()
    await h.pass(100)
    h.server.remove(refs.pods, 'db-1', 'a')
    await h.pass(100)
    fail()
    await h.pass(100)
    expect(names()).toEqual(['db-0', 'db-1'])
    change({ replicas: 1 })
    await h.pass(100)
    expect(names()).toEqual(['db-0'])
  })

  it('waits for minReadySeconds before the next pod', async () => {
    put({ replicas: 2, minReadySeconds: 30 })
    await h.pass(1000)
    await ready('db-0')
    await h.pass(25_000)
    expect(names()).toEqual(['db-0'])
    expect(status()).toMatchObject({ readyReplicas: 1, availableReplicas: 0 })
    await h.pass(5000)
    expect(names()).toEqual(['db-0', 'db-1'])
    expect(status()).toMatchObject({ availableReplicas: 1 })
  })

  it('counts from ordinals.start', async () => {
    put({ replicas: 2, ordinals: { start: 5 } })
    await kubelets()
    expect(names()).toEqual(['db-5', 'db-6'])
    change({ ordinals: { start: 6 } })
    await kubelets()
    expect(names()).toEqual(['db-6', 'db-7'])
  })
})

it('a Parallel set makes and removes all of its pods at once', async () => {
  put({ podManagementPolicy: 'Parallel', replicas: 5 })
  await h.pass(1000)
  expect(names()).toHaveLength(5)
  change({ replicas: 1 })
  await h.pass(1000)
  expect(names()).toEqual(['db-0'])
})

describe('an update', () => {
  it('replaces pods from the last to the first, each after its successor is ready, and then becomes the current revision', async () => {
    put()
    await kubelets()
    const before = status()!.updateRevision
    change(image('two'))
    await h.pass(1000)
    expect(status()).toMatchObject({ currentRevision: before, currentReplicas: 2, updatedReplicas: 0 })
    expect(status()?.updateRevision).not.toBe(before)
    expect(pod('db-2').metadata.deletionTimestamp).toBeDefined()
    expect([imageOf('db-0'), imageOf('db-1')]).toEqual(['one', 'one'])
    await kubelets()
    expect([0, 1, 2].map((i) => imageOf(`db-${i}`))).toEqual(['two', 'two', 'two'])
    expect(status()).toMatchObject({ updatedReplicas: 3, currentReplicas: 3 })
    expect(status()?.currentRevision).toBe(status()?.updateRevision)
  })

  it('stops at the partition; what fails below it comes back as it was', async () => {
    put({ updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 2 } } })
    await kubelets()
    change(image('two'))
    await kubelets()
    expect([0, 1, 2].map((i) => imageOf(`db-${i}`))).toEqual(['one', 'one', 'two'])
    h.server.remove(refs.pods, 'db-0', 'a')
    h.server.remove(refs.pods, 'db-2', 'a')
    await kubelets()
    expect([0, 1, 2].map((i) => imageOf(`db-${i}`))).toEqual(['one', 'one', 'two'])
    expect(status()).toMatchObject({ currentReplicas: 2, updatedReplicas: 1 })
  })

  it('waits for deletions with OnDelete', async () => {
    put({ updateStrategy: { type: 'OnDelete' } })
    await kubelets()
    change(image('two'))
    await kubelets()
    expect([0, 1, 2].map((i) => imageOf(`db-${i}`))).toEqual(['one', 'one', 'one'])
    h.server.remove(refs.pods, 'db-1', 'a')
    await kubelets()
    expect([0, 1, 2].map((i) => imageOf(`db-${i}`))).toEqual(['one', 'two', 'one'])
  })

  it('back to an earlier template takes that revision up again under a higher number', async () => {
    put({ replicas: 1 })
    await kubelets()
    change(image('two'))
    await kubelets()
    change(image('one'))
    await kubelets()
    const revisions = h.server.all(refs.controllerRevisions)
    expect(new Set(revisions.map(({ revision }) => revision))).toEqual(new Set([2, 3]))
    expect(imageOf('db-0')).toBe('one')
    expect(revisions[0]?.data).toMatchObject({ spec: { template: { $patch: 'replace' } } })
    expect(revisions[0]?.metadata).toMatchObject({ namespace: 'a', ownerReferences: [{ kind: 'StatefulSet' }] })
  })

  it('keeps no more old revisions than the limit says', async () => {
    put({ replicas: 1, revisionHistoryLimit: 1 })
    await kubelets()
    for (const name of ['two', 'three', 'four']) {
      change(image(name))
      await kubelets()
    }
    expect(h.server.all(refs.controllerRevisions).map(({ revision }) => revision)).toEqual(
      expect.arrayContaining([3, 4]),
    )
    expect(h.server.all(refs.controllerRevisions)).toHaveLength(2)
  })
})

const volumeClaimTemplates = [
  { metadata: { name: 'data', labels: { tier: 'gold' } }, spec: { accessModes: ['ReadWriteOnce'] } },
]
const claim = (name: string) => h.server.peek(refs.persistentVolumeClaims, name, 'a')

describe('claims', () => {
  it('are made before the pod that mounts them and stay when it goes', async () => {
    put({ replicas: 2, volumeClaimTemplates })
    await kubelets()
    expect(claim('data-db-1')?.metadata.labels).toEqual({ tier: 'gold', app: 'db' })
    expect(pod('db-1').spec.volumes).toEqual([
      { name: 'data', persistentVolumeClaim: { claimName: 'data-db-1', readOnly: false } },
    ])
    change({ replicas: 0 })
    await kubelets()
    expect(claim('data-db-1')?.metadata.ownerReferences).toBeUndefined()
    expect(h.eventMessages()).toContain('create Claim data-db-1 Pod db-1 in StatefulSet db success')
  })

  it('are made again while their pod waits for them', async () => {
    put({ replicas: 1, volumeClaimTemplates })
    await h.pass(1000)
    h.server.remove(refs.persistentVolumeClaims, 'data-db-0', 'a')
    await h.pass(1000)
    expect(claim('data-db-0')).toBeDefined()
    await ready('db-0')
    h.server.remove(refs.persistentVolumeClaims, 'data-db-0', 'a')
    await h.pass(1000)
    expect(claim('data-db-0')).toBeUndefined()
  })

  it('belong to the set, or to a pod that is scaled away, as the retention policy says', async () => {
    const persistentVolumeClaimRetentionPolicy = { whenDeleted: 'Delete', whenScaled: 'Delete' }
    put({ replicas: 2, volumeClaimTemplates, persistentVolumeClaimRetentionPolicy })
    await kubelets()
    expect(claim('data-db-1')?.metadata.ownerReferences).toMatchObject([{ kind: 'StatefulSet', name: 'db' }])
    change({ replicas: 1 })
    await h.pass(1000)
    expect(claim('data-db-1')?.metadata.ownerReferences).toMatchObject([{ kind: 'Pod', name: 'db-1' }])
    expect(claim('data-db-0')?.metadata.ownerReferences).toMatchObject([{ kind: 'StatefulSet' }])
    change({ persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' } })
    await h.pass(1000)
    expect(claim('data-db-0')?.metadata.ownerReferences).toEqual([])
  })

  it('a pod is not made while the claim of its predecessor is still to go with that', async () => {
    h.server.put(refs.persistentVolumeClaims, {
      metadata: {
        name: 'data-db-0',
        namespace: 'a',
        ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'db-0', uid: 'old', controller: true }],
      },
    })
    put({ replicas: 1, volumeClaimTemplates })
    await h.pass(3000)
    expect(names()).toEqual([])
    h.server.remove(refs.persistentVolumeClaims, 'data-db-0', 'a')
    await h.pass(3000)
    expect(names()).toEqual(['db-0'])
  })
})

it('says why a pod could not be made, and tries again', async () => {
  let refused = true
  h.server.intercept = (call) => {
    if (call.verb === 'create' && call.resource.resource === 'pods' && refused)
      throw new StatusError(403, 'Forbidden', 'no room')
    return undefined
  }
  put({ replicas: 1 })
  await h.pass(1000)
  expect(h.eventReasons()).toContain('FailedCreate')
  expect(h.eventMessages()).toContain('create Pod db-0 in StatefulSet db failed error: no room')
  expect(h.warnings.splice(0)[0]).toContain('no room')
  refused = false
  await h.pass(2000)
  expect(names()).toEqual(['db-0'])
})

it('says why a claim could not be made, makes no pod without it, and tries again', async () => {
  let refused = true
  h.server.intercept = (call) => {
    if (call.verb === 'create' && call.resource.resource === 'persistentvolumeclaims' && refused)
      throw new StatusError(403, 'Forbidden', 'quota')
    return undefined
  }
  put({ replicas: 1, volumeClaimTemplates })
  await h.pass(1000)
  expect(names()).toEqual([])
  expect(h.eventMessages()).toEqual([
    'create Claim data-db-0 for Pod db-0 in StatefulSet db failed error: quota',
    'create Pod db-0 in StatefulSet db failed error: failed to create PVC data-db-0: quota',
  ])
  expect(h.warnings.splice(0)).not.toEqual([])
  refused = false
  await h.pass(5000)
  expect(names()).toEqual(['db-0'])
})

it('a namespace that is being emptied is nothing to report', async () => {
  h.server.intercept = (call) => {
    const refused = ['pods', 'persistentvolumeclaims'].includes(call.resource.resource)
    if (call.verb !== 'create' || !refused) return undefined
    throw new StatusError(403, 'Forbidden', 'no', { causes: [{ reason: 'NamespaceTerminating' }] })
  }
  put({ replicas: 1, volumeClaimTemplates })
  await h.pass(2000)
  expect(h.server.all(refs.events)).toEqual([])
})

it('adopts a matching pod of a name it would give, gives it its labels, and leaves others alone', async () => {
  const orphan = (name: string): Pod =>
    h.server.put(refs.pods, { metadata: { name, namespace: 'a', labels }, spec: { containers: [] } })
  orphan('db-0')
  orphan('other')
  put({ replicas: 1 })
  await h.pass(1000)
  expect(pod('db-0').metadata.ownerReferences).toHaveLength(1)
  expect(pod('db-0').metadata.labels).toMatchObject({ 'apps.kubernetes.io/pod-index': '0' })
  expect(pod('other').metadata.ownerReferences).toBeUndefined()
  expect(h.eventReasons()).toContain('SuccessfulUpdate')
})

it('a set that is being deleted makes no revision anew when its own is orphaned', async () => {
  put({ replicas: 1 })
  await h.pass(1000)
  h.server.put(refs.statefulSets, {
    ...set(),
    metadata: { ...set().metadata, deletionTimestamp: '2026-01-01T00:00:00Z', finalizers: ['orphan'] },
  })
  const [revision] = h.server.all(refs.controllerRevisions)
  const { ownerReferences: _, ...metadata } = revision!.metadata
  h.server.put(refs.controllerRevisions, { ...revision!, metadata })
  h.server.put(refs.pods, { ...pod('db-0'), status: { phase: 'Running' } })
  await h.pass(1000)
  expect(h.server.all(refs.controllerRevisions)).toHaveLength(1)
})

it('a set that is being deleted makes nothing', async () => {
  h.server.put(refs.statefulSets, {
    metadata: { name: 'db', namespace: 'a', deletionTimestamp: '2026-01-01T00:00:00Z', finalizers: ['x'] },
    spec: { replicas: 1, selector: { matchLabels: labels }, template: { metadata: { labels } } },
  } satisfies Record<keyof Pick<StatefulSet, 'metadata' | 'spec'>, unknown>)
  await h.pass(1000)
  expect(names()).toEqual([])
})
