import { mount } from '@vue/test-utils'
import { expect, it } from 'vitest'
import { createI18n } from 'vue-i18n'
import { age, name, namespace, optional } from '../kinds/columns.ts'
import ColumnChooser from './ColumnChooser.vue'

it('leaves columns out and takes them in again, except the first', async () => {
  const chooser = mount(ColumnChooser, {
    global: { plugins: [createI18n({ legacy: false, locale: 'en', missingWarn: false, fallbackWarn: false })] },
    props: {
      columns: [name, namespace, age],
      modelValue: ['gone'],
      'onUpdate:modelValue': (modelValue: string[]) => chooser.setProps({ modelValue }),
    },
  })
  await chooser.get('button').trigger('click')
  const boxes = chooser.findAll('input')
  expect(boxes.map((box) => box.element.disabled)).toEqual([true, false, false])
  await boxes[1]!.trigger('change')
  expect(chooser.props('modelValue')).toEqual(['namespace'])
  await boxes[2]!.trigger('change')
  expect(chooser.props('modelValue')).toEqual(['namespace', 'age'])
  await boxes[1]!.trigger('change')
  expect(chooser.props('modelValue')).toEqual(['age'])
  await chooser.findAll('button').at(-1)!.trigger('click')
  expect(chooser.props('modelValue')).toEqual([])
  await chooser.get('.chooser').trigger('keydown', { key: 'Escape' })
  expect(chooser.find('input').exists()).toBe(false)
})

it('puts columns in another order by buttons and by keys, never before the first', async () => {
  const chooser = mount(ColumnChooser, {
    global: { plugins: [createI18n({ legacy: false, locale: 'en', missingWarn: false, fallbackWarn: false })] },
    props: { columns: [name, namespace, age], modelValue: [], changed: true },
  })
  await chooser.get('button').trigger('click')
  const [first, second, third] = chooser.findAll('.line')
  const isFree = (line: typeof first): boolean[] => line!.findAll('button').map((button) => !button.element.disabled)
  expect([isFree(first), isFree(second), isFree(third)]).toEqual([
    [false, false],
    [false, true],
    [true, false],
  ])
  await third!.findAll('button')[0]!.trigger('click')
  await second!.trigger('keydown', { key: 'ArrowDown', altKey: true })
  await second!.trigger('keydown', { key: 'ArrowUp', altKey: true })
  expect(chooser.emitted('order')).toEqual([[['name', 'age', 'namespace']], [['name', 'age', 'namespace']]])
  await chooser.findAll('button').at(-1)!.trigger('click')
  expect(chooser.emitted('reset')).toHaveLength(1)
})

it('tells which columns have no room, beside those that are left out', async () => {
  const chooser = mount(ColumnChooser, {
    global: {
      plugins: [
        createI18n({
          legacy: false,
          locale: 'en',
          messages: { en: { grid: { noRoom: 'no room' } } },
          missingWarn: false,
          fallbackWarn: false,
        }),
      ],
    },
    props: { columns: [name, namespace, age], modelValue: ['age'], fitting: ['name'] },
  })
  expect(chooser.get('button').text()).toBe('−2')
  await chooser.get('button').trigger('click')
  expect(chooser.findAll('.line').map((line) => line.text().includes('no room'))).toEqual([false, true, false])
})

it('does not count what is there only for who asks', async () => {
  const chooser = mount(ColumnChooser, {
    global: { plugins: [createI18n({ legacy: false, locale: 'en', missingWarn: false, fallbackWarn: false })] },
    props: { columns: [name, optional(namespace), age], modelValue: ['namespace'] },
  })
  expect(chooser.get('button').text()).toBe('')
  await chooser.setProps({ modelValue: ['namespace', 'age'] })
  expect(chooser.get('button').text()).toBe('−1')
})
