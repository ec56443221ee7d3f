import { afterEach, describe, expect, it } from 'vitest'
import { refs } from '../../../src-kube/client/refs.ts'
import { StatusError } from '../../../src-kube/machinery/errors.ts'
import { replicaSetController, replicationController } from './replica-set.ts'
import { harness, setReady } from './testing/harness.ts'

const labels = { app: 'web' }
const set = (replicas: number, more = {}) => ({
  metadata: { name: 'web', namespace: 'a' },
  spec: {
    replicas,
    selector: { matchLabels: labels },
    template: { metadata: { labels }, spec: { containers: [] } },
    ...more,
  },
})
let h = harness([])
const begin = async () => {
  h = harness([replicaSetController()])
  await h.start()
}
const status = () => h.server.peek(refs.replicaSets, 'web', 'a')?.status
const scale = (replicas: number) => {
  const rs = h.server.peek(refs.replicaSets, 'web', 'a')!
  return h.client.resource(refs.replicaSets).update({ ...rs, spec: { ...rs.spec, replicas } })
}
afterEach(() => {
  h.finish()
})

describe('replica set controller', () => {
  it('creates the pods that are missing, each owned by the set, and counts them', async () => {
    await begin()
    h.server.put(refs.replicaSets, set(7))
    await h.pass(1000)
    expect(h.pods()).toHaveLength(7)
    expect(h.pods()[0]?.metadata.ownerReferences?.[0]).toMatchObject({
      kind: 'ReplicaSet',
      name: 'web',
      controller: true,
      blockOwnerDeletion: true,
    })
    expect(status()).toMatchObject({ replicas: 7, fullyLabeledReplicas: 7, readyReplicas: 0, observedGeneration: 1 })
    expect(h.eventReasons().filter((r) => r === 'SuccessfulCreate')).toHaveLength(7)
  })

  it('replaces a pod that was deleted or has failed', async () => {
    await begin()
    h.server.put(refs.replicaSets, set(2))
    await h.pass(1000)
    const [one, two] = h.pods()
    h.server.remove(refs.pods, one!.metadata.name, 'a')
    h.server.put(refs.pods, { ...two!, status: { phase: 'Failed' } })
    await h.pass(1000)
    expect(h.pods().filter((pod) => pod.status?.phase !== 'Failed')).toHaveLength(2)
  })

  it('replaces pods that their node refuses at ever longer intervals, and at once when those are deleted', async () => {
    await begin()
    h.server.put(refs.replicaSets, set(2))
    const rounds: number[] = []
    for (let i = 0; i < 200; i++) {
      await h.pass(100, 1)
      const fresh = h.pods().filter(({ status: said }) => said?.phase !== 'Failed')
      if (fresh.length > 0) rounds.push(h.clock.monotonic())
      for (const pod of fresh) h.server.put(refs.pods, { ...pod, status: { phase: 'Failed', reason: 'OutOfcpu' } })
    }
    const pauses = rounds.slice(1).map((at, i) => Math.round((at - rounds[i]!) / 1000))
    expect(pauses).toEqual([1, 2, 4, 8])
    expect(h.pods()).toHaveLength(10)
    for (const { metadata } of h.pods()) h.server.remove(refs.pods, metadata.name, 'a')
    await h.pass(100)
    expect(h.pods()).toHaveLength(2)
  })

  it('gives up pods that are not ready before ready ones', async () => {
    await begin()
    h.server.put(refs.replicaSets, set(4))
    await h.pass(1000)
    const [one, two] = h.pods()
    setReady(h, one!, true)
    setReady(h, two!, true)
    await h.pass(1000)
    await scale(2)
    await h.pass(1000)
    expect(h.pods().map((p) => p.metadata.name)).toEqual([one!.metadata.name, two!.metadata.name])
    expect(status()).toMatchObject({ replicas: 2, readyReplicas: 2, availableReplicas: 2 })
  })

  it('counts a pod as available only after minReadySeconds', async () => {
    await begin()
    h.server.put(refs.replicaSets, set(1, { minReadySeconds: 10 }))
    await h.pass(1000)
    setReady(h, h.pods()[0]!, true)
    await h.pass(5000)
    expect(status()).toMatchObject({ readyReplicas: 1, availableReplicas: 0 })
    await h.pass(6000)
    expect(status()).toMatchObject({ readyReplicas: 1, availableReplicas: 1 })
  })

  it('adopts a matching pod without a controller and releases one whose labels changed', async () => {
    await begin()
    h.server.put(refs.pods, { metadata: { name: 'stray', namespace: 'a', labels }, spec: { containers: [] } })
    h.server.put(refs.replicaSets, set(1))
    await h.pass(1000)
    expect(h.pods()).toHaveLength(1)
    const stray = h.server.peek(refs.pods, 'stray', 'a')!
    expect(stray.metadata.ownerReferences).toHaveLength(1)
    h.server.put(refs.pods, { ...stray, metadata: { ...stray.metadata, labels: { app: 'debug' } } })
    await h.pass(1000)
    expect(h.server.peek(refs.pods, 'stray', 'a')?.metadata.ownerReferences).toEqual([])
    expect(h.pods()).toHaveLength(2)
  })

  it('says why pods cannot be made, tries a few only, and recovers', async () => {
    await begin()
    let refuse = true
    h.server.intercept = (call) => {
      if (refuse && call.verb === 'create' && call.resource.resource === 'pods')
        throw new StatusError(403, 'Forbidden', 'exceeded quota')
      return undefined
    }
    h.server.put(refs.replicaSets, set(50))
    await h.settle()
    expect(h.server.calls.filter((c) => c.verb === 'create' && c.resource.resource === 'pods').length).toBeLessThan(4)
    expect(status()?.conditions?.[0]).toMatchObject({
      type: 'ReplicaFailure',
      reason: 'FailedCreate',
      message: 'exceeded quota',
    })
    refuse = false
    await h.pass(5000)
    expect(h.pods()).toHaveLength(50)
    expect(status()?.conditions ?? []).toEqual([])
    h.warnings.length = 0
  })
})

