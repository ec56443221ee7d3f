import { flushPromises, mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { expect, it } from 'vitest'
import { createTranslations } from '../i18n/index.ts'
import { useUi } from '../stores/ui.ts'
import ConfirmDialog from './ConfirmDialog.vue'

it('answers with what was ticked, and ticks nothing by itself the next time', async () => {
  const pinia = createPinia()
  setActivePinia(pinia)
  const ui = useUi()
  const page = mount(ConfirmDialog, { global: { plugins: [pinia, createTranslations({ language: 'en' })] } })
  const ask = { title: 'Go?', verb: 'Go', tick: 'And wait' }
  const first = ui.ask(ask)
  await flushPromises()
  expect(page.get('label').text()).toBe('And wait')
  await page.get('[type=checkbox]').setValue(true)
  await page.get('form').trigger('submit')
  expect(await first).toBe('ticked')
  const second = ui.ask(ask)
  await flushPromises()
  await page.get('form').trigger('submit')
  expect(await second).toBe(true)
})

it('lists what it is about, and no empty list where that is nothing', async () => {
  const pinia = createPinia()
  setActivePinia(pinia)
  const ui = useUi()
  const page = mount(ConfirmDialog, { global: { plugins: [pinia, createTranslations({ language: 'en' })] } })
  void ui.ask({ title: 'Forward', verb: 'Forward', items: [] })
  await flushPromises()
  expect(page.find('ul').exists()).toBe(false)
  void ui.ask({ title: 'Forward', verb: 'Forward', items: ['8080'] })
  await flushPromises()
  expect(page.get('ul').text()).toBe('8080')
})

it('answers with the fields that were filled in, and waits for those that are empty', async () => {
  const pinia = createPinia()
  setActivePinia(pinia)
  const ui = useUi()
  const page = mount(ConfirmDialog, { global: { plugins: [pinia, createTranslations({ language: 'en' })] } })
  const asked = ui.ask({
    title: 'Debug',
    verb: 'Debug',
    fields: [
      { name: 'image', label: 'Image', value: '' },
      {
        name: 'target',
        label: 'Target',
        value: '',
        options: [
          { value: '', text: 'none' },
          { value: 'web', text: 'web' },
        ],
      },
    ],
  })
  await flushPromises()
  expect(page.get('[type=submit]').attributes('disabled')).toBeDefined()
  await page.get('input').setValue('busybox')
  await page.get('select').setValue('web')
  await page.get('form').trigger('submit')
  expect(await asked).toEqual({ image: 'busybox', target: 'web' })
})

it('has the first key do what is asked, unless that cannot be had back', async () => {
  const pinia = createPinia()
  setActivePinia(pinia)
  const ui = useUi()
  const page = mount(ConfirmDialog, { global: { plugins: [pinia, createTranslations({ language: 'en' })] } })
  const first = async (careful: boolean): Promise<string> => {
    void ui.ask({ title: 'Delete?', verb: 'Delete', danger: true, careful })
    await flushPromises()
    return page.get('button[autofocus]').text()
  }
  expect([await first(false), await first(true)]).toEqual(['Delete', 'Cancel'])
})
