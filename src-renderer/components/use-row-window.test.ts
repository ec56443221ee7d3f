import { expect, it, vi } from 'vitest'
import { effectScope, nextTick, shallowRef } from 'vue'
import { rowHeight } from './row-window.ts'
import { useRowWindow } from './use-row-window.ts'

async function setup() {
  const viewport = document.createElement('div')
  const ref = shallowRef<HTMLElement>()
  const scope = effectScope()
  const { scrollTo, follow } = scope.run(() => useRowWindow(ref, () => 1000))!
  ref.value = viewport
  await nextTick()
  const scroll = (top = viewport.scrollTop): void => {
    viewport.scrollTop = top
    viewport.dispatchEvent(new Event('scroll'))
  }
  return { viewport, scroll, scrollTo, follow, stop: () => scope.stop() }
}

it('follows rows that moved, unless the list stands at its top', async () => {
  const { viewport, scroll, scrollTo, follow, stop } = await setup()
  follow(3)
  expect(viewport.scrollTop).toBe(0)
  scrollTo(10 * rowHeight)
  follow(3)
  scroll()
  follow(-1)
  expect(viewport.scrollTop).toBe(12 * rowHeight)
  stop()
})

it('leaves the list to a person who scrolls it', async () => {
  vi.useFakeTimers()
  const { viewport, scroll, follow, stop } = await setup()
  scroll(500)
  follow(3)
  expect(viewport.scrollTop).toBe(500)
  vi.advanceTimersByTime(1000)
  follow(1)
  expect(viewport.scrollTop).toBe(500 + rowHeight)
  vi.useRealTimers()
  stop()
})
