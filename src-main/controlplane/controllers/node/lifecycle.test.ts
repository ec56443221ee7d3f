import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { refs } from '../../../../src-kube/client/refs.ts'
import { StatusError } from '../../../../src-kube/machinery/errors.ts'
import { setReady } from '../testing/harness.ts'
import { nodeLifecycleController } from './lifecycle.ts'
import { NodeMetrics } from './metrics.ts'
import { nodeCluster, notReady, unreachable } from './testing/node-cluster.ts'

let c: ReturnType<typeof nodeCluster>
let metrics = new NodeMetrics()
const evictions = () => metrics.metrics().flatMap(({ samples }) => samples)
beforeEach(async () => {
  metrics = new NodeMetrics()
  c = nodeCluster([nodeLifecycleController(undefined, undefined, metrics)])
  for (const name of ['n1', 'n2', 'n3']) c.join(name)
  await c.h.start()
})
afterEach(() => c.h.finish())

describe('a node that renews its lease', () => {
  it('stays as it is', async () => {
    c.pod('p', 'n1')
    await c.live(300, 'n1', 'n2', 'n3')
    expect([c.ready('n1')?.status, c.podReady('p'), c.taints('n1')]).toEqual(['True', 'True', []])
    expect(c.h.eventReasons()).not.toContain('NodeNotReady')
  })
})

describe('a node that falls silent', () => {
  it('is Unknown fifty seconds after its last lease, not a second earlier', async () => {
    await c.live(10, 'n1', 'n2', 'n3')
    c.beat('n1')
    await c.live(49, 'n2', 'n3')
    expect(c.ready('n1')?.status).toBe('True')
    await c.live(2, 'n2', 'n3')
    expect(c.ready('n1')).toMatchObject({ status: 'Unknown', reason: 'NodeStatusUnknown' })
  })

  it('has all the conditions of a kubelet unknown, each with the heartbeat it last had, and keeps those of others', async () => {
    const other = { type: 'NetworkUnavailable', status: 'False' as const, reason: 'FlannelIsUp' }
    const node = c.node('n1')!
    c.h.server.put(refs.nodes, { ...node, status: { conditions: [...node.status!.conditions!, other] } })
    await c.live(55, 'n2', 'n3')
    const conditions = c.node('n1')!.status!.conditions!
    expect(conditions.map(({ type, status }) => `${type}=${status}`).sort()).toEqual([
      'DiskPressure=Unknown',
      'MemoryPressure=Unknown',
      'NetworkUnavailable=False',
      'PIDPressure=Unknown',
      'Ready=Unknown',
    ])
    expect(c.ready('n1')).toMatchObject({
      message: 'Kubelet stopped posting node status.',
      lastHeartbeatTime: '2026-01-01T00:00:00Z',
      lastTransitionTime: '2026-01-01T00:00:50Z',
    })
  })

  it('is told of by one event, and its pods by one each', async () => {
    c.pod('p', 'n1')
    await c.live(90, 'n2', 'n3')
    const messages = c.h.eventMessages()
    expect(messages.filter((message) => message === 'Node n1 status is now: NodeNotReady')).toHaveLength(1)
    expect(messages.filter((message) => message === 'Node is not ready')).toHaveLength(1)
    expect(c.podReady('p')).toBe('False')
  })

  it('is tainted against new pods and against those it has, with the time since when', async () => {
    await c.live(55, 'n2', 'n3')
    expect(c.taints('n1')).toEqual(unreachable)
    expect(c.node('n1')!.spec!.taints!.every((taint) => taint.timeAdded === '2026-01-01T00:00:50Z')).toBe(true)
    expect(c.taints('n2')).toEqual([])
  })

  it('is counted once as one whose pods are to go, by its zone', async () => {
    expect(evictions()).toEqual([])
    await c.live(90, 'n2', 'n3')
    expect(evictions()).toEqual([{ labels: { zone: '' }, value: 1 }])
  })

  it('stays lost when only its lease is renewed, and is clean as soon as its kubelet says that it is ready', async () => {
    await c.live(60, 'n2', 'n3')
    await c.live(20, 'n1', 'n2', 'n3')
    expect(c.ready('n1')?.status).toBe('Unknown')
    expect(c.taints('n1')).toEqual(unreachable)
    c.post('n1')
    await c.h.settle()
    expect(c.taints('n1')).toEqual([])
    await c.live(100, 'n1', 'n2', 'n3')
    expect(c.ready('n1')?.status).toBe('True')
  })

  it('may be lost and return again and again', async () => {
    for (let round = 0; round < 3; round++) {
      await c.live(60, 'n2', 'n3')
      expect(c.taints('n1')).toEqual(unreachable)
      c.post('n1')
      await c.live(20, 'n1', 'n2', 'n3')
      expect(c.taints('n1')).toEqual([])
    }
  })

  it('lives by the status it posts when its lease cannot be renewed', async () => {
    for (let i = 0; i < 4; i++) {
      await c.live(40, 'n2', 'n3')
      c.post('n1')
    }
    expect(c.ready('n1')?.status).toBe('True')
  })

  it('has each of its pods marked unready once, also one that comes later: what its kubelet says after that stands', async () => {
    const pod = c.pod('p', 'n1')
    await c.live(55, 'n2', 'n3')
    expect(c.podReady('p')).toBe('False')
    setReady(c.h, pod, true)
    c.pod('late', 'n1')
    await c.h.settle()
    expect([c.podReady('p'), c.podReady('late')]).toEqual(['True', 'False'])
    c.post('n1')
    await c.h.settle()
    await c.live(55, 'n2', 'n3')
    expect(c.podReady('p')).toBe('False')
  })

  it('keeps its conditions in the order in which its kubelet posts them', async () => {
    const types = () => c.node('n1')!.status!.conditions!.map(({ type }) => type)
    const posted = c.node('n1')!.status!.conditions!
    await c.live(55, 'n2', 'n3')
    expect(c.ready('n1')?.status).toBe('Unknown')
    expect(types().slice(0, posted.length)).toEqual(posted.map(({ type }) => type))
    expect(types()[0]).not.toBe('Ready')
  })

  it('keeps what a user put on it: other taints stay, unschedulable is a taint of its own', async () => {
    const own = { key: 'dedicated', value: 'gpu', effect: 'NoExecute' as const }
    c.h.server.put(refs.nodes, { ...c.node('n1')!, spec: { taints: [own], unschedulable: true } })
    await c.live(55, 'n2', 'n3')
    expect(c.node('n1')!.spec!.taints).toHaveLength(4)
    c.post('n1')
    await c.h.settle()
    expect(c.node('n1')!.spec!.taints).toMatchObject([own, { key: 'node.kubernetes.io/unschedulable' }])
  })
})

