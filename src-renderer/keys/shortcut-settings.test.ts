import { mount } from '@vue/test-utils'
import { beforeEach, expect, it } from 'vitest'
import { createTranslations } from '../i18n/index.ts'
import ShortcutSettings from './ShortcutSettings.vue'
import { useKeys } from './use-keys.ts'

const keys = useKeys()
beforeEach(() => keys.resetAll())

function open() {
  const page = mount(ShortcutSettings, {
    attachTo: document.body,
    global: { plugins: [createTranslations({ language: 'en' })] },
  })
  const line = (name: string) => page.findAll('.line').find((one) => one.get('span').text() === name)!
  const press = async (name: string, key: string, held: object = {}): Promise<void> => {
    await line(name).get('.key').trigger('click')
    await line(name)
      .get('.key')
      .trigger('keydown', { key, ...held })
  }
  return { page, line, press }
}

it('a key that is pressed is the new one, and can be given back', async () => {
  const { page, line, press } = open()
  await press('Logs', 'o', { ctrlKey: true, shiftKey: true })
  expect(keys.chordFor('do.logs')).toBe('Mod+Shift+o')
  await line('Logs').get('.bare').trigger('click')
  expect(keys.chordFor('do.logs')).toBe('l')
  page.unmount()
})

it('Escape keeps the key and Backspace removes it', async () => {
  const { page, line, press } = open()
  await press('Logs', 'Escape')
  expect(keys.chordFor('do.logs')).toBe('l')
  await press('Logs', 'Backspace')
  expect([keys.chordFor('do.logs'), line('Logs').get('.key').text()]).toEqual(['', 'none'])
  page.unmount()
})

it('who has a key already is told, and loses it only when asked to', async () => {
  const { page, line, press } = open()
  await press('Logs', 'e')
  expect(line('Logs').get('[role=alert]').text()).toContain('e is the key of Edit')
  expect(keys.chordFor('do.logs')).toBe('l')
  await line('Logs').findAll('[role=alert] button')[0]!.trigger('click')
  expect([keys.chordFor('do.logs'), keys.chordFor('do.edit')]).toEqual(['e', ''])
  page.unmount()
})

it('keys that always do the same are refused', async () => {
  const { page, line, press } = open()
  await press('Logs', 'ArrowDown')
  expect(line('Logs').get('[role=alert]').text()).toContain('↓ always does the same')
  expect(keys.chordFor('do.logs')).toBe('l')
  page.unmount()
})
