import { flushPromises, mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, expect, it, vi } from 'vitest'
import { nextTick, ref, shallowRef } from 'vue'
import { partial } from '../../src-kube/machinery/testing/partial.ts'
import type { ClusterTask } from '../../src-wire/gateway/clusters.ts'
import type { ReleaseTask } from '../../src-wire/gateway/helm.ts'
import type { Connection } from '../api/connection.ts'
import { taskOf } from '../clusters/testing/fake-connection.ts'
import { createTranslations } from '../i18n/index.ts'
import { useMessages } from '../stores/messages.ts'
import { useUi } from '../stores/ui.ts'
import MessageButton from './MessageButton.vue'
import MessageList from './MessageList.vue'
import { useNotes } from './use-notes.ts'

const pinia = createPinia()
beforeEach(() => {
  setActivePinia(pinia)
  useMessages().clear()
})
const plugins = [pinia, createTranslations({ language: 'en' })]

/** The list with what a test reads of it. */
function open() {
  const written: string[] = []
  vi.spyOn(navigator.clipboard, 'writeText').mockImplementation(async (text) => void written.push(text))
  const page = mount(MessageList, { attachTo: document.body, global: { plugins } })
  return { page, written, texts: () => page.findAll('.text').map((one) => one.text()) }
}

it('what messages said stays to be read, the latest first, also when it passed by', async () => {
  const ui = useUi()
  ui.toast('info', 'restart begun')
  ui.toast('error', 'pods "web" is forbidden')
  ui.dismiss(ui.toasts[0]!.id)
  const { page, texts } = open()
  expect(texts()).toEqual(['pods "web" is forbidden', 'restart begun'])
  await page.get('.toggle').trigger('click')
  expect(texts()).toEqual(['pods "web" is forbidden'])
  page.unmount()
})

it('what is said again and again is one message with its number, and no more than two hundred are kept', () => {
  const messages = useMessages()
  for (let at = 0; at < 3; at++) messages.note('error', 'no answer', 1000 * at)
  expect(messages.kept.map(({ text, times, at }) => [text, times, at])).toEqual([['no answer', 3, 2000]])
  for (let at = 0; at < 300; at++) messages.note('info', `done ${at}`)
  expect([messages.kept.length, messages.kept[0]!.text]).toEqual([200, 'done 299'])
})

it('one or all are copied with their time, kind and cluster', async () => {
  const messages = useMessages()
  messages.place = 'lab'
  messages.note('info', 'restart begun', Date.UTC(2026, 0, 2, 3, 4, 5))
  messages.note('error', 'refused', Date.UTC(2026, 0, 2, 3, 4, 6))
  const { page, written } = open()
  await page.get('li button').trigger('click')
  await page.findAll('header button')[1]!.trigger('click')
  await flushPromises()
  expect(written).toEqual([
    '2026-01-02T03:04:06.000Z  error  lab  refused',
    '2026-01-02T03:04:06.000Z  error  lab  refused\n2026-01-02T03:04:05.000Z  info  lab  restart begun',
  ])
  expect(page.get('[role=status]').text()).toBe('On the clipboard')
  expect(messages.kept).toHaveLength(2)
  page.unmount()
})

it('the rail tells of failures until somebody looks, and Escape closes the list', async () => {
  const messages = useMessages()
  const button = mount(MessageButton, { global: { plugins } })
  messages.note('info', 'done')
  expect(button.find('.count').exists()).toBe(false)
  messages.note('error', 'refused')
  await nextTick()
  expect(button.get('.count').text()).toBe('1')
  await button.trigger('click')
  expect(messages.isOpen).toBe(true)
  const { page } = open()
  await nextTick()
  expect(button.find('.count').exists()).toBe(false)
  await page.trigger('keydown', { key: 'Escape' })
  expect(messages.isOpen).toBe(false)
  page.unmount()
})

it('the connection that goes and comes back, and tasks that fail, are told of once', async () => {
  const messages = useMessages()
  const tasks = shallowRef<readonly ClusterTask[]>([])
  const state = ref<'open' | 'lost'>('open')
  const connection = partial<Connection>({
    state,
    tasks,
    clusters: shallowRef([]),
    releaseTasks: shallowRef<readonly ReleaseTask[]>([]),
  })
  const host = mount({ setup: () => (useNotes(connection, () => 'lab'), () => null) }, { global: { plugins } })
  for (const next of ['lost', 'open'] as const) {
    state.value = next
    await nextTick()
  }
  const failed = taskOf({ state: 'failed', message: 'Docker does not answer.', remedy: 'Start it.' })
  for (const some of [[failed], [{ ...failed }], [taskOf({ id: 2 })]]) {
    tasks.value = some
    await nextTick()
  }
  expect(messages.kept.map(({ text }) => text)).toEqual([
    'Creating cluster lab: Docker does not answer. Start it.',
    'The connection to Drydock is back.',
    'The connection to Drydock was lost.',
  ])
  host.unmount()
})
