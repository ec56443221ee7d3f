import { flushPromises, mount } from '@vue/test-utils'
import { expect, it } from 'vitest'
import { partial } from '../../src-kube/machinery/testing/partial.ts'
import { clusterKey, type ClusterContext } from '../api/context.ts'
import { createTranslations } from '../i18n/index.ts'
import { views } from '../kinds/index.ts'
import OverviewWarnings from './OverviewWarnings.vue'
import { unreadOf } from './problems.ts'

it('tells once of each reason why something cannot be read, and of nothing that is still read', () => {
  const error = new Error('pods is forbidden')
  expect(
    unreadOf([
      { state: 'failed', error },
      { state: 'failed', error: new Error('pods is forbidden') },
      { state: 'live', error: undefined },
      { state: 'loading', error: new Error('not yet') },
    ]),
  ).toEqual(['pods is forbidden'])
})

/** The latest warnings of a cluster that answers so. */
async function warnings(cluster: string, answer: () => Promise<object>): Promise<string> {
  const connection = { open: () => ({ close: () => undefined }), onOpen: (run: () => void) => (run(), () => undefined) }
  const kube = { cluster, connection, get: answer }
  const context = partial<ClusterContext>({
    id: cluster,
    kube,
    view: (id: string) => views.find((view) => view.id === id),
  })
  const page = mount(OverviewWarnings, {
    global: {
      plugins: [createTranslations({ language: 'en' })],
      provide: { [clusterKey as symbol]: context },
      stubs: { RouterLink: true },
    },
  })
  const before = page.text()
  await flushPromises()
  const after = page.text()
  page.unmount()
  return [before, after].map((text) => text.replace('Latest warnings', '')).join(' → ')
}

it('never says that there are no warnings before it knows, nor when it may not know', async () => {
  const none = { metadata: { resourceVersion: '1' }, items: [] }
  expect(await warnings('a', () => Promise.resolve(none))).toBe(' → No warnings in the last hour.')
  expect(await warnings('b', () => Promise.reject(new Error('events is forbidden')))).toBe(' → ○ events is forbidden')
})
