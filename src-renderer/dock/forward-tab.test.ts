import { flushPromises, mount } from '@vue/test-utils'
import { createPinia } from 'pinia'
import { expect, it } from 'vitest'
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
