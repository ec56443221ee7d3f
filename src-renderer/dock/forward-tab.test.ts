import { flushPromises, mount } from '@vue/test-utils'
import { createPinia } from 'pinia'
import { expect, it, vi } from 'vitest'
import { partial } from '../../src-kube/machinery/testing/partial.ts'
import { clusterKey, type ClusterContext } from '../api/context.ts'
import type { StreamHandlers } from '../api/connection.ts'
import { createTranslations } from '../i18n/index.ts'
import { views } from '../kinds/index.ts'
import type { DockTab } from '../stores/dock.ts'
import ForwardTab from './ForwardTab.vue'

it.each([
  ['stands while its pod does', 'web', 'Reachable from this machine only'],
  ['says that its pod is gone', 'gone', 'Pod gone is gone: nothing answers here'],
])('a forward %s', async (_, pod, words) => {
  const items = [{ metadata: { name: 'web', namespace: 'shop', resourceVersion: '1' } }]
  const connection = {
    open: ({ stream }: { stream: string }, handlers: StreamHandlers) => {
      if (stream === 'forward') handlers.opened?.(8080)
      return { close: () => undefined }
    },
    onOpen: (run: () => void) => (run(), () => undefined),
  }
  const kube = { cluster: pod, connection, get: () => Promise.resolve({ metadata: { resourceVersion: '1' }, items }) }
  const context = { id: pod, kube, view: (id: string) => views.find((view) => view.id === id) }
  const tab = { id: 'f', kind: 'forward', cluster: pod, title: pod, namespace: 'shop', pod, port: 80 } as const
  const page = mount(ForwardTab, {
    props: { tab: tab as Extract<DockTab, { kind: 'forward' }> },
    global: {
      plugins: [createPinia(), createTranslations({ language: 'en' })],
      provide: { [clusterKey as symbol]: partial<ClusterContext>(context as object) },
    },
  })
  await flushPromises()
  expect(page.text()).toContain(words)
  page.unmount()
})

it('a forward that another window holds open is shown where it is, and not opened again', async () => {
  const opened: string[] = []
  const connection = {
    open: ({ stream }: { stream: string }) => (opened.push(stream), { close: () => undefined }),
    onOpen: (run: () => void) => (run(), () => undefined),
  }
  const kube = {
    cluster: 'two',
    connection,
    get: () => Promise.resolve({ metadata: { resourceVersion: '1' }, items: [] }),
  }
  const context = { id: 'two', kube, view: (id: string) => views.find((view) => view.id === id) }
  const request = (_name: string, { ifAvailable }: LockOptions, run: (lock: null) => Promise<boolean>) =>
    ifAvailable ? run(null) : new Promise(() => undefined)
  vi.stubGlobal('navigator', Object.create(navigator, { locks: { value: { request } } }))
  const tab = {
    id: 'f',
    kind: 'forward',
    cluster: 'two',
    title: 'web',
    namespace: 'shop',
    pod: 'web',
    port: 80,
  } as const
  const page = mount(ForwardTab, {
    props: { tab: { ...tab, localPort: 8080, selector: { app: 'web' } } },
    global: {
      plugins: [createPinia(), createTranslations({ language: 'en' })],
      provide: { [clusterKey as symbol]: partial<ClusterContext>(context as object) },
    },
  })
  await flushPromises()
  expect(page.text()).toContain('127.0.0.1:8080')
  expect(page.text()).toContain('Another window of the app holds it open')
  expect(opened).not.toContain('forward')
  page.unmount()
  vi.unstubAllGlobals()
})
