import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { refs } from '../../../../src-kube/client/refs.ts'
import { formatMicroTime } from '../../../../src-kube/machinery/time.ts'
import { harness } from '../testing/harness.ts'
import { nodeIpamController } from './ipam.ts'
import { nodeLifecycleController, readyOf } from './lifecycle.ts'
import { taintEvictionController } from './taint-eviction.ts'

let h = harness([])
const node = (name: string) => h.server.peek(refs.nodes, name)
const ready = {
  type: 'Ready',
  status: 'True' as const,
  reason: 'KubeletReady',
  lastHeartbeatTime: '2026-01-01T00:00:00Z',
}
const join = (name: string) => {
  h.server.put(refs.nodes, { metadata: { name }, spec: {}, status: { conditions: [ready] } })
  beat(name)
}
const beat = (name: string) =>
  h.server.put(refs.leases, {
    metadata: { name, namespace: 'kube-node-lease' },
    spec: { renewTime: formatMicroTime(h.clock.now()) },
  })
const pod = (name: string, tolerations: object[] = []) =>
  h.server.put(refs.pods, {
    metadata: { name, namespace: 'a' },
    spec: { nodeName: 'n1', containers: [], tolerations },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
  })
/** Time passes with `alive` renewing their leases. */
const live = async (seconds: number, ...alive: string[]) => {
  for (let i = 0; i < seconds; i += 5) {
    for (const name of alive) beat(name)
    await h.pass(5000, 5)
  }
}
const taints = (name: string) => (node(name)?.spec?.taints ?? []).map((t) => `${t.key}:${t.effect}`)
const unreachable = ['node.kubernetes.io/unreachable:NoSchedule', 'node.kubernetes.io/unreachable:NoExecute']

beforeEach(async () => {
  h = harness([nodeLifecycleController(), taintEvictionController(), nodeIpamController('10.244.0.0/16')])
  join('n1')
  join('n2')
  await h.start()
})
afterEach(() => {
  h.finish()
})

describe('node lifecycle', () => {
  it('keeps a node that renews its lease as it is', async () => {
    await live(300, 'n1', 'n2')
    expect(readyOf(node('n1'))?.status).toBe('True')
    expect(taints('n1')).toEqual([])
  })

  it('declares a silent node unknown after the grace period, taints it and marks its pods not ready', async () => {
    pod('p')
    await live(45, 'n2')
    expect(readyOf(node('n1'))?.status).toBe('True')
    await live(10, 'n2')
    expect(readyOf(node('n1'))).toMatchObject({
      status: 'Unknown',
      reason: 'NodeStatusUnknown',
      message: 'Kubelet stopped posting node status.',
    })
    expect(taints('n1')).toEqual(unreachable)
    expect(taints('n2')).toEqual([])
    expect(h.eventMessages()).toContain('Node n1 status is now: NodeNotReady')
  })

  it('evicts pods that do not tolerate it at once, others after their tolerationSeconds', async () => {
    const forever = { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute' }
    pod('now')
    pod('later', [{ ...forever, tolerationSeconds: 30 }])
    pod('never', [forever])
    await live(55, 'n2')
    expect(h.pods().map((p) => p.metadata.name)).toEqual(['later', 'never'])
    expect(h.pods()[0]?.status?.conditions?.find((c) => c.type === 'Ready')?.status).toBe('False')
    await live(35, 'n2')
    expect(h.pods().map((p) => p.metadata.name)).toEqual(['never'])
  })

  it('takes the taints away and cancels the eviction when the node is back in time', async () => {
    pod('later', [
      { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 60 },
    ])
    await live(60, 'n2')
    expect(taints('n1')).toEqual(unreachable)
    h.server.put(refs.nodes, {
      ...node('n1')!,
      status: { conditions: [{ ...ready, lastHeartbeatTime: '2026-01-01T00:01:00Z' }] },
    })
    await live(120, 'n1', 'n2')
    expect(taints('n1')).toEqual([])
    expect(h.pods()).toHaveLength(1)
    expect(h.eventReasons()).toContain('TaintManagerEviction')
  })

  it('evicts nobody when no node is left that is ready', async () => {
    pod('p')
    await live(120)
    expect(readyOf(node('n1'))?.status).toBe('Unknown')
    expect(taints('n1')).toEqual(['node.kubernetes.io/unreachable:NoSchedule'])
    expect(h.pods()).toHaveLength(1)
  })

  it('grants every node a fresh grace period after the machine slept', async () => {
    await live(20, 'n1', 'n2')
    await h.pass(3_600_000, 1)
    h.server.put(refs.nodes, { ...node('n1')!, spec: { ...node('n1')!.spec, unschedulable: true } })
    await h.settle()
    expect(taints('n1')).toContain('node.kubernetes.io/unschedulable:NoSchedule')
  })
})

describe('node IPAM', () => {
  it('gives each node the lowest free /24 and reuses that of a deleted one', async () => {
    await h.settle()
    expect([node('n1')?.spec?.podCIDR, node('n2')?.spec?.podCIDR]).toEqual(['10.244.0.0/24', '10.244.1.0/24'])
    h.server.remove(refs.nodes, 'n1')
    await h.settle()
    join('n3')
    await h.settle()
    expect(node('n3')?.spec).toMatchObject({ podCIDR: '10.244.0.0/24', podCIDRs: ['10.244.0.0/24'] })
  })

  it('refuses a cluster range that is none', () => {
    expect(() => nodeIpamController('10.244.0.0')).toThrow('expected a cluster CIDR')
  })
})
