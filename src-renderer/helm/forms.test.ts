import { flushPromises, mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { defineComponent, h, ref, shallowRef } from 'vue'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { partial } from '../../src-kube/machinery/testing/partial.ts'
import type { ReleaseTask } from '../../src-wire/gateway/helm.ts'
import { clusterKey, connectionKey, type ClusterContext } from '../api/context.ts'
import { fakeConnection } from '../clusters/testing/fake-connection.ts'
import { createTranslations } from '../i18n/index.ts'
import { createAppRouter } from '../router.ts'
import { useUi } from '../stores/ui.ts'
import HelmPage from './HelmPage.vue'
import RepositoryPanel from './RepositoryPanel.vue'
import ReleaseForm from './ReleaseForm.vue'

const lists = vi.hoisted(() => ({ objects: undefined as unknown }))
vi.mock('../api/use-watch-list.ts', () => ({ useWatchList: () => lists, useLiveList: () => lists }))
const objects = shallowRef<ReadonlyMap<string, KubeObject>>(new Map())
Object.assign(lists, { objects, state: ref('live'), refusals: ref([]), isWhole: ref(true) })

const facts = {
  name: 'nginx',
  version: '15.0.0',
  appVersion: '1.25',
  description: 'A web server.',
  values: 'replicas: 1\nword: hello\n',
  readme: '# nginx',
}
const answers: Record<string, unknown> = {
  'helm.state': { version: 'v4.1.4', path: '/usr/bin/helm' },
  'helm.search': [{ name: 'bitnami/nginx', version: '15.0.0', appVersion: '1.25', description: '' }],
  'helm.repositories': [{ name: 'bitnami', url: 'https://charts.example' }],
  'helm.chart': facts,
  'helm.preview': { manifest: 'kind: ConfigMap', hooks: 'kind: Job', notes: 'Enjoy.' },
}
const task = (over: Partial<ReleaseTask> = {}): ReleaseTask => ({
  id: 4,
  cluster: 'dev',
  namespace: 'default',
  name: 'nginx',
  verb: 'install',
  state: 'running',
  canCancel: true,
  log: ['creating 2 resource(s)'],
  ...over,
})
/** A revision as Helm keeps it (not zipped, as old versions did). */
function secret(version: number, status: string, manifest = '', config: object = {}): [string, KubeObject] {
  const content = { chart: { metadata: { name: 'nginx', version: '14' } }, config, manifest, info: {} }
  const name = `sh.helm.release.v1.web.v${version}`
  const labels = { owner: 'helm', name: 'web', status, version: String(version) }
  const object = {
    metadata: { name, namespace: 'shop', uid: name, labels },
    type: 'helm.sh/release.v1',
    data: { release: btoa(btoa(JSON.stringify(content))) },
  }
  return [name, partial<KubeObject>(object)]
}

/** An editor that is a text area. */
const editor = defineComponent({
  props: { modelValue: { type: String, default: '' }, label: { type: String, default: '' } },
  emits: ['update:modelValue'],
  setup:
    (props, { emit }) =>
    () =>
      h('textarea', {
        'aria-label': props.label,
        value: props.modelValue,
        onInput: (event: Event) => emit('update:modelValue', (event.target as HTMLTextAreaElement).value),
      }),
})

async function show(component: object, props: object = {}, over: Record<string, unknown> = {}, language = 'en') {
  const fake = fakeConnection((action) => {
    const answer = action in over ? over[action] : answers[action]
    if (answer instanceof Error) throw answer
    return answer
  })
  const pinia = createPinia()
  setActivePinia(pinia)
  const router = createAppRouter()
  await router.push('/c/dev/helm')
  const cluster = partial<ClusterContext>({ id: 'dev', kube: {}, view: () => ({}) })
  const page = mount(component, {
    props,
    attachTo: document.body,
    global: {
      plugins: [pinia, router, createTranslations({ language })],
      provide: { [clusterKey as symbol]: cluster, [connectionKey as symbol]: fake.connection },
      stubs: { YamlEditor: editor, YamlDiff: true, NamespaceFilter: true },
    },
  })
  await flushPromises()
  const asked = (name: string) => fake.asked.filter(([action]) => action === name).map(([, input]) => input)
  return { page, router, asked, tasks: fake.releaseTasks, ui: useUi() }
}

beforeEach(() => {
  localStorage.clear()
  objects.value = new Map()
  document.body.innerHTML = ''
})

describe('the form of a new release', () => {
  const choose = async (page: Awaited<ReturnType<typeof show>>['page']) => {
    await page.get('#helm-chart').setValue('bitnami/nginx')
    await page.get('#helm-chart').trigger('change')
    await flushPromises()
  }

  it('reads the chart, fills in its values and a name, and installs what differs', async () => {
    const { page, asked, router } = await show(ReleaseForm)
    await choose(page)
    expect(page.get<HTMLInputElement>('#helm-name').element.value).toBe('nginx')
    const values = page.get<HTMLTextAreaElement>('textarea')
    expect(values.element.value).toBe(facts.values)
    await values.setValue('replicas: 3\nword: hello\n')
    await page.get('form').trigger('submit')
    await flushPromises()
    expect(asked('helm.install')).toMatchObject([
      {
        name: 'nginx',
        namespace: 'default',
        chart: { source: 'repository', chart: 'bitnami/nginx' },
        values: 'replicas: 3\n',
        createNamespace: true,
      },
    ])
    expect(router.currentRoute.value).toMatchObject({ name: 'helm', query: { sel: 'default/nginx' } })
  })

  it('keeps what was edited when another version is chosen and when the page is left', async () => {
    const first = await show(ReleaseForm)
    await choose(first.page)
    await first.page.get('textarea').setValue('replicas: 9\n')
    await first.page.get('#helm-version').setValue('14.0.0')
    await first.page.get('#helm-version').trigger('change')
    await flushPromises()
    expect(first.asked('helm.chart').at(-1)).toMatchObject({ version: '14.0.0' })
    first.page.unmount()
    const again = await show(ReleaseForm)
    expect(again.page.get<HTMLTextAreaElement>('textarea').element.value).toBe('replicas: 9\n')
  })

  it('names what is wrong beside its field, and asks helm for nothing then', async () => {
    objects.value = new Map([secret(1, 'deployed')])
    const { page, asked } = await show(ReleaseForm)
    await page.get('form').trigger('submit')
    await flushPromises()
    expect(page.get('#helm-chart-told').text()).toBe('✕ Say which chart.')
    expect(document.activeElement?.id).toBe('helm-chart')
    await choose(page)
    await page.get('#helm-name').setValue('web')
    await page.get('#helm-namespace').setValue('shop')
    await page.get('form').trigger('submit')
    await flushPromises()
    expect(page.get('#helm-name-told').text()).toContain('shop has a release of this name')
    expect(asked('helm.install')).toEqual([])
  })

  it('says in helm’s words why a chart cannot be read, and why it cannot be rendered', async () => {
    const { page } = await show(ReleaseForm, {}, { 'helm.chart': new Error('repo bitnami not found') })
    await choose(page)
    expect(page.get('#helm-chart-told [role=alert]').text()).toBe('✕ repo bitnami not found')
    page.unmount()
    localStorage.clear()
    const other = await show(ReleaseForm, {}, { 'helm.preview': new Error('a word is needed') })
    await choose(other.page)
    await other.page.get('.buttons button[type=button]').trigger('click')
    await flushPromises()
    expect(other.page.get('#helm-tab-preview').attributes('aria-selected')).toBe('true')
    expect(other.page.get('[role=tabpanel] [role=alert]').text()).toBe('✕ a word is needed')
  })

  it('previews, and forgets the preview of what has changed since', async () => {
    const { page } = await show(ReleaseForm)
    await choose(page)
    await page.get('.buttons button[type=button]').trigger('click')
    await flushPromises()
    expect(page.get('[role=tabpanel]').text()).toContain('Enjoy.')
    expect(page.get<HTMLTextAreaElement>('textarea').element.value).toBe('kind: ConfigMap\nkind: Job')
    await page.get('#helm-namespace').setValue('other')
    expect(page.get('[role=tabpanel]').text()).not.toContain('Enjoy.')
  })

  it('shows helm at work, can end it, and tells how it failed with the next step', async () => {
    const { page, asked, tasks } = await show(ReleaseForm)
    await choose(page)
    tasks.value = [task(), task({ id: 5, name: 'other' }), task({ id: 6, cluster: 'lab' })]
    await flushPromises()
    expect(page.findAll('[role=log]').map((one) => one.text())).toEqual(['creating 2 resource(s)'])
    expect(page.get('button[type=submit]').attributes('disabled')).toBeDefined()
    await page.get('.task button').trigger('click')
    expect(asked('helm.cancel')).toEqual([{ id: 4 }])
    tasks.value = [task({ state: 'failed', canCancel: false, message: 'INSTALLATION FAILED: x', remedy: 'Do y.' })]
    await flushPromises()
    expect(page.get('.task [role=alert]').text()).toBe('✕ INSTALLATION FAILED: xDo y.')
    await page.get('.task button').trigger('click')
    expect(asked('helm.dismiss')).toEqual([{ id: 4 }])
  })
})

it('begins an upgrade with the values that were given, and gives them whole', async () => {
  objects.value = new Map([secret(3, 'deployed', 'kind: A', { replicas: 2 })])
  const { page, asked } = await show(ReleaseForm, { target: { namespace: 'shop', name: 'web' } })
  await flushPromises()
  expect(asked('helm.chart')).toHaveLength(1)
  expect(page.find('#helm-name').exists()).toBe(false)
  expect(page.get<HTMLInputElement>('#helm-chart').element.value).toBe('bitnami/nginx')
  expect(page.get<HTMLTextAreaElement>('textarea').element.value).toBe('replicas: 2\n')
  await page.get('form').trigger('submit')
  await flushPromises()
  expect(asked('helm.upgrade')).toMatchObject([{ namespace: 'shop', name: 'web', values: 'replicas: 2\n' }])
})

it('follows what was given meanwhile while nobody has edited the values, and keeps what somebody has', async () => {
  const target = { namespace: 'shop', name: 'web' }
  objects.value = new Map([secret(1, 'deployed', '', { replicas: 1 })])
  const { page } = await show(ReleaseForm, { target })
  const values = page.get<HTMLTextAreaElement>('textarea')
  objects.value = new Map([secret(1, 'superseded'), secret(2, 'deployed', '', { replicas: 2 })])
  await vi.waitFor(() => expect(values.element.value).toBe('replicas: 2\n'))
  await values.setValue('')
  page.unmount()
  objects.value = new Map([secret(3, 'deployed', '', { replicas: 3 })])
  const again = await show(ReleaseForm, { target })
  await flushPromises()
  expect(again.page.get<HTMLTextAreaElement>('textarea').element.value).toBe('')
  expect(again.page.text()).toContain('Take the values of revision 3')
})

describe('the list of releases', () => {
  const none = { missing: { command: 'brew install helm' } }
  const manifest = (word: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\ndata: {word: ${word}}\n`
  beforeEach(() => {
    objects.value = new Map([secret(1, 'superseded', manifest('one')), secret(2, 'deployed', manifest('two'))])
  })

  it('is there without helm too, which says what it takes to have one', async () => {
    const { page, asked } = await show(HelmPage, {}, { 'helm.state': none })
    expect(page.get('.notice').text()).toContain(
      'uninstalling need helm. Install it with brew install helm, then look again.',
    )
    expect(page.text()).not.toContain('Install chart')
    expect(page.get('tbody .name').text()).toBe('web')
    await page.get('tbody tr').trigger('click')
    await flushPromises()
    expect(page.get('aside').text()).not.toContain('Uninstall…')
    await page.get('.notice button').trigger('click')
    expect(asked('helm.state')).toHaveLength(2)
  })

  it('says what DRYDOCK_HELM names when that cannot be run, and why a helm does not run', async () => {
    const named = await show(HelmPage, {}, { 'helm.state': { missing: { named: '/x/helm' } } })
    expect(named.page.get('.notice').text()).toContain('DRYDOCK_HELM names /x/helm')
    const broken = await show(HelmPage, {}, { 'helm.state': new Error('helm could not be run: EACCES.') })
    expect(broken.page.get('.notice').text()).toContain('helm could not be run: EACCES.')
  })

  it('rolls back to a revision after showing what changes', async () => {
    const { page, asked, ui } = await show(HelmPage)
    await page.get('tbody tr').trigger('click')
    await flushPromises()
    await page.findAll('aside .facts button')[1]!.trigger('click')
    await flushPromises()
    const button = page.get('.rollback button')
    expect(button.text()).toBe('Roll back to 1…')
    await button.trigger('click')
    expect(ui.question).toMatchObject({ title: 'Roll web back to revision 1?', items: ['ConfigMap web'] })
    expect(ui.question!.tick).toBe('Wait until everything is ready')
    ui.question!.answer('ticked')
    await flushPromises()
    expect(asked('helm.rollback')).toEqual([{ namespace: 'shop', name: 'web', revision: 1, wait: true }])
  })

  it('uninstalls after naming what goes, and keeps the history if that is wished', async () => {
    const { page, asked, ui } = await show(HelmPage)
    await page.get('tbody tr').trigger('click')
    await flushPromises()
    await page.get('aside .verbs .danger').trigger('click')
    await flushPromises()
    expect(ui.question).toMatchObject({ title: 'Uninstall web from shop?', items: ['ConfigMap web'], danger: true })
    ui.question!.answer('ticked')
    await flushPromises()
    expect(asked('helm.uninstall')).toEqual([{ namespace: 'shop', name: 'web', keepHistory: true }])
  })

  it('adds a repository that asks for a password, and takes one away after asking', async () => {
    const acted: Array<[string, unknown]> = []
    const { page, ui } = await show(RepositoryPanel, {
      helm: {
        act: (name: string, input: unknown) =>
          Promise.resolve((acted.push([name, input]), answers[name] ?? { output: 'ok' })),
      },
    })
    for (const [label, value] of [
      ['Name', 'own '],
      ['Address', 'https://charts.example'],
      ['User, if it asks for one', 'ann'],
      ['Password', 's3cret'],
    ])
      await page.get(`[aria-label="${label}"]`).setValue(value)
    await page.findAll('.row button')[0]!.trigger('click')
    await flushPromises()
    const wish = { name: 'own', url: 'https://charts.example', user: 'ann', password: 's3cret' }
    expect(acted.filter(([name]) => name === 'helm.addRepository')).toEqual([['helm.addRepository', wish]])
    expect((page.get('[aria-label="Password"]').element as HTMLInputElement).value).toBe('')
    await page.get('[aria-label="Remove bitnami"]').trigger('click')
    ui.question!.answer(false)
    await flushPromises()
    expect(acted.map(([name]) => name)).not.toContain('helm.removeRepository')
    await page.get('[aria-label="Remove bitnami"]').trigger('click')
    ui.question!.answer(true)
    await flushPromises()
    expect(acted).toContainEqual(['helm.removeRepository', { name: 'bitnami' }])
  })

  it('has Chinese words', async () => {
    expect((await show(HelmPage, {}, {}, 'zh-CN')).page.text()).toContain('安装 Chart')
  })
})