describe('replication controller', () => {
  it('keeps as many pods as it wants by its plain selector, and counts them', async () => {
    h = harness([replicationController()])
    await h.start()
    const template = { metadata: { labels }, spec: { containers: [] } }
    h.server.put(refs.replicationControllers, {
      metadata: { name: 'web', namespace: 'a' },
      spec: { replicas: 2, selector: labels, template },
    })
    await h.pass(1000)
    expect(h.pods().map(({ metadata }) => metadata.ownerReferences?.[0]?.kind)).toEqual([
      'ReplicationController',
      'ReplicationController',
    ])
    expect(h.server.peek(refs.replicationControllers, 'web', 'a')?.status).toMatchObject({ replicas: 2 })
  })
})

describe('a pod that cannot be deleted', () => {
  it('is told of, and tried again', async () => {
    await begin()
    h.server.put(refs.replicaSets, set(2))
    await h.pass(1000)
    let refuse = true
    h.server.intercept = ({ verb, resource }) => {
      if (refuse && verb === 'delete' && resource.resource === 'pods') throw new StatusError(403, 'Forbidden', 'no')
      return undefined
    }
    await scale(1)
    await h.settle()
    expect(status()?.conditions?.[0]).toMatchObject({ type: 'ReplicaFailure', reason: 'FailedDelete', message: 'no' })
    expect(h.eventMessages()).toContain('Error deleting: no')
    refuse = false
    await h.pass(10_000)
    expect(h.pods()).toHaveLength(1)
    h.warnings.length = 0
  })

  it('because it is gone already does no harm', async () => {
    await begin()
    h.server.put(refs.replicaSets, set(2))
    await h.pass(1000)
    h.server.intercept = ({ verb, resource }) => {
      if (verb === 'delete' && resource.resource === 'pods') throw new StatusError(404, 'NotFound', 'gone')
      return undefined
    }
    await scale(1)
    await h.settle()
    expect(status()?.conditions ?? []).toEqual([])
  })
})

it('a namespace that ends makes no noise about pods it takes no more', async () => {
  await begin()
  h.server.intercept = ({ verb, resource }) => {
    if (verb === 'create' && resource.resource === 'pods')
      throw new StatusError(403, 'Forbidden', 'ends', { causes: [{ reason: 'NamespaceTerminating', message: '' }] })
    return undefined
  }
  h.server.put(refs.replicaSets, set(2))
  await h.pass(1000)
  expect(h.eventReasons()).toEqual([])
  expect(status()?.conditions ?? []).toEqual([])
})