describe('a node that says it is not ready', () => {
  it('is tainted not-ready at once, its pods are unready, and an event says so', async () => {
    c.pod('p', 'n1')
    c.post('n1', 'False')
    await c.h.settle()
    expect(c.taints('n1')).toEqual(notReady)
    expect(c.podReady('p')).toBe('False')
    expect(c.h.eventMessages()).toContain('Node n1 status is now: NodeNotReady')
    c.post('n1', 'True')
    await c.h.settle()
    expect(c.taints('n1')).toEqual([])
  })

  it('is unreachable instead when it then falls silent', async () => {
    c.post('n1', 'False')
    await c.live(60, 'n2', 'n3')
    expect(c.ready('n1')?.status).toBe('Unknown')
    expect(c.taints('n1')).toEqual(unreachable)
  })
})

describe('a node that has never said how it is', () => {
  it('gets sixty seconds, and no NoExecute taint of a Ready condition that it has not', async () => {
    c.h.server.put(refs.nodes, { metadata: { name: 'n4' }, spec: {}, status: {} })
    await c.live(58, 'n1', 'n2', 'n3')
    expect(c.ready('n4')).toBeUndefined()
    expect(c.taints('n4')).toEqual([])
    await c.live(4, 'n1', 'n2', 'n3')
    expect(c.ready('n4')).toMatchObject({
      status: 'Unknown',
      reason: 'NodeStatusNeverUpdated',
      message: 'Kubelet never posted node status.',
    })
    expect(c.taints('n4')).toEqual(unreachable)
  })
})

