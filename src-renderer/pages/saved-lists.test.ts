import { flushPromises, mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, expect, it } from 'vitest'
import { createMemoryHistory, createRouter, type LocationQueryRaw } from 'vue-router'
import { partial } from '../../src-kube/machinery/testing/partial.ts'
import { clusterKey, type ClusterContext } from '../api/context.ts'
import SavedLinks from '../components/SavedLinks.vue'
import { createTranslations } from '../i18n/index.ts'
import { views } from '../kinds/index.ts'
import { useSavedLists } from '../stores/saved-lists.ts'
import { useSettings } from '../stores/settings.ts'
import { useUi, type Reply } from '../stores/ui.ts'
import SavedLists from './SavedLists.vue'
import { useListColumns, type ColumnChoice } from './use-list-columns.ts'

beforeEach(() => localStorage.clear())

const services = views.find(({ id }) => id === 'services')!

/** The list of services with this query; `answer` closes the question that is open. */
async function setup(query: LocationQueryRaw) {
  const pinia = createPinia()
  setActivePinia(pinia)
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [{ path: '/c/:cluster/k/:view', name: 'kind', component: {} }],
  })
  await router.push({ name: 'kind', params: { cluster: 'c', view: 'services' }, query })
  const cluster = partial<ClusterContext>({ id: 'c', view: (id: string) => views.find((view) => view.id === id) })
  const saved = useSavedLists()
  let columns: ColumnChoice | undefined
  const page = mount(
    {
      components: { SavedLists, SavedLinks },
      setup() {
        columns = useListColumns(services, () =>
          saved.lists.find(({ id }) => id === router.currentRoute.value.query['list']),
        )
        return { view: services, columns: columns.current }
      },
      template: '<div><SavedLists :view="view" :columns="columns" /><nav><SavedLinks /></nav></div>',
    },
    {
      attachTo: document.body,
      global: {
        plugins: [pinia, router, createTranslations({ language: 'en' })],
        provide: { [clusterKey as symbol]: cluster },
      },
    },
  )
  const ui = useUi()
  const answer = async (reply: Reply): Promise<void> => {
    ui.question!.answer(reply)
    await flushPromises()
  }
  const press = async (words: string): Promise<void> => {
    if (!page.find('.popup').exists()) await page.get('.saved > button').trigger('click')
    await page
      .findAll('.popup button')
      .find((button) => button.text() === words)!
      .trigger('click')
    await flushPromises()
  }
  return { page, saved, ui, answer, press, router, columns: columns!, links: () => page.findAll('nav a') }
}

it('a list is saved with its filter, namespaces, order and columns, and found again in the sidebar', async () => {
  const { page, saved, answer, press, router, columns, links } = await setup({
    q: 'is:failed',
    ns: 'shop',
    sel: 'shop/web',
  })
  columns.hidden.value = ['ports']
  await press('Save this list as …')
  await answer({ name: ' broken ' })
  expect(saved.lists).toEqual([
    {
      id: expect.any(String) as string,
      name: 'broken',
      view: 'services',
      query: { q: 'is:failed', ns: 'shop' },
      columns: { hidden: ['ports'] },
    },
  ])
  expect(router.currentRoute.value.query['list']).toBe(saved.lists[0]!.id)
  expect(links().map((link) => link.text())).toEqual(['broken'])
  expect(links()[0]!.attributes('href')).toBe(`/c/c/k/services?q=is:failed&ns=shop&list=${saved.lists[0]!.id}`)
  page.unmount()
})

it('a filter that was changed since says so, and is kept only when asked to', async () => {
  const { page, saved, answer, press, router } = await setup({ q: 'web' })
  await press('Save this list as …')
  await answer({ name: 'mine' })
  await router.replace({ query: { ...router.currentRoute.value.query, q: 'api' } })
  await flushPromises()
  expect(page.get('.saved > button').attributes('aria-label')).toBe('Saved list mine, changed')
  expect(saved.lists[0]!.query).toEqual({ q: 'web' })
  await press('Save the changes to mine')
  expect(saved.lists[0]!.query).toEqual({ q: 'api' })
  page.unmount()
})

it('has columns of its own: those of the kind stay as they are', async () => {
  const { page, saved, answer, press, columns } = await setup({})
  const settings = useSettings()
  expect(columns.hidden.value).toEqual(['selector'])
  columns.resize('name', 300)
  await press('Save this list as …')
  await answer({ name: 'mine' })
  columns.hidden.value = ['ports']
  columns.resize('type', 90)
  columns.setOrder(['type'])
  expect(saved.lists[0]!.columns).toEqual({ hidden: ['ports'], order: ['type'], widths: { name: 300, type: 90 } })
  expect([settings.hiddenColumns['services'], settings.columnOrder, settings.columnWidths]).toEqual([
    ['selector'],
    {},
    { services: { name: 300 } },
  ])
  columns.reset()
  expect(saved.lists[0]!.columns).toEqual({ hidden: ['ports'] })
  page.unmount()
})

it('is renamed and deleted from the sidebar too, and the page stays where it is', async () => {
  const { page, saved, ui, answer, press, router, links } = await setup({ q: 'web' })
  await press('Save this list as …')
  await answer({ name: 'mine' })
  await links()[0]!.trigger('contextmenu')
  await page.get('[role=menuitem]').trigger('click')
  await answer({ name: 'ours' })
  expect(links().map((link) => link.text())).toEqual(['ours'])
  await links()[0]!.trigger('keydown', { key: '.' })
  await page.findAll('[role=menuitem]')[1]!.trigger('click')
  expect(ui.question!.title).toBe('Delete the saved list ours?')
  await answer(true)
  expect([saved.lists, router.currentRoute.value.query]).toEqual([[], { q: 'web' }])
  page.unmount()
})
