import type { Pod } from '#types/core/v1'
import { describe, expect, it } from 'vitest'
import { refs } from '../../../src-kube/client/refs.ts'
import { advance } from '../../../src-kube/client/testing/advance.ts'
import { arrangeScheduler, cpus, node, pod } from './testing/arrange.ts'

const nominated = (name: string, priority: number, nominatedNodeName: string, cpu = '600m') =>
  ({ ...pod(name, { priority, containers: cpus(cpu) }), status: { nominatedNodeName } }) as Pod

// kubernetes.io, "Pod Priority and Preemption: User exposed information", and KEP-5278, "Nominated node name for an expected pod placement".
describe('the nominated node of a pod', () => {
  it('is told while the binding waits for a volume', async () => {
    const { server, clock, find } = arrangeScheduler()
    server.put(refs.nodes, node('n1'))
    server.put(refs.storageClasses, {
      metadata: { name: 'slow' },
      provisioner: 'x.dev/slow',
      volumeBindingMode: 'WaitForFirstConsumer',
    })
    server.put(refs.persistentVolumeClaims, {
      metadata: { name: 'c', namespace: 'default' },
      spec: { storageClassName: 'slow' },
    })
    server.put(refs.pods, pod('p', { volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'c' } }] }))
    server.put(refs.pods, pod('q'))
    await advance(clock, 500)
    expect(find('p')?.status?.nominatedNodeName).toBe('n1')
    expect(server.calls.filter(({ verb, name }) => verb === 'patch' && name === 'q')).toEqual([])
  })

  it('is taken back when nothing could make room there any more', async () => {
    const { server, clock, find } = arrangeScheduler()
    server.put(refs.nodes, node('n1', { cpu: '1' }))
    server.put(refs.pods, pod('equal', { priority: 10, nodeName: 'n1', containers: cpus('1') }))
    server.put(refs.pods, nominated('p', 10, 'n1'))
    await advance(clock, 1000)
    expect(find('p')?.status?.conditions?.[0]?.reason).toBe('Unschedulable')
    expect(find('p')?.status?.nominatedNodeName).toBeUndefined()
  })

  it('counts from when somebody else names it', async () => {
    const { server, clock, nodeOf } = arrangeScheduler()
    server.put(refs.nodes, node('n1', { cpu: '1' }))
    const gated = pod('p', { priority: 10, containers: cpus('600m'), schedulingGates: [{ name: 'g' }] })
    server.put(refs.pods, gated)
    await advance(clock, 100)
    server.put(refs.pods, { ...gated, status: { nominatedNodeName: 'n1' } } as Pod)
    await advance(clock, 100)
    server.put(refs.pods, pod('small', { containers: cpus('500m') }))
    await advance(clock, 1000)
    expect(nodeOf('small')).toBeUndefined()
    server.put(refs.pods, { ...gated, status: {} } as Pod)
    server.put(refs.nodes, node('n1', { cpu: '1', labels: { changed: 'yes' } }))
    await advance(clock, 400_000, 400)
    expect(nodeOf('small')).toBe('n1')
  })

  it('is not taken from those of equal priority that wait for room there', async () => {
    const { server, clock, find } = arrangeScheduler()
    server.put(refs.nodes, node('n1', { cpu: '2' }))
    for (const name of ['a', 'b', 'c', 'd'])
      server.put(refs.pods, pod(name, { nodeName: 'n1', containers: cpus('500m') }))
    const doomed = () => ['a', 'b', 'c', 'd'].filter((name) => find(name)?.metadata.deletionTimestamp)
    server.put(refs.pods, pod('first', { priority: 10, containers: cpus('1') }))
    await advance(clock, 200)
    expect(doomed()).toHaveLength(2)
    server.put(refs.pods, pod('second', { priority: 10, containers: cpus('1') }))
    await advance(clock, 200)
    expect(doomed()).toHaveLength(4)
  })
})