describe('when many nodes are lost', () => {
  it('nobody is evicted once none is left, and everybody as usual when one returns', async () => {
    await c.live(60)
    for (const name of ['n1', 'n2', 'n3']) expect(c.taints(name)).toEqual(['unreachable:NoSchedule'])
    c.post('n1')
    await c.live(10, 'n1')
    expect([c.taints('n1'), c.taints('n2')]).toEqual([[], unreachable])
  })

  it('two of three are evicted as usual', async () => {
    await c.live(70, 'n3')
    expect([c.taints('n1'), c.taints('n2'), c.taints('n3')]).toEqual([unreachable, unreachable, []])
  })

  it('they are evicted ten seconds one after the other', async () => {
    for (const name of ['n1', 'n2']) c.pod(`on-${name}`, name)
    await c.live(54, 'n3')
    const evicted = () => ['n1', 'n2'].filter((name) => c.taints(name).includes('unreachable:NoExecute'))
    expect(evicted()).toHaveLength(1)
    await c.live(10, 'n3')
    expect(evicted()).toHaveLength(2)
  })

  it("one without pods takes nobody's turn", async () => {
    c.pod('p', 'n2')
    await c.live(54, 'n3')
    expect(c.taints('n1')).toEqual(unreachable)
    expect(c.taints('n2')).toEqual(unreachable)
  })

  it('three of five in a small cluster keep their pods', async () => {
    for (const name of ['n4', 'n5']) c.join(name)
    await c.live(60, 'n4', 'n5')
    for (const name of ['n1', 'n2', 'n3']) expect(c.taints(name)).toEqual(['unreachable:NoSchedule'])
  })

  it('one that was lost before them stays as it was', async () => {
    for (const name of ['n4', 'n5']) c.join(name)
    await c.live(60, 'n2', 'n3', 'n4', 'n5')
    expect(c.taints('n1')).toEqual(unreachable)
    await c.live(60, 'n4', 'n5')
    expect([c.taints('n1'), c.taints('n2')]).toEqual([unreachable, ['unreachable:NoSchedule']])
  })

  it('a zone that is lost whole is evicted while another lives', async () => {
    const labels = { 'topology.kubernetes.io/zone': 'far' }
    for (const name of ['n4', 'n5', 'n6']) c.join(name, labels)
    await c.live(60, 'n1', 'n2', 'n3')
    expect(c.taints('n4')).toEqual(unreachable)
  })
})

describe('when the machine has slept', () => {
  it('every node gets a fresh grace period', async () => {
    await c.live(45, 'n2', 'n3')
    const { now } = c.h.clock
    c.h.clock.now = () => now.call(c.h.clock) + 3_600_000
    await c.live(45, 'n2', 'n3')
    expect(c.ready('n1')?.status).toBe('True')
    await c.live(10, 'n2', 'n3')
    expect(c.ready('n1')?.status).toBe('Unknown')
  })
})

describe('the controller', () => {
  it('tells of nodes that join and leave', async () => {
    c.h.server.remove(refs.nodes, 'n3')
    await c.h.settle()
    expect(c.h.eventMessages()).toContain('Node n1 event: Registered Node n1 in Controller')
    expect(c.h.eventMessages()).toContain('Node n3 event: Removing Node n3 from Controller')
  })

  it('does not mind leases of others, of nodes that are gone, and pods that are nowhere', async () => {
    c.h.server.put(refs.leases, { metadata: { name: 'kube-scheduler', namespace: 'kube-system' }, spec: {} })
    c.beat('gone')
    c.pod('p', '')
    await c.live(20, 'n1', 'n2', 'n3')
    expect(c.podReady('p')).toBe('True')
  })

  it('goes on with the other pods when one of a lost node is deleted meanwhile', async () => {
    for (const name of ['p', 'q']) c.pod(name, 'n1')
    c.h.server.intercept = (call) => {
      if (call.subresource === 'status' && call.name === 'p') throw new StatusError(404, 'NotFound', 'gone')
      return undefined
    }
    await c.live(55, 'n2', 'n3')
    expect(c.podReady('q')).toBe('False')
  })

  it('tries again when the server refuses', async () => {
    let refusals = 3
    c.h.server.intercept = (call) => {
      if (call.subresource === 'status' && refusals-- > 0) throw new StatusError(409, 'Conflict', 'changed')
      return undefined
    }
    await c.live(60, 'n2', 'n3')
    expect(c.taints('n1')).toEqual(unreachable)
  })
})
