import { describe, expect, it } from 'vitest'
import { refs } from '../../../src-kube/client/refs.ts'
import { advance } from '../../../src-kube/client/testing/advance.ts'
import { arrangeScheduler, cpus, node, pod } from './testing/arrange.ts'

describe('scheduler', () => {
  it('binds a pod to a node, says so, and remembers why', async () => {
    const { server, clock, scheduler, nodeOf, events } = arrangeScheduler()
    server.put(refs.nodes, node('n1'))
    server.put(refs.pods, pod('a'))
    await advance(clock, 100)
    expect(nodeOf('a')).toBe('n1')
    expect(events('a')).toEqual(['Scheduled: Successfully assigned default/a to n1'])
    expect(scheduler.decisions.get('default/a')).toMatchObject({ nodeName: 'n1', attempt: 1, feasible: ['n1'] })
  })

  it('says in one message why each node was refused', async () => {
    const { server, clock, events, condition } = arrangeScheduler()
    server.put(refs.nodes, node('n1', { labels: { disk: 'ssd' } }))
    server.put(refs.nodes, node('n2'))
    server.put(refs.nodes, node('n3'))
    server.put(refs.pods, pod('a', { nodeSelector: { disk: 'ssd' }, containers: cpus('640') }))
    await advance(clock, 100)
    const message = "0/3 nodes are available: 1 Insufficient cpu, 2 node(s) didn't match Pod's node affinity/selector."
    expect(events('a')[0]).toContain(`FailedScheduling: ${message}`)
    expect(condition('a')).toMatchObject({ status: 'False', reason: 'Unschedulable' })
    expect(condition('a')?.message).toContain(message)
  })

  it('tries again when a node appears', async () => {
    const { server, clock, nodeOf, condition } = arrangeScheduler()
    server.put(refs.pods, pod('a'))
    await advance(clock, 5000)
    expect(condition('a')?.message).toBe('no nodes available to schedule pods')
    server.put(refs.nodes, node('n1'))
    await advance(clock, 2000)
    expect(nodeOf('a')).toBe('n1')
  })

  it('never gives one slot to two pods', async () => {
    const { server, clock, nodeOf } = arrangeScheduler()
    server.put(refs.nodes, node('n1', { cpu: '1' }))
    server.put(refs.pods, pod('a', { containers: cpus('600m') }))
    server.put(refs.pods, pod('b', { containers: cpus('600m') }))
    await advance(clock, 5000)
    expect(['a', 'b'].filter((name) => nodeOf(name))).toHaveLength(1)
  })

  it('takes an assumed pod back when its binding fails, and tries again', async () => {
    const { server, clock, nodeOf } = arrangeScheduler()
    let refused = 0
    server.intercept = (call) => {
      if (call.subresource === 'binding' && refused++ === 0) throw new Error('no')
      return undefined
    }
    server.put(refs.nodes, node('n1', { cpu: '1' }))
    server.put(refs.pods, pod('a', { containers: cpus('600m') }))
    await advance(clock, 500)
    expect(nodeOf('a')).toBeUndefined()
    await advance(clock, 2000)
    expect(nodeOf('a')).toBe('n1')
  })

  it('leaves pods of other schedulers, with closed gates, or being deleted alone', async () => {
    const { server, clock, nodeOf, condition } = arrangeScheduler()
    server.put(refs.nodes, node('n1'))
    server.put(refs.pods, pod('other', { schedulerName: 'mine' }))
    server.put(refs.pods, pod('gated', { schedulingGates: [{ name: 'x' }] }))
    await advance(clock, 1000)
    expect(nodeOf('other')).toBeUndefined()
    expect(nodeOf('gated')).toBeUndefined()
    expect(condition('gated')).toMatchObject({ reason: 'SchedulingGated' })
    server.put(refs.pods, pod('gated'))
    await advance(clock, 1000)
    expect(nodeOf('gated')).toBe('n1')
  })
})
