import { flushPromises, mount } from '@vue/test-utils'
import { expect, it } from 'vitest'
import { createI18n } from 'vue-i18n'
import PairsEditor from './PairsEditor.vue'

function edit(keys: readonly string[]) {
  const editor = mount(PairsEditor, {
    attachTo: document.body,
    global: { plugins: [createI18n({ legacy: false, locale: 'en', missingWarn: false, fallbackWarn: false })] },
    props: {
      label: 'Labels of web',
      modelValue: keys.map((key) => ({ key, value: `${key}!` })),
      'onUpdate:modelValue': (modelValue: Array<{ key: string; value: string }>) => editor.setProps({ modelValue }),
    },
  })
  const keysNow = (): string[] => editor.props('modelValue').map(({ key }) => key)
  const press = async (at: number): Promise<void> => {
    await editor.findAll('button').at(at)!.trigger('click')
    await flushPromises()
  }
  return { editor, keysNow, press, focused: () => document.activeElement }
}

it('edits keys and values, and leaves the other rows as they are', async () => {
  const { editor } = edit(['a', 'b'])
  await editor.findAll('textarea')[1]!.setValue('two')
  await editor.findAll('input')[0]!.setValue('one')
  expect(editor.props('modelValue')).toEqual([
    { key: 'one', value: 'a!' },
    { key: 'b', value: 'two' },
  ])
})

it('puts the focus into a new row', async () => {
  const { editor, keysNow, press, focused } = edit(['a'])
  await press(-1)
  expect(keysNow()).toEqual(['a', ''])
  expect(focused()).toBe(editor.findAll('input')[1]!.element)
})

it('keeps the focus among the rows when one is removed, and at the button when none is left', async () => {
  const { editor, keysNow, press, focused } = edit(['a', 'b', 'c'])
  await press(0)
  expect(keysNow()).toEqual(['b', 'c'])
  expect(focused()).toBe(editor.findAll('input')[0]!.element)
  await press(1)
  expect(keysNow()).toEqual(['b'])
  expect(focused()).toBe(editor.findAll('input')[0]!.element)
  await press(0)
  expect(keysNow()).toEqual([])
  expect(focused()).toBe(editor.get('button').element)
})
