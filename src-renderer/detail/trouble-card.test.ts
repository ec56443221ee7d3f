import { flushPromises, mount } from '@vue/test-utils'
import { createPinia } from 'pinia'
import { expect, it, vi } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { partial } from '../../src-kube/machinery/testing/partial.ts'
import type { Action } from '../actions/index.ts'
import { clusterKey, type ClusterContext } from '../api/context.ts'
import { createTranslations } from '../i18n/index.ts'
import type { Health } from '../kinds/health.ts'
import { views } from '../kinds/index.ts'
import TroubleCard from './TroubleCard.vue'

const ran: string[] = []
vi.mock('../composables/use-actions.ts', () => ({
  useActions: () => ({
    offered: () => ['previous', 'logs', 'kill'].map((id) => partial<Action>({ id, icon: 'logs' })),
    whyNot: () => '',
    run: ({ id }: Action) => void ran.push(id),
  }),
}))

const view = views.find(({ id }) => id === 'pods')!
const object = partial<KubeObject>({ kind: 'Pod', metadata: { name: 'web', namespace: 'shop', uid: 'u' } })
const event = (reason: string, message: string, lastTimestamp: string) => ({
  metadata: { name: reason, namespace: 'shop', uid: reason, resourceVersion: '1' },
  involvedObject: { kind: 'Pod', name: 'web', namespace: 'shop', uid: 'u' },
  type: 'Warning',
  reason,
  message,
  lastTimestamp,
})

/** The card of a pod in this trouble; what its events are stands in the cluster's name, as lists are shared by it. */
async function show(id: string, health: Health, events: object[] = [], of = object) {
  const kube = {
    cluster: id,
    get: () => Promise.resolve({ metadata: { resourceVersion: '1' }, items: events }),
    connection: {
      open: () => ({ close: () => undefined }),
      onOpen: (listener: () => void) => (listener(), () => undefined),
    },
  }
  const blank = { template: '<i />' }
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [
      { path: '/c/:cluster/k/:view', name: 'kind', component: blank },
      { path: '/c/:cluster/images', name: 'images', component: blank },
    ],
  })
  await router.push(`/c/${id}/k/pods?ns=shop&sel=shop/web`)
  const cluster = partial<ClusterContext>({ id, kube, view: (one: string) => views.find((each) => each.id === one) })
  const card = mount(TroubleCard, {
    props: { view, object: of, health },
    global: {
      plugins: [createPinia(), createTranslations({ language: 'en' }), router],
      provide: { [clusterKey as symbol]: cluster },
    },
  })
  await flushPromises()
  return card
}

it('leads to what its sentence tells to look at', async () => {
  const about = { container: 'c', code: 3, count: 4 }
  const card = await show('crash', { level: 'failed', reason: 'CrashLoopBackOff', hint: 'crashed', about })
  expect(card.text()).toContain('Container c ends with exit code 3 each time')
  expect(card.findAll('button').map((one) => one.text())).toEqual(['Previous log', 'Logs'])
  await card.get('button').trigger('click')
  expect(ran).toEqual(['previous'])
})

it('tells of what only events tell, past what kept the pod from a node, and opens the tab beside the same list', async () => {
  const card = await show('mount', { level: 'progressing', reason: 'ContainerCreating', hint: 'creating' }, [
    event('FailedMount', 'secret "absent" not found', '2026-01-01T00:01:00Z'),
    event('FailedScheduling', '0/2 nodes are available', '2026-01-01T00:02:00Z'),
  ])
  expect(card.text()).toContain('FailedMount: secret "absent" not found')
  expect(card.text()).not.toContain('0/2 nodes')
  expect(card.text()).toContain('A volume cannot be mounted.')
  expect(card.findAll('a').map((one) => one.attributes('href'))).toEqual([
    '/c/mount/k/pods?ns=shop&sel=shop/web&tab=map',
    '/c/mount/k/pods?ns=shop&sel=shop/web&tab=events',
  ])
})

it('leads to the claim that a pod waits for', async () => {
  const volumes = [{ name: 'd', persistentVolumeClaim: { claimName: 'data' } }]
  const pod = partial<KubeObject>({ ...object, spec: { volumes } })
  const card = await show('claim', { level: 'warning', reason: 'Pending', hint: 'claimUnbound' }, [], pod)
  expect(card.findAll('a').map((one) => [one.text(), one.attributes('href')])).toEqual([
    ['data', '/c/claim/k/persistentvolumeclaims?sel=shop/data'],
    ['Why this node', '/c/claim/k/pods?ns=shop&sel=shop/web&tab=why'],
  ])
})

it('offers to delete a pod at once when its node has not told of its end in time', async () => {
  const health: Health = { level: 'progressing', reason: 'Terminating', hint: 'terminating' }
  const going = (deletionTimestamp: string, more: object = {}): KubeObject =>
    partial<KubeObject>({
      ...object,
      metadata: { ...object.metadata, deletionTimestamp, ...more },
      spec: { nodeName: 'n1' },
    })
  const late = await show('late', health, [], going('2026-01-01T00:00:00Z'))
  expect(late.text()).toContain('node n1 has not said that it is')
  expect(late.findAll('button').map((one) => one.text())).toEqual(['Delete at once'])
  const inTime = await show('in-time', health, [], going(new Date(Date.now() + 30_000).toISOString()))
  const held = await show('held', health, [], going('2026-01-01T00:00:00Z', { finalizers: ['a.example/b'] }))
  for (const card of [inTime, held]) expect(card.findAll('button')).toEqual([])
})
