import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { refs } from '../../../../src-kube/client/refs.ts'
import { StatusError } from '../../../../src-kube/machinery/errors.ts'
import { nodeLifecycleController } from './lifecycle.ts'
import { taintEvictionController } from './taint-eviction.ts'
import { nodeCluster } from './testing/node-cluster.ts'

let c: ReturnType<typeof nodeCluster>
beforeEach(async () => {
  c = nodeCluster([nodeLifecycleController(), taintEvictionController()])
  for (const name of ['n1', 'n2']) c.join(name)
  await c.h.start()
})
afterEach(() => c.h.finish())

const KEY = 'node.kubernetes.io/unreachable'
const tolerating = (tolerationSeconds?: number) => [
  {
    key: KEY,
    operator: 'Exists',
    effect: 'NoExecute',
    ...(tolerationSeconds === undefined ? {} : { tolerationSeconds }),
  },
]
/** Puts a NoExecute taint on a node, or takes all away. */
const taint = (name: string, ...keys: string[]) =>
  c.h.server.put(refs.nodes, {
    ...c.node(name)!,
    spec: { taints: keys.map((one) => ({ key: one, effect: 'NoExecute' })) },
  })

describe('a pod of a node that is lost', () => {
  it('with five seconds of tolerance is deleted five seconds after the taint, not earlier', async () => {
    c.pod('p', 'n1', tolerating(5))
    await c.live(54, 'n2')
    expect(c.pods()).toEqual(['p'])
    await c.live(2, 'n2')
    expect(c.pods()).toEqual([])
  })

  it('is noted as disrupted before it is deleted, and told by an event', async () => {
    c.pod('p', 'n1', tolerating(0))
    await c.live(52, 'n2')
    const written = c.h.server.calls.filter((call) => call.resource.resource === 'pods' && call.name === 'p')
    const noted = written.findIndex((call) => JSON.stringify(call.body ?? '').includes('DeletionByTaintManager'))
    expect(noted).toBeGreaterThanOrEqual(0)
    expect(written.findIndex((call) => call.verb === 'delete')).toBeGreaterThan(noted)
    expect(c.h.eventMessages()).toContain('Marking for deletion Pod a/p')
  })

  it('stays when it comes to tolerate the loss for good', async () => {
    c.pod('p', 'n1', tolerating(30))
    await c.live(60, 'n2')
    c.pod('p', 'n1', tolerating())
    await c.live(60, 'n2')
    expect(c.pods()).toEqual(['p'])
    expect(c.h.eventMessages()).toContain('Cancelling deletion of Pod a/p')
  })

  it('stays when the node is back in time, and gets its whole time again at the next loss', async () => {
    c.pod('p', 'n1', tolerating(30))
    await c.live(70, 'n2')
    c.post('n1')
    await c.live(60, 'n1', 'n2')
    expect(c.pods()).toEqual(['p'])
    expect(c.h.eventMessages()).toContain('Cancelling deletion of Pod a/p')
    await c.live(69, 'n2')
    expect(c.pods()).toEqual(['p'])
    await c.live(15, 'n2')
    expect(c.pods()).toEqual([])
  })

  it('that was created again under its name has its own time', async () => {
    c.pod('p', 'n1', tolerating(30))
    await c.live(70, 'n2')
    c.h.server.remove(refs.pods, 'p', 'a')
    c.pod('p', 'n1', tolerating(30))
    await c.live(20, 'n2')
    expect(c.pods()).toEqual(['p'])
    await c.live(15, 'n2')
    expect(c.pods()).toEqual([])
  })

  it('that is going already is left to go', async () => {
    c.h.server.put(refs.pods, {
      ...c.pod('p', 'n1'),
      metadata: { name: 'p', namespace: 'a', deletionTimestamp: '2026-01-01T00:00:01Z' },
    })
    await c.live(60, 'n2')
    expect(c.h.server.calls.filter((call) => call.verb === 'delete')).toEqual([])
  })
})

describe('NoExecute taints', () => {
  it('of a user evict at once what does not tolerate them, other effects evict nothing', async () => {
    for (const [name, tolerations] of [
      ['none', []],
      ['equal', [{ key: 'a', value: '', effect: 'NoExecute' }]],
      ['all', [{ operator: 'Exists' }]],
    ] as const)
      c.pod(name, 'n1', [...tolerations])
    taint('n1', 'a')
    await c.h.settle()
    expect(c.pods()).toEqual(['all', 'equal'])
    c.pod('new', 'n2')
    c.h.server.put(refs.nodes, { ...c.node('n2')!, spec: { taints: [{ key: 'b', effect: 'NoSchedule' }] } })
    await c.h.settle()
    expect(c.pods()).toContain('new')
  })

  it('that come later shorten the time, those that were there count from when they came', async () => {
    const tolerations = [
      { key: 'a', operator: 'Exists', tolerationSeconds: 100 },
      { key: 'b', operator: 'Exists', tolerationSeconds: 60 },
    ]
    c.pod('p', 'n1', tolerations)
    taint('n1', 'a')
    await c.live(30, 'n1', 'n2')
    taint('n1', 'a', 'b')
    await c.live(29, 'n1', 'n2')
    expect(c.pods()).toEqual(['p'])
    await c.live(3, 'n1', 'n2')
    expect(c.pods()).toEqual([])
  })

  it('do not evict a pod that has come to tolerate them for good', async () => {
    const pod = c.pod('p', 'n1', tolerating(30))
    taint('n1', KEY)
    await c.live(10, 'n1', 'n2')
    c.h.server.put(refs.pods, { ...pod, spec: { ...pod.spec, tolerations: tolerating() } })
    await c.live(60, 'n1', 'n2')
    expect(c.pods()).toEqual(['p'])
  })
})

describe('the eviction', () => {
  it('is of no concern when the pod is gone by then', async () => {
    c.pod('p', 'n1')
    c.h.server.intercept = (call) => {
      if (call.verb === 'delete') throw new StatusError(404, 'NotFound', 'gone')
      return undefined
    }
    taint('n1', 'a')
    await c.h.settle()
    expect(c.h.server.calls.filter(({ verb }) => verb === 'delete')).toHaveLength(1)
    expect(c.h.warnings).toEqual([])
  })

  it('is told of once, though what it notes on the pod is seen before the deletion', async () => {
    c.pod('p', 'n1')
    c.h.server.intercept = (call) => (call.verb === 'delete' ? { ...c.node('n1')! } : undefined)
    taint('n1', 'a')
    await c.h.settle()
    expect(c.h.server.calls.filter(({ verb }) => verb === 'delete')).toHaveLength(1)
  })

  it('asks only for the pod that it means', async () => {
    const { uid } = c.pod('p', 'n1').metadata
    taint('n1', 'a')
    await c.h.settle()
    const call = c.h.server.calls.find(({ verb }) => verb === 'delete')
    expect(call?.body).toMatchObject({ preconditions: { uid } })
  })
})
