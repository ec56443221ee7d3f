import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { refs } from '../../../src-kube/client/refs.ts'
import { daemonSetController } from './daemon-set.ts'
import { harness, setReady } from './testing/harness.ts'

const labels = { app: 'agent' }
const set = (image = 'one', spec = {}) => ({
  metadata: { name: 'agent', namespace: 'a' },
  spec: {
    selector: { matchLabels: labels },
    template: { metadata: { labels }, spec: { containers: [{ name: 'c', image }], ...spec } },
  },
})
let h = harness([])
const node = (name: string, more = {}, spec = {}) => h.server.put(refs.nodes, { metadata: { name, ...more }, spec })
const status = () => h.server.peek(refs.daemonSets, 'agent', 'a')?.status
beforeEach(async () => {
  h = harness([daemonSetController()])
  await h.start()
})
afterEach(() => h.finish())

describe('daemon set controller', () => {
  it('puts one pod on every node that fits, and on nodes that join later', async () => {
    node('n1', { labels: { disk: 'ssd' } })
    node('n2')
    h.server.put(refs.daemonSets, set('one', { nodeSelector: { disk: 'ssd' } }))
    await h.pass(1000)
    expect(h.pods()).toHaveLength(1)
    node('n3', { labels: { disk: 'ssd' } })
    await h.pass(1000)
    expect(h.pods()).toHaveLength(2)
    expect(status()).toMatchObject({
      desiredNumberScheduled: 2,
      currentNumberScheduled: 2,
      updatedNumberScheduled: 2,
      numberUnavailable: 2,
    })
  })

  it('leaves tainted nodes alone unless the template tolerates the taint', async () => {
    node('n1', {}, { taints: [{ key: 'gpu', effect: 'NoSchedule' }] })
    node('n2', {}, { taints: [{ key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }] })
    h.server.put(refs.daemonSets, set())
    await h.pass(1000)
    expect(h.pods()).toHaveLength(1)
  })

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
})
