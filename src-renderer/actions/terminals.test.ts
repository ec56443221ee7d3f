import { expect, it } from 'vitest'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { views } from '../kinds/index.ts'
import type { NewDockTab } from '../stores/dock.ts'
import type { Question, Reply } from '../stores/ui.ts'
import { actions, type ActionWorld } from './index.ts'

const viewOf = (id: string) => views.find((view) => view.id === id)!
const pod = {
  metadata: { name: 'web', namespace: 'shop', uid: 'u1' },
  spec: { containers: [{ name: 'main' }, { name: 'side' }] },
  status: { phase: 'Running', containerStatuses: [{ name: 'side', state: { running: {} } }] },
} as unknown as KubeObject
const node = { metadata: { name: 'n1' } } as KubeObject

function setup(reply: Reply = true, items: object[] = []) {
  const sent: Array<{ method: string; path: string; body: unknown }> = []
  const asked: Question[] = []
  const tabs: NewDockTab[] = []
  const world = {
    own: false,
    cluster: {
      id: 'c',
      kube: {
        get: () => Promise.resolve({ items }),
        send: (method: string, path: string, body: unknown) => {
          sent.push({ method, path, body })
          return Promise.resolve({ object: {}, warnings: [] })
        },
      },
    },
    dock: { debugImage: 'busybox', add: (tab: NewDockTab) => void tabs.push(tab) },
    ui: { ask: (question: Question) => Promise.resolve((asked.push(question), reply)) },
    t: (key: string) => key,
  } as unknown as ActionWorld
  const run = async (id: string, view: string, object: KubeObject): Promise<void> => {
    const action = actions.find((one) => one.id === id)!
    expect(action.applies(viewOf(view), object, world)).toBe(true)
    await action.run(world, viewOf(view), [object])
  }
  return { world, sent, asked, tabs, run }
}

it('A terminal starts a shell in the main container, or joins its process', async () => {
  const { run, tabs } = setup()
  await run('shell', 'pods', pod)
  await run('attach', 'pods', pod)
  const common = { kind: 'shell', cluster: 'c', title: 'web', namespace: 'shop', pod: 'web', container: 'main' }
  expect(tabs).toEqual([common, { ...common, attach: true }])
})

it('Debugging adds a container that sees the processes of one that runs, and joins it', async () => {
  const { run, world, sent, asked, tabs } = setup({ image: ' tools:2 ', target: 'side' })
  await run('debug', 'pods', pod)
  expect(asked[0]!.fields).toMatchObject([
    { name: 'image', value: 'busybox' },
    { name: 'target', value: 'main', options: [{ value: '' }, { value: 'side' }] },
  ])
  const { method, path, body } = sent[0]!
  expect([method, path]).toEqual(['PATCH', '/api/v1/namespaces/shop/pods/web/ephemeralcontainers'])
  const [added] = (body as { spec: { ephemeralContainers: Array<{ name: string }> } }).spec.ephemeralContainers
  expect(added).toMatchObject({ image: 'tools:2', targetContainerName: 'side', stdin: true, tty: true })
  expect(added!.name).toMatch(/^debugger-[a-z0-9]{5}$/)
  expect(tabs).toMatchObject([{ pod: 'web', container: added!.name, attach: true }])
  expect(world.dock.debugImage).toBe('tools:2')
})

it('A shell on a node is a pod of its own that goes with its tab, whatever keeps others off the node', async () => {
  const { run, sent, tabs } = setup({ image: 'busybox' })
  await run('shell', 'nodes', node)
  const made = sent[0]!.body as KubeObject
  expect(sent[0]!.path).toBe('/api/v1/namespaces/default/pods')
  expect(made).toMatchObject({
    spec: { nodeName: 'n1', hostPID: true, restartPolicy: 'Never', tolerations: [{ operator: 'Exists' }] },
  })
  expect(tabs).toMatchObject([{ pod: made.metadata.name, title: 'n1', attach: true, temporary: true }])
})

it('Nothing is made when the question is left', async () => {
  const { run, sent, tabs } = setup(false)
  await run('debug', 'pods', pod)
  await run('shell', 'nodes', node)
  await run('drain', 'nodes', node)
  expect([sent, tabs]).toEqual([[], []])
})

it('A drain names who goes and what is lost with them before it begins', async () => {
  const agent = {
    metadata: { name: 'agent', namespace: 'a', ownerReferences: [{ kind: 'DaemonSet', controller: true }] },
  }
  const { run, asked, tabs } = setup(true, [pod, agent])
  await run('drain', 'nodes', node)
  expect(asked[0]!.items).toEqual(['shop/web · drain.alone'])
  expect(tabs).toEqual([{ kind: 'drain', cluster: 'c', title: 'n1', node: 'n1' }])
})
