import { mount } from '@vue/test-utils'
import { afterEach, expect, it, vi } from 'vitest'
import { defineComponent, h, nextTick, ref } from 'vue'
import { usePopup } from './use-popup.ts'

const outer = vi.fn<() => void>()
const page = mount(
  defineComponent(() => {
    const root = ref<HTMLElement>()
    const { open } = usePopup(root)
    return () =>
      h('div', { onKeydown: outer }, [
        h('div', { ref: root }, [
          h('button', { onClick: () => (open.value = !open.value) }),
          open.value ? h('input') : undefined,
        ]),
        h('a', { href: '#' }),
      ])
  }),
  { attachTo: document.body },
)
afterEach(() => outer.mockClear())

async function opened() {
  await page.get('button').trigger('click')
  const input = page.get('input')
  input.element.focus()
  return input
}

it('Escape closes it, gives the focus to its button and means nothing to the page', async () => {
  await (await opened()).trigger('keydown', { key: 'Escape' })
  expect(page.find('input').exists()).toBe(false)
  expect(document.activeElement).toBe(page.get('button').element)
  expect(outer).not.toHaveBeenCalled()
  await page.get('button').trigger('keydown', { key: 'Escape' })
  expect(outer).toHaveBeenCalledOnce()
})

it('is closed by whoever goes elsewhere, and not within', async () => {
  await opened()
  page.get('button').element.focus()
  await nextTick()
  expect(page.find('input').exists()).toBe(true)
  page.get('a').element.focus()
  await nextTick()
  expect(page.find('input').exists()).toBe(false)
  expect(document.activeElement).toBe(page.get('a').element)
})
