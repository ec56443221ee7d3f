import { flushPromises, mount } from '@vue/test-utils'
import { createPinia } from 'pinia'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { defineComponent, h, nextTick, ref, shallowRef } from 'vue'
import type { ClusterTask } from '../../src-wire/gateway/clusters.ts'
import { connectionKey } from '../api/context.ts'
import { createTranslations } from '../i18n/index.ts'
import { createAppRouter } from '../router.ts'
import CreateCluster from './CreateCluster.vue'
import RestoreForm from './RestoreForm.vue'
import TaskPanel from './TaskPanel.vue'
import { fakeConnection, taskOf } from './testing/fake-connection.ts'
import { useEpochs } from './use-epochs.ts'

type Fake = ReturnType<typeof fakeConnection>

function globals(fake: Fake, language = 'en') {
  return {
    plugins: [createPinia(), createTranslations({ language }), createAppRouter()],
    provide: { [connectionKey as symbol]: fake.connection },
  }
}

beforeEach(() => sessionStorage.clear())

describe('the steps of a task', () => {
  const show = (task: ClusterTask, language = 'en') => {
    const fake = fakeConnection(() => null)
    return { fake, panel: mount(TaskPanel, { props: { task }, global: globals(fake, language) }) }
  }

  it('are told with their state, time and log', () => {
    const { panel } = show(taskOf())
    const [image, ready, rest] = panel.findAll('li').map((line) => line.text())
    expect(image).toMatch(/done: Node image2 lines1\.2 sstep 1\/2\nstep 2\/2/)
    expect(ready).toMatch(/under way: Nodes Ready\d+ s/)
    expect(rest).toMatch(/to come: Rest$/)
    expect(panel.get('[role=status]').text()).toBe('Nodes Ready')
  })

  it('are cancelled by a button while they can be, and dismissed when they failed', async () => {
    const { fake, panel } = show(taskOf())
    await panel.get('button').trigger('click')
    await panel.setProps({ task: taskOf({ canCancel: false }) })
    expect(panel.findAll('button')).toEqual([])
    await panel.setProps({
      task: taskOf({ state: 'failed', canCancel: false, message: 'No Docker.', remedy: 'Start it.' }),
    })
    expect(panel.get('h2').text()).toBe('Creating cluster lab: failed')
    expect(panel.get('[role=alert]').text()).toBe('✕ No Docker.Start it.')
    await panel.get('button').trigger('click')
    expect(fake.asked).toEqual([
      ['task.cancel', { id: 1 }],
      ['task.dismiss', { id: 1 }],
    ])
  })

  it('have Chinese words, also for what the gateway says on the way', () => {
    const words = show(taskOf(), 'zh-CN').panel.text()
    expect(words).toContain('节点镜像')
    const log = ['importing the node image', 'n1 is Ready', 'I: extracting archives...']
    const { panel } = show(taskOf({ steps: [{ title: 'Nodes', state: 'running', begun: 0, log }] }), 'zh-CN')
    expect(panel.get('pre').text()).toBe('正在导入节点镜像\nn1 已就绪\nI: extracting archives...')
  })
})

describe('the form of a new cluster', () => {
  it('fills in a free name and as many nodes as there is memory for', async () => {
    const fake = fakeConnection((action) => (action === 'snapshot.list' ? [] : { problems: [], mostNodes: 2 }))
    const page = mount(CreateCluster, { global: globals(fake) })
    await flushPromises()
    expect(page.findAll('input').map((input) => input.element.value)).toEqual(['drydock', '2', '', ''])
  })

  it('says at the field what is wrong, goes there, makes nothing, and keeps what was typed', async () => {
    const problems = [{ field: 'name', code: 'nameTaken', facts: { name: 'lab' } }]
    const fake = fakeConnection((action) => (action === 'snapshot.list' ? [] : { problems }))
    const page = mount(CreateCluster, { attachTo: document.body, global: globals(fake) })
    await flushPromises()
    await page.get('#new-name').setValue('lab')
    await page.get('form').trigger('submit')
    await flushPromises()
    expect(page.get('[role=alert]').text()).toContain('There is a cluster "lab" already')
    expect(document.activeElement?.id).toBe('new-name')
    expect(fake.asked.map(([action]) => action)).not.toContain('cluster.create')
    page.unmount()
    const again = mount(CreateCluster, { global: globals(fake) })
    await flushPromises()
    expect(again.get<HTMLInputElement>('#new-name').element.value).toBe('lab')
  })

  it('makes the cluster as it was wished, and is empty then', async () => {
    const answers: Record<string, unknown> = { 'snapshot.list': [], 'cluster.create': { id: 'lab' } }
    const fake = fakeConnection((action) => answers[action] ?? { problems: [] })
    const page = mount(CreateCluster, { global: globals(fake) })
    await flushPromises()
    await page.get('#new-name').setValue('lab')
    await page.get('#new-nodes').setValue('0')
    await page.get('#new-port').setValue('7443')
    await page.get('form').trigger('submit')
    await vi.waitFor(() => expect(page.get<HTMLInputElement>('#new-port').element.value).toBe(''))
    expect(fake.asked).toContainEqual(['cluster.create', { name: 'lab', nodes: 0, port: 7443 }])
  })
})

it('what shows a cluster is made anew whenever its state may have been replaced', async () => {
  const tasks = shallowRef<readonly ClusterTask[]>([])
  const { epochOf } = useEpochs(tasks)
  for (const end of [[], [taskOf({ verb: 'reset', state: 'failed' })]]) {
    tasks.value = [taskOf({ verb: 'reset' })]
    await nextTick()
    tasks.value = end
    await nextTick()
  }
  expect([epochOf('lab'), epochOf('other')]).toEqual([2, 0])
})

it('who restores a snapshot by keyboard is in its field, and on Escape back where they were', async () => {
  const isOpen = ref(false)
  const page = mount(
    defineComponent(() => () => [
      h('button', { class: 'more' }),
      isOpen.value ? h(RestoreForm, { busy: false, onCancel: () => (isOpen.value = false) }) : undefined,
    ]),
    { attachTo: document.body, global: globals(fakeConnection(() => [])) },
  )
  const more = page.get<HTMLButtonElement>('.more')
  more.element.focus()
  isOpen.value = true
  await nextTick()
  expect(document.activeElement).toBe(page.get('input').element)
  await page.get('input').trigger('keydown', { key: 'Escape' })
  expect(page.find('form').exists()).toBe(false)
  expect(document.activeElement).toBe(more.element)
  page.unmount()
})
