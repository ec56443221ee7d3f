import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { refs } from '../../../../src-kube/client/refs.ts'
import { daemonSetController } from './index.ts'
import { harness, setReady } from '../testing/harness.ts'
import { agent as set, agentIn } from './testing/agent.ts'

let h = harness([])
const { node, change, readyAll, begin, status } = agentIn(() => h)
beforeEach(async () => {
  h = harness([daemonSetController()])
  await h.start()
})
afterEach(() => h.finish())

describe('a daemon set whose template changes', () => {
  it('replaces pods of an old template one node after the other', async () => {
    for (const name of ['n1', 'n2', 'n3']) node(name)
    h.server.put(refs.daemonSets, set())
    await h.pass(1000)
    for (const pod of h.pods()) setReady(h, pod, true)
    await h.pass(1000)
    const old = h.server.peek(refs.daemonSets, 'agent', 'a')!
    h.server.put(refs.daemonSets, { ...old, spec: set('two').spec })
    await h.pass(1000)
    const images = () => h.pods().map((p) => p.spec.containers[0]?.image)
    expect(images().filter((image) => image === 'one')).toHaveLength(2)
    for (let i = 0; i < 3; i++) {
      for (const pod of h.pods()) if (!pod.status?.conditions) setReady(h, pod, true)
      await h.pass(1000)
    }
    expect(images()).toEqual(['two', 'two', 'two'])
  })

  const images = () => h.pods().map((pod) => pod.spec.containers[0]?.image)
  it('leaves pods of an old template to people with the strategy OnDelete', async () => {
    await begin(2, { updateStrategy: { type: 'OnDelete' } })
    change(set('two').spec)
    await h.pass(1000)
    expect(images()).toEqual(['one', 'one'])
    expect(status()).toMatchObject({ updatedNumberScheduled: 0, numberAvailable: 2 })
    h.server.remove(refs.pods, h.pods()[0]!.metadata.name, 'a')
    await h.pass(1000)
    expect(images().toSorted((a = '', b = '') => a.localeCompare(b))).toEqual(['one', 'two'])
  })

  it.each([
    [1, 1],
    ['50%', 2],
    ['60%', 3],
    [0, 1],
  ])('replaces as many at once as maxUnavailable %s lets it: %d of 4', async (maxUnavailable, replaced) => {
    await begin(4, { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable } } })
    change(set('two').spec)
    await h.pass(1000)
    expect(images().filter((image) => image === 'one')).toHaveLength(4 - replaced)
  })

  it('replaces pods that serve nobody before all others, and beyond the limit', async () => {
    await begin(3)
    for (const pod of h.pods().slice(0, 2)) setReady(h, pod, false)
    await h.pass(1000)
    change(set('two').spec)
    await h.pass(1000)
    expect(images().filter((image) => image === 'one')).toHaveLength(1)
  })

  it.each([
    ['Failed', 'FailedDaemonPod', 'Found failed daemon pod a/NAME on node n1, will try to kill it'],
    ['Succeeded', 'SucceededDaemonPod', 'Found succeeded daemon pod a/NAME on node n1, will try to delete it'],
  ])('makes a pod that has %s anew, and says so', async (phase, reason, message) => {
    await begin(1)
    const [pod] = h.pods()
    h.server.put(refs.pods, { ...pod!, spec: { ...pod!.spec, nodeName: 'n1' }, status: { phase } })
    await h.pass(1000)
    h.server.remove(refs.pods, pod!.metadata.name, 'a')
    await h.pass(5000)
    expect(h.pods()).toHaveLength(1)
    expect(h.pods()[0]?.metadata.uid).not.toBe(pod?.metadata.uid)
    expect(h.eventReasons()).toContain(reason)
    expect(h.eventMessages()).toContain(message.replace('NAME', pod!.metadata.name))
  })
})

describe('a daemon set keeps its templates', () => {
  const images = () => h.pods().map((pod) => pod.spec.containers[0]?.image)
  const settle = async (rounds = 8) => {
    for (let i = 0; i < rounds; i++) await readyAll()
  }
  const revisions = () => h.server.all(refs.controllerRevisions)

  it('as revisions that kubectl can roll back to, pods labelled with their hash', async () => {
    node('n1')
    h.server.put(refs.daemonSets, { ...set(), metadata: { ...set().metadata, annotations: { why: 'because' } } })
    await settle()
    const [first] = revisions()
    const hash = first?.metadata.labels?.['controller-revision-hash']
    expect(first).toMatchObject({
      metadata: { name: `agent-${hash}`, annotations: { why: 'because' }, ownerReferences: [{ kind: 'DaemonSet' }] },
      data: { spec: { template: { $patch: 'replace' } } },
      revision: 1,
    })
    expect(h.pods()[0]?.metadata.labels?.['controller-revision-hash']).toBe(hash)
    change(set('two').spec)
    await settle()
    change(set('one').spec)
    await settle()
    expect(images()).toEqual(['one'])
    expect(revisions().map(({ revision }) => revision)).toEqual(expect.arrayContaining([2, 3]))
    expect(h.pods()[0]?.metadata.labels?.['controller-revision-hash']).toBe(hash)
  })

  it('no more of them than its limit says', async () => {
    node('n1')
    h.server.put(refs.daemonSets, set())
    for (const image of ['two', 'three', 'four']) {
      await settle(3)
      change({ ...set(image).spec, revisionHistoryLimit: 1 })
    }
    await settle()
    expect(
      revisions()
        .map(({ revision }) => revision)
        .toSorted((a, b) => a - b),
    ).toEqual([3, 4])
  })
})

// KEP-1591.
describe('with maxSurge a daemon set', () => {
  const names = (image: string) => h.pods().filter((pod) => pod.spec.containers[0]?.image === image).length
  const surging = (maxSurge: number | string) => ({
    updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge, maxUnavailable: 0 } },
  })

  it('starts new pods beside old ones, so many at once, and removes these when those are available', async () => {
    await begin(3, surging(1))
    change(set('two').spec)
    await h.pass(1000)
    expect([names('one'), names('two')]).toEqual([3, 1])
    await readyAll()
    expect([names('one'), names('two')]).toEqual([2, 2])
    expect(status()).toMatchObject({ numberAvailable: 3, updatedNumberScheduled: 2 })
    for (let i = 0; i < 4; i++) await readyAll()
    expect([names('one'), names('two')]).toEqual([0, 3])
  })

  it('surges on a share of the nodes', async () => {
    await begin(4, surging('50%'))
    change(set('two').spec)
    await h.pass(1000)
    expect([names('one'), names('two')]).toEqual([4, 2])
  })

  it('does not wait for the place of a pod that is of no use', async () => {
    await begin(2, surging(1))
    for (const pod of h.pods()) setReady(h, pod, false)
    change(set('two').spec)
    await h.pass(1000)
    expect(names('two')).toBe(2)
    expect(names('one')).toBe(0)
  })
})
