import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { effectScope } from 'vue'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { partial } from '../../src-kube/machinery/testing/partial.ts'
import { metersOf, nodeCpu, nodeMemory, podUsage } from '../kinds/usage.ts'
import { createRowOrder } from '../pages/row-order.ts'
import type { KindView } from '../kinds/view.ts'
import type { Kube } from './kube.ts'
import { usageOf, usedBy, useUsage } from './usage.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const object = (name: string, more: object = {}) => partial<KubeObject>({ metadata: { name }, ...more })
const pod = (name: string) => partial<KubeObject>({ metadata: { name, namespace: 'default', uid: name } })

function arrange(cluster: string, resource: 'nodes' | 'pods', answer: () => Promise<object>) {
  const asked: string[] = []
  const get = (path: string) => {
    asked.push(path)
    return answer()
  }
  const changed = vi.fn<() => void>()
  const scope = effectScope()
  scope.run(() => useUsage(partial<Kube>({ cluster, get }), resource, changed))
  return { asked, scope, changed }
}

it('What nodes use is shown beside what they have, and asked for every ten seconds while it is shown', async () => {
  const usage = { cpu: '345678901n', memory: '1048576Ki' }
  const { asked, scope } = arrange('a', 'nodes', () =>
    Promise.resolve({ items: [{ metadata: { name: 'n1' }, usage }] }),
  )
  await vi.advanceTimersByTimeAsync(0)
  const allocatable = { status: { allocatable: { cpu: '4', memory: '8Gi' } } }
  expect([nodeCpu, nodeMemory].map((text) => text(object('n1', allocatable)))).toEqual(['346m / 4', '1 GiB / 8 GiB'])
  expect([nodeCpu, nodeMemory].map((text) => text(object('n2', allocatable)))).toEqual(['4', '8 GiB'])
  await vi.advanceTimersByTimeAsync(10_000)
  expect(asked).toEqual(['/apis/metrics.k8s.io/v1beta1/nodes', '/apis/metrics.k8s.io/v1beta1/nodes'])
  scope.stop()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(asked).toHaveLength(2)
})

it('Pages that come and go ask no more often, and show what is known at once', async () => {
  const usage = { cpu: '2', memory: '1Mi' }
  const visit = () => arrange('c', 'nodes', () => Promise.resolve({ items: [{ metadata: { name: 'n1' }, usage }] }))
  const first = visit()
  await vi.advanceTimersByTimeAsync(0)
  first.scope.stop()
  const second = visit()
  await vi.advanceTimersByTimeAsync(9000)
  expect([first.asked.length, second.asked.length]).toEqual([1, 0])
  expect(usedBy('nodes', object('n1'))).toMatchObject({ cpu: 2000 })
  await vi.advanceTimersByTimeAsync(1000)
  expect(second.asked).toHaveLength(1)
  second.scope.stop()
})

it('Two pages at once ask together, and what they learn is remembered', async () => {
  const usage = { cpu: '1', memory: '1Mi' }
  const open = () => arrange('e', 'nodes', () => Promise.resolve({ items: [{ metadata: { name: 'n1' }, usage }] }))
  const list = open()
  const detail = open()
  await vi.advanceTimersByTimeAsync(20_000)
  expect(list.asked.length + detail.asked.length).toBe(3)
  expect(usageOf('nodes', object('n1')).map((sample) => sample.cpu)).toEqual([1000, 1000, 1000])
  list.scope.stop()
  detail.scope.stop()
})

it('What pods use is the sum of their containers, sorts them, and is not searched', async () => {
  const containers = (...cpus: string[]) => cpus.map((cpu, at) => ({ name: `c${at}`, usage: { cpu, memory: '1Mi' } }))
  const items = [
    { metadata: { namespace: 'default', name: 'busy' }, containers: containers('1200m', '300m') },
    { metadata: { namespace: 'default', name: 'idle' }, containers: containers('13m') },
  ]
  const { scope, changed } = arrange('a', 'pods', () => Promise.resolve({ items }))
  await vi.advanceTimersByTimeAsync(0)
  expect(changed).toHaveBeenCalled()
  expect(podUsage.map((column) => column.text?.(pod('busy')))).toEqual(['1.5', '2 MiB'])
  expect(podUsage.map((column) => column.text?.(pod('idle')))).toEqual(['13m', '1 MiB'])
  expect(podUsage.map((column) => column.text?.(pod('new')))).toEqual(['', ''])
  const view = partial<KindView>({ namespaced: true, columns: podUsage })
  const objects = new Map(['busy', 'idle', 'new'].map((name) => [name, pod(name)]))
  const sort = { column: 'cpu', descending: true }
  expect(createRowOrder(view)(objects, { namespaces: [], filter: '', sort })).toEqual(['busy', 'idle', 'new'])
  expect(createRowOrder(view)(objects, { namespaces: [], filter: '1500', sort })).toEqual([])
  scope.stop()
})

it('A cluster that measures nothing shows nothing, nor what another used', async () => {
  const usage = { cpu: '1', memory: '1Mi' }
  const first = arrange('a', 'nodes', () => Promise.resolve({ items: [{ metadata: { name: 'n1' }, usage }] }))
  await vi.advanceTimersByTimeAsync(0)
  expect(usedBy('nodes', object('n1'))).toEqual({ cpu: 1000, memory: 2 ** 20 })
  first.scope.stop()
  const second = arrange('b', 'nodes', () => Promise.reject(new Error('not found')))
  await vi.advanceTimersByTimeAsync(0)
  expect(usedBy('nodes', object('n1'))).toBeUndefined()
  second.scope.stop()
})

it('What each container uses is known, beside what it asked for and may have', async () => {
  const usage = { cpu: '20m', memory: '16Mi' }
  const containers = [{ name: 'web', usage }]
  const { scope } = arrange('a', 'pods', () =>
    Promise.resolve({ items: [{ metadata: { namespace: 'default', name: 'web' }, containers }] }),
  )
  await vi.advanceTimersByTimeAsync(0)
  const resources = { requests: { cpu: '10m' }, limits: { cpu: '0.1', memory: '32Mi' } }
  expect(metersOf(pod('web'), { name: 'web', resources })).toMatchObject([
    { label: 'cpu', used: 20, requests: 10, limits: 100 },
    { label: 'memory', used: 2 ** 24, requests: undefined, limits: 2 ** 25 },
  ])
  expect(metersOf(pod('web'), { name: 'new' })).toEqual([])
  scope.stop()
})
