import type { Pod } from '#types/core/v1'
import { describe, expect, it } from 'vitest'
import { refs } from '../../../src-kube/client/refs.ts'
import { advance } from '../../../src-kube/client/testing/advance.ts'
import { partial } from '../../../src-kube/machinery/testing/partial.ts'
import { arrangeScheduler, cpus, node, pod } from './testing/arrange.ts'

describe('scheduler', () => {
  it('binds a pod to a node, says so, and remembers why', async () => {
    const { server, clock, scheduler, nodeOf, events } = arrangeScheduler()
    server.put(refs.nodes, node('n1'))
    server.put(refs.pods, pod('a'))
    await advance(clock, 100)
    expect(nodeOf('a')).toBe('n1')
    expect(events('a')).toEqual(['Scheduled: Successfully assigned default/a to n1'])
    expect(scheduler.decisions.get('default/a')).toMatchObject({
      nodeName: 'n1',
      attempt: 1,
      feasible: [{ name: 'n1' }],
    })
  })

  it('says in one message why each node was refused', async () => {
    const { server, clock, events, condition } = arrangeScheduler()
    server.put(refs.nodes, node('n1', { labels: { disk: 'ssd' } }))
    server.put(refs.nodes, node('n2'))
    server.put(refs.nodes, node('n3'))
    server.put(refs.pods, pod('a', { nodeSelector: { disk: 'ssd' }, containers: cpus('640') }, { generation: 2 }))
    await advance(clock, 100)
    const message = "0/3 nodes are available: 1 Insufficient cpu, 2 node(s) didn't match Pod's node affinity/selector."
    expect(events('a')[0]).toContain(`FailedScheduling: ${message}`)
    expect(condition('a')).toMatchObject({ status: 'False', reason: 'Unschedulable', observedGeneration: 2 })
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

  it('does not try again for the heartbeat of a node or the claim of another pod', async () => {
    const { server, clock, scheduler } = arrangeScheduler()
    const attempts = () => scheduler.decisions.get('default/a')?.attempt
    const beat = (status: 'True' | 'False', lastHeartbeatTime: string) =>
      server.put(refs.nodes, {
        ...node('n1'),
        status: { ...node('n1').status, conditions: [{ type: 'Ready', status, lastHeartbeatTime }] },
      })
    const claim = (name: string) =>
      server.put(refs.persistentVolumeClaims, { metadata: { name, namespace: 'default' }, spec: {} })
    beat('False', '2026-01-01T00:00:00Z')
    server.put(refs.pods, pod('a', { volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'mine' } }] }))
    await advance(clock, 5000)
    beat('False', '2026-01-01T00:00:05Z')
    claim('other')
    await advance(clock, 5000)
    expect(attempts()).toBe(1)
    beat('True', '2026-01-01T00:00:10Z')
    await advance(clock, 5000)
    expect(attempts()).toBe(2)
    claim('mine')
    await advance(clock, 5000)
    expect(attempts()).toBe(3)
  })

  it('tries again when a node goes in whose domain too few pods were', async () => {
    const { server, clock, nodeOf } = arrangeScheduler()
    const labels = { app: 'x' }
    server.put(refs.nodes, node('n1', { labels: { zone: 'a' } }))
    server.put(refs.nodes, node('n2', { labels: { zone: 'b' }, unschedulable: true }))
    server.put(refs.pods, pod('first', { nodeName: 'n1' }, { labels }))
    const spread = { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule' as const }
    const topologySpreadConstraints = [{ ...spread, labelSelector: { matchLabels: labels } }]
    server.put(refs.pods, pod('second', { topologySpreadConstraints }, { labels }))
    await advance(clock, 5000)
    expect(nodeOf('second')).toBeUndefined()
    server.remove(refs.nodes, 'n2')
    await advance(clock, 5000)
    expect(nodeOf('second')).toBe('n1')
  })

  it('tells thousands that fit nowhere so at a bounded rate, each once and in the end all', async () => {
    const { server, clock, condition } = arrangeScheduler()
    const names = Array.from({ length: 250 }, (_, i) => `p${i}`)
    for (const name of names) server.put(refs.pods, pod(name))
    const told = () => names.filter((name) => condition(name)).length
    await advance(clock, 10)
    expect(told()).toBe(50)
    await advance(clock, 1000)
    expect(told()).toBeGreaterThan(65)
    expect(told()).toBeLessThanOrEqual(80)
    await advance(clock, 9000)
    expect(told()).toBe(250)
  })

  it('does not tell a pod that it fits nowhere after it has found its place', async () => {
    const { server, clock, nodeOf, events } = arrangeScheduler()
    const names = Array.from({ length: 300 }, (_, i) => `p${i}`)
    for (const name of names) server.put(refs.pods, pod(name))
    await advance(clock, 10)
    server.put(refs.nodes, node('n1', { cpu: '1000', pods: '1000' }))
    await advance(clock, 10_000)
    expect(names.every((name) => nodeOf(name) === 'n1')).toBe(true)
    const told = names.filter((name) => events(name).some((event) => event.startsWith('FailedScheduling')))
    expect(told.length).toBeGreaterThanOrEqual(50)
    expect(told.length).toBeLessThan(150)
  })

  it('gives away what a pod that is made smaller had once it is smaller, not before', async () => {
    const { server, clock, nodeOf } = arrangeScheduler()
    server.put(refs.nodes, node('n1', { cpu: '1' }))
    const runningWith = (cpu: string) => {
      const containerStatuses = [{ name: 'c', allocatedResources: { cpu }, resources: { requests: { cpu } } }]
      const given = pod('a', { nodeName: 'n1', containers: cpus('100m') }, { uid: 'a', generation: 2 })
      server.put(refs.pods, partial<Pod>({ ...given, status: { phase: 'Running', containerStatuses } }))
    }
    runningWith('900m')
    server.put(refs.pods, pod('b', { containers: cpus('600m') }))
    await advance(clock, 5000)
    expect(nodeOf('b')).toBeUndefined()
    runningWith('100m')
    await advance(clock, 5000)
    expect(nodeOf('b')).toBe('n1')
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

  it('puts one replica on each node when spread is required, and pods beside or away from others as they ask', async () => {
    const { server, clock, nodeOf } = arrangeScheduler()
    for (const name of ['n1', 'n2', 'n3']) server.put(refs.nodes, node(name))
    const constraint = { maxSkew: 1, whenUnsatisfiable: 'DoNotSchedule' as const, ...term('spread') }
    const labels = { app: 'spread' }
    for (const name of ['a', 'b', 'c'])
      server.put(refs.pods, pod(name, { topologySpreadConstraints: [constraint] }, { labels }))
    await advance(clock, 1000)
    expect(new Set(['a', 'b', 'c'].map(nodeOf))).toEqual(new Set(['n1', 'n2', 'n3']))
    server.put(refs.pods, pod('s1', {}, { labels: { app: 's1' } }))
    const required = { requiredDuringSchedulingIgnoredDuringExecution: [term('s1')] }
    server.put(refs.pods, pod('away', { affinity: { podAntiAffinity: required } }))
    server.put(refs.pods, pod('beside', { affinity: { podAffinity: required } }))
    await advance(clock, 12_000)
    expect(nodeOf('beside')).toBe(nodeOf('s1'))
    expect(nodeOf('away')).toBeDefined()
    expect(nodeOf('away')).not.toBe(nodeOf('s1'))
  })

  it('places other pods while many wait for their volumes to be made, for as long as these are there', async () => {
    const { server, clock, nodeOf, warnings } = arrangeScheduler()
    server.put(refs.nodes, node('n1', { pods: '500' }))
    server.put(refs.storageClasses, {
      metadata: { name: 'slow' },
      provisioner: 'x.dev/slow',
      volumeBindingMode: 'WaitForFirstConsumer',
    })
    for (let i = 0; i < 130; i++) {
      const claim = { name: `c${i}`, namespace: 'default' }
      server.put(refs.persistentVolumeClaims, { metadata: claim, spec: { storageClassName: 'slow' } })
      const volumes = [{ name: 'v', persistentVolumeClaim: { claimName: claim.name } }]
      server.put(refs.pods, pod(`p${i}`, { volumes }))
    }
    await advance(clock, 1000)
    server.put(refs.pods, pod('a'))
    await advance(clock, 100)
    expect(nodeOf('a')).toBe('n1')
    expect(nodeOf('p0')).toBeUndefined()
    expect(warnings).toEqual([])
    server.remove(refs.pods, 'p0', 'default')
    await advance(clock, 200)
    expect(warnings.join()).toContain('pod does not exist any more: pod')
  })

  it('binds a thousand pods without ever giving a node more than it has', async () => {
    const { server, clock } = arrangeScheduler()
    for (let i = 0; i < 150; i++) server.put(refs.nodes, node(`n${i}`, { cpu: '1' }))
    for (let i = 0; i < 1000; i++) server.put(refs.pods, pod(`p${i}`, { containers: cpus('200m') }))
    await advance(clock, 20_000)
    const used = new Map<string, number>()
    for (const { spec } of server.all(refs.pods))
      if (spec.nodeName) used.set(spec.nodeName, (used.get(spec.nodeName) ?? 0) + 1)
    expect(Math.max(...used.values())).toBe(5)
    expect([...used.values()].reduce((a, b) => a + b, 0)).toBe(750)
  })
})

function term(app: string) {
  return { labelSelector: { matchLabels: { app } }, topologyKey: 'kubernetes.io/hostname' }
}
