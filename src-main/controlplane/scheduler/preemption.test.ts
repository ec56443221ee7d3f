import { describe, expect, it } from 'vitest'
import { refs } from '../../../src-kube/client/refs.ts'
import { advance } from '../../../src-kube/client/testing/advance.ts'
import { arrangeScheduler, cpus, node, pod } from './testing/arrange.ts'

function arrangeFull() {
  const arranged = arrangeScheduler()
  arranged.server.put(refs.nodes, node('n1', { cpu: '1' }))
  for (const name of ['low', 'lower'])
    arranged.server.put(
      refs.pods,
      pod(
        name,
        { nodeName: 'n1', priority: name === 'low' ? 5 : 1, containers: cpus('500m') },
        { labels: { app: name }, generation: 3 },
      ),
    )
  return arranged
}

describe('preemption', () => {
  it('evicts the least important pod, nominates the node, and takes the room when it is free', async () => {
    const { server, clock, find, nodeOf, events } = arrangeFull()
    server.put(refs.pods, pod('vip', { priority: 1000, containers: cpus('500m') }))
    await advance(clock, 200)
    expect(find('vip')?.status?.nominatedNodeName).toBe('n1')
    expect(find('lower')?.metadata.deletionTimestamp).toBeDefined()
    expect(find('lower')?.status?.conditions?.[0]).toMatchObject({
      type: 'DisruptionTarget',
      reason: 'PreemptionByScheduler',
      observedGeneration: 3,
    })
    expect(find('low')?.metadata.deletionTimestamp).toBeUndefined()
    expect(events('lower')[0]).toMatch(/^Preempted: Preempted by pod pod-vip-\d+ on node n1$/)
    expect(events('vip')[0]).toBe('FailedScheduling: 0/1 nodes are available: 1 Insufficient cpu.')
    server.remove(refs.pods, 'lower', 'default')
    await advance(clock, 3000)
    expect(nodeOf('vip')).toBe('n1')
  })

  it('keeps the room for the preemptor against pods of lower priority', async () => {
    const { server, clock, nodeOf } = arrangeFull()
    server.put(refs.pods, pod('vip', { priority: 1000, containers: cpus('500m') }))
    await advance(clock, 100)
    server.remove(refs.pods, 'lower', 'default')
    server.put(refs.pods, pod('sneaky', { containers: cpus('500m') }))
    await advance(clock, 5000)
    expect(nodeOf('vip')).toBe('n1')
    expect(nodeOf('sneaky')).toBeUndefined()
  })

  it('prefers victims whose disruption budget allows it', async () => {
    const { server, clock, find } = arrangeFull()
    server.put(refs.podDisruptionBudgets, {
      metadata: { name: 'b', namespace: 'default' },
      spec: { selector: { matchLabels: { app: 'lower' } } },
      status: { disruptionsAllowed: 0 },
    })
    await advance(clock, 100)
    server.put(refs.pods, pod('vip', { priority: 1000, containers: cpus('500m') }))
    await advance(clock, 200)
    expect(find('low')?.metadata.deletionTimestamp).toBeDefined()
    expect(find('lower')?.metadata.deletionTimestamp).toBeUndefined()
  })

  it('says when there is nobody to evict, or eviction would not help', async () => {
    const { server, clock, events } = arrangeFull()
    server.put(refs.nodes, node('n2', { unschedulable: true }))
    server.put(refs.pods, pod('plain', { containers: cpus('500m') }))
    await advance(clock, 100)
    expect(events('plain')[0]).toBe(
      'FailedScheduling: 0/2 nodes are available: 1 Insufficient cpu, 1 node(s) were unschedulable. no new claims to deallocate, preemption: 0/2 nodes are available: ' +
        '1 No preemption victims found for incoming pod, 1 Preemption is not helpful for scheduling.',
    )
  })

  it('does not evict for a pod with preemptionPolicy Never', async () => {
    const { server, clock, events, find } = arrangeFull()
    server.put(refs.pods, pod('meek', { priority: 1000, preemptionPolicy: 'Never', containers: cpus('500m') }))
    await advance(clock, 100)
    expect(events('meek')[0]).toContain('preemption: not eligible due to preemptionPolicy=Never.')
    expect(find('lower')?.metadata.deletionTimestamp).toBeUndefined()
  })
})
