import { flushPromises, mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, expect, it, vi } from 'vitest'
import { computed, nextTick, ref, shallowRef } from 'vue'
import { createMemoryHistory, createRouter } from 'vue-router'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { partial } from '../../src-kube/machinery/testing/partial.ts'
import { channel } from '../../src-wire/gateway/frames.ts'
import type { ConsoleNote, KubectlState } from '../../src-wire/gateway/kubectl.ts'
import type { StreamHandlers } from '../api/connection.ts'
import { clusterKey, type ClusterContext } from '../api/context.ts'
import { createTranslations } from '../i18n/index.ts'
import { views } from '../kinds/index.ts'
import { useDock, type DockTab } from '../stores/dock.ts'
import KubectlTab from './KubectlTab.vue'

/** What a terminal was given, and what types into it. */
const screen = { text: '', type: (_text: string): void => undefined }
vi.mock('../dock/use-terminal.ts', () => ({
  useTerminal({ input }: { input(bytes: Uint8Array): void }) {
    screen.text = ''
    screen.type = (text) => input(new TextEncoder().encode(text))
    return {
      cols: 200,
      rows: 24,
      write: (data: string) => void (screen.text += data),
      focus: () => undefined,
    }
  },
}))
afterEach(() => localStorage.clear())

const pod = partial<KubeObject>({
  metadata: { name: 'web', namespace: 'shop' },
  spec: { containers: [{ name: 'app' }] },
})

async function setup(state: KubectlState = { version: 'v1.36.0', home: '/home/me' }) {
  const asked: Array<[string, unknown]> = []
  const streams: StreamHandlers[] = []
  let opened: () => void = () => undefined
  const connection = {
    action(_cluster: string, name: string, input: unknown) {
      asked.push([name, input])
      return name === 'kubectl.run'
        ? new Promise(() => undefined)
        : Promise.resolve(name === 'kubectl.state' ? state : null)
    },
    open({ stream }: { stream: string }, handlers: StreamHandlers) {
      if (stream === 'console') streams.push(handlers)
      return { close: () => undefined, write: () => undefined }
    },
    onOpen: (listener: () => void) => ((opened = listener)(), () => undefined),
  }
  const list = { metadata: { resourceVersion: '1' }, items: [] }
  const kube = {
    cluster: 'dev',
    connection,
    get: (path: string) => Promise.resolve(path.includes('/pods/') ? pod : list),
  }
  const pinia = createPinia()
  setActivePinia(pinia)
  const dock = useDock()
  dock.add({ kind: 'kubectl', cluster: 'dev', title: 'kubectl', console: 'one', namespace: 'shop' })
  const router = createRouter({ history: createMemoryHistory(), routes: [{ path: '/', component: {} }] })
  await router.push('/')
  const cluster = partial<ClusterContext>({
    id: 'dev',
    kube,
    summary: computed(() => ({ id: 'dev', name: 'dev', own: true, state: 'running' as const })),
    views: shallowRef(views),
    view: (id: string) => views.find((view) => view.id === id),
    problem: ref(undefined),
  })
  const page = mount(KubectlTab, {
    props: { tab: dock.tabs[0] as Extract<DockTab, { kind: 'kubectl' }>, visible: true },
    global: {
      plugins: [pinia, router, createTranslations({ language: 'en' })],
      provide: { [clusterKey as symbol]: cluster },
    },
  })
  await flushPromises()
  const note = async (one: ConsoleNote): Promise<void> => {
    streams.at(-1)!.data!(new TextEncoder().encode(JSON.stringify(one)), channel.note)
    await nextTick()
  }
  return { page, dock, asked, streams, router, note, open: async () => (opened(), flushPromises()) }
}

it('runs what is typed in the namespace that is chosen, and says in its tab what runs', async () => {
  const { page, asked, note, dock } = await setup()
  expect(screen.text).toContain('kubectl v1.36.0 on dev; helm runs here, too. Files are looked for in /home/me.')
  screen.type('get po\r')
  await flushPromises()
  expect(asked.at(-1)).toEqual([
    'kubectl.run',
    { console: 'one', line: 'get po', program: 'kubectl', words: ['get', 'po'], filters: [], namespace: 'shop' },
  ])
  await note({ type: 'began', line: 'get po', namespace: 'shop' })
  expect(dock.tabs[0]).toMatchObject({ line: 'get po' })
  expect(dock.busy).toEqual({ [dock.tabs[0]!.id]: 'running' })
  expect(page.get('[role=status]').text()).toBe('Runs: get po')
  await page.get('button').trigger('click')
  expect(asked.at(-1)).toEqual(['kubectl.interrupt', { console: 'one' }])
  await note({ type: 'ended', code: 1 })
  expect(dock.busy).toEqual({})
  expect(page.get('[role=status]').text()).toBe('Ended with exit code 1')
  page.unmount()
})

it('is told again what was said when the connection is back', async () => {
  const { page, streams, note, open, dock } = await setup()
  streams[0]!.closed({ lost: true })
  expect(screen.text).toContain('The connection was lost.')
  await open()
  expect(streams).toHaveLength(2)
  await note({ type: 'began', line: 'logs -f web', namespace: 'shop' })
  expect(dock.busy).toEqual({ [dock.tabs[0]!.id]: 'running' })
  page.unmount()
})

it('follows the namespace of the page, and one that a command chooses', async () => {
  const { page, dock, router } = await setup()
  await router.push('/?ns=web')
  expect(dock.tabs[0]).toMatchObject({ namespace: 'web' })
  await router.push('/?ns=web,shop')
  expect(dock.tabs[0]).toMatchObject({ namespace: 'web' })
  screen.type('config set-context --current --namespace=other\r')
  await flushPromises()
  expect(dock.tabs[0]).toMatchObject({ namespace: 'other' })
  expect(page.get('select').element.value).toBe('other')
  expect(screen.text).toContain('Commands look in namespace other from now on.')
  page.unmount()
})

it('opens a shell and an editor of the app where kubectl wants a terminal', async () => {
  const { page, dock, asked } = await setup()
  screen.type('exec -it web -- psql -U "my app"\redit deployment/web\r')
  const shell = { kind: 'shell', namespace: 'shop', pod: 'web', container: 'app', program: `psql -U 'my app'` }
  const edit = { kind: 'edit', object: { view: 'deployments.apps', namespace: 'shop', name: 'web' } }
  await vi.waitFor(() => expect(dock.tabs.slice(1)).toMatchObject([shell, edit]))
  screen.type('exec -it web -- top\rexec -it web\r')
  await vi.waitFor(() => expect(dock.tabs.slice(3)).toMatchObject([{ kind: 'shell', program: 'top' }]))
  expect(asked.map(([name]) => name)).not.toContain('kubectl.run')
  page.unmount()
})

it('says how to get kubectl where there is none', async () => {
  const { page } = await setup({ home: '/home/me', missing: { command: 'brew install kubectl' } })
  expect(page.text()).toContain('The console needs kubectl. Install it with brew install kubectl, then look again.')
  page.unmount()
})
