import { mount } from '@vue/test-utils'
import { expect, it } from 'vitest'
import { defineComponent, h, nextTick, ref } from 'vue'
import { scrollMemory } from '../composables/scroll-memory.ts'
import { useLeftPlace } from './use-left-place.ts'

/** A list as high as its rows, in which no more can be scrolled than there is. */
async function open(key: string, selected = -1) {
  const count = ref(10)
  const index = ref(selected)
  const tried: string[] = []
  const list = mount(
    defineComponent({
      setup() {
        const viewport = ref<HTMLElement>()
        useLeftPlace({
          viewport,
          key: () => key,
          count: () => count.value,
          selected: () => index.value,
          scrollTo(top) {
            tried.push(`to ${top}`)
            viewport.value!.scrollTop = Math.min(top, count.value * 28)
          },
          reveal: (at) => void tried.push(`reveal ${at}`),
        })
        return () => h('div', { ref: viewport })
      },
    }),
  )
  await nextTick()
  await nextTick()
  const grow = async (to: number): Promise<void> => {
    count.value = to
    await nextTick()
  }
  return { list, tried, grow, index }
}

it('goes on to where the list was left while more of it comes, and then lets it be', async () => {
  scrollMemory.keep('long', 2000)
  const { list, tried, grow } = await open('long')
  await grow(50)
  await grow(100)
  await grow(200)
  expect(tried).toEqual(['to 2000', 'to 2000', 'to 2000'])
  list.unmount()
  expect(scrollMemory.of('long')).toBe(2000)
})

it('stops when a person moves', async () => {
  scrollMemory.keep('moved', 2000)
  const { list, tried, grow } = await open('moved')
  await list.trigger('wheel')
  await grow(500)
  expect(tried).toEqual(['to 2000'])
})

it('brings the row whose detail is open into sight once it is there', async () => {
  const { tried, grow, index } = await open('new')
  expect(tried).toEqual([])
  index.value = 40
  await grow(60)
  await grow(90)
  expect(tried).toEqual(['reveal 40'])
})
