import { mount } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { defineComponent, h, nextTick } from 'vue'
import { createI18n } from 'vue-i18n'
import PopupMenu from './PopupMenu.vue'

const items = ['Details', 'Edit', 'Labels', 'Logs'].map((words) => ({ id: words, icon: 'edit', words }))
const plugins = [createI18n({ legacy: false, missingWarn: false, fallbackWarn: false })]

describe('a menu', () => {
  const list = document.createElement('button')
  let menu: ReturnType<typeof open>
  const host = defineComponent({
    props: ['shown'],
    setup: (props) => () => (props.shown ? h(PopupMenu, { items, x: 1, y: 1 }) : []),
  })
  const open = () => mount(host, { attachTo: document.body, props: { shown: true }, global: { plugins } })
  const focused = (): string => document.activeElement?.textContent.trim() ?? ''
  const press = (key: string): Promise<void> => menu.get('[role=menu]').trigger('keydown', { key })
  beforeEach(async () => {
    document.body.append(list)
    list.focus()
    menu = open()
    await nextTick()
    await nextTick()
  })
  afterEach(() => {
    menu.unmount()
    list.remove()
  })

  it('gives the focus back to what had it when it goes', async () => {
    expect(focused()).toBe('Details')
    await menu.setProps({ shown: false })
    expect(document.activeElement).toBe(list)
  })

  it('leaves the focus where a click has put it', async () => {
    const other = document.createElement('button')
    document.body.append(other)
    other.focus()
    await menu.setProps({ shown: false })
    expect(document.activeElement).toBe(other)
    other.remove()
  })

  it('is gone through by arrows, Home, End and first letters, and left by Tab', async () => {
    const led: string[] = []
    for (const key of ['End', 'Home', 'l', 'l', 'l', 'ArrowUp', 'x']) {
      await press(key)
      led.push(focused())
    }
    expect(led).toEqual(['Logs', 'Details', 'Labels', 'Logs', 'Labels', 'Edit', 'Edit'])
    await press('Tab')
    expect(menu.getComponent(PopupMenu).emitted('close')).toHaveLength(1)
  })
})
