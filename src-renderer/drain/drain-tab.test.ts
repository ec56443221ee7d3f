import { flushPromises, mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { nextTick } from 'vue'
import { StatusError } from '../../src-kube/machinery/errors.ts'
import type { KubeObject, WatchEvent } from '../../src-kube/machinery/meta.ts'
import { partial } from '../../src-kube/machinery/testing/partial.ts'
import type { StreamHandlers } from '../api/connection.ts'
import { clusterKey, type ClusterContext } from '../api/context.ts'
import { createTranslations } from '../i18n/index.ts'
import { views } from '../kinds/index.ts'
import { useDock, type DockTab } from '../stores/dock.ts'
import DrainTab from './DrainTab.vue'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => {
  vi.useRealTimers()
  localStorage.clear()
})

const owner = { ownerReferences: [{ kind: 'ReplicaSet', name: 'x', controller: true }] }
const pod = (name: string) =>
  partial<KubeObject>({
    metadata: { name, namespace: 'shop', uid: name, resourceVersion: '1', ...owner },
    spec: { nodeName: 'n1' },
  })

/** A node with two pods, of which a budget keeps `web` while it is tight. */
async function setup(name: string, pinia = createPinia()) {
  const sent: string[] = []
  const budget = { isTight: true }
  const watches: Array<{ path: string; events(events: WatchEvent[]): void }> = []
  const here = new Map(['web', 'db'].map((one) => [one, pod(one)]))
  const kube = {
    cluster: name,
    get: (path: string) => {
      const items = path.includes('/pods') ? [...here.values()] : []
      return Promise.resolve({ metadata: { resourceVersion: '1' }, items })
    },
    send: (method: string, path: string) => {
      sent.push(`${method} ${path}`)
      const causes = [{ reason: 'DisruptionBudget', message: 'The disruption budget web needs 1 healthy pod.' }]
      const isKept = path.includes('/web/') && budget.isTight
      return isKept
        ? Promise.reject(new StatusError(429, 'TooManyRequests', 'Cannot evict pod', { causes }))
        : Promise.resolve({})
    },
    connection: {
      open: ({ path }: { path: string }, handlers: StreamHandlers) => {
        watches.push({ path, events: (events) => handlers.events!(events) })
        return { close: () => undefined }
      },
      onOpen: (listener: () => void) => (listener(), () => undefined),
    },
  }
  setActivePinia(pinia)
  const dock = useDock()
  dock.add({ kind: 'drain', cluster: name, title: 'n1', node: 'n1' })
  const cluster = partial<ClusterContext>({
    id: name,
    kube,
    view: (id: string) => views.find((view) => view.id === id),
  })
  const page = mount(DrainTab, {
    props: { tab: dock.tabs[0] as Extract<DockTab, { kind: 'drain' }> },
    global: {
      plugins: [pinia, createTranslations({ language: 'en' })],
      provide: { [clusterKey as symbol]: cluster },
      stubs: { RouterLink: { template: '<a><slot /></a>' } },
    },
  })
  await flushPromises()
  const leave = async (one: string): Promise<void> => {
    const watch = watches.find(({ path }) => path.includes('/pods?'))!
    watch.events([
      { type: 'DELETED', object: { ...pod(one), metadata: { ...pod(one).metadata, resourceVersion: '2' } } },
    ])
    await vi.advanceTimersByTimeAsync(50)
    await nextTick()
  }
  return { page, dock, sent, budget, leave, said: () => page.get('[role=status]').text() }
}

it('tells who has gone and which budget keeps whom, and is done when the last one went', async () => {
  const { page, sent, budget, leave, said, dock } = await setup('a')
  expect(sent[0]).toBe('PATCH /api/v1/nodes/n1')
  expect(said()).toBe('Draining node n1: 0 of 2 pods are gone')
  expect(page.findAll('tr').map((row) => row.text())).toEqual([
    expect.stringMatching(/kept back.*shop\/web.*The disruption budget web needs 1 healthy pod/),
    expect.stringMatching(/leaving.*shop\/db/),
  ])
  await leave('db')
  expect(said()).toBe('Draining node n1: 1 of 2 pods are gone')
  budget.isTight = false
  await vi.advanceTimersByTimeAsync(5000)
  await leave('web')
  expect(said()).toBe('Node n1 is drained: all 2 pods are gone')
  expect(dock.busy).toEqual({})
  page.unmount()
})

it('evicts nobody any more once it is cancelled, and goes on when it is asked to', async () => {
  const { page, sent, said } = await setup('b')
  await page.get('button').trigger('click')
  await vi.advanceTimersByTimeAsync(20_000)
  expect(sent.filter((one) => one.includes('eviction'))).toHaveLength(2)
  expect(said()).toBe('Node n1: 0 of 2 pods are gone, no more are being evicted')
  await page.get('button').trigger('click')
  await flushPromises()
  expect(sent.filter((one) => one.includes('eviction'))).toHaveLength(4)
  page.unmount()
})

const evicted = (sent: readonly string[]): string[] =>
  sent.filter((one) => one.includes('eviction')).map((one) => one.split('/').at(-2)!)

it('goes on after a reload with whom it has not let go yet, and still tells who has gone', async () => {
  const pinia = createPinia()
  const before = await setup('c', pinia)
  await before.leave('db')
  before.page.unmount()
  const { page, sent, budget, said } = await setup('c', pinia)
  expect(evicted(sent)).toEqual(['web'])
  expect(page.findAll('tr').map((row) => row.text())).toEqual([
    expect.stringMatching(/kept back.*shop\/web.*The disruption budget web needs 1 healthy pod/),
    expect.stringMatching(/gone.*shop\/db/),
  ])
  expect(said()).toBe('Draining node n1: 1 of 2 pods are gone')
  budget.isTight = false
  await vi.advanceTimersByTimeAsync(5000)
  // Lists outlive pages for a minute.
  await before.leave('web')
  expect(said()).toBe('Node n1 is drained: all 2 pods are gone')
  page.unmount()
})

it('one that was cancelled, or runs in another window, only shows how far it came', async () => {
  const pinia = createPinia()
  const before = await setup('d', pinia)
  await before.page.get('button').trigger('click')
  await vi.advanceTimersByTimeAsync(5000)
  before.page.unmount()
  const { page, sent, said } = await setup('d', pinia)
  await vi.advanceTimersByTimeAsync(20_000)
  expect(evicted(sent)).toEqual([])
  expect(said()).toBe('Node n1: 0 of 2 pods are gone, no more are being evicted')
  expect(page.findAll('tr').map((row) => row.text())[0]).toMatch(/kept back.*shop\/web/)
  page.unmount()
})
