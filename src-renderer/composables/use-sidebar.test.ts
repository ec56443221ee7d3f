import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, expect, it } from 'vitest'
import { nextTick } from 'vue'
import { useSettings } from '../stores/settings.ts'
import { useSidebar } from './use-sidebar.ts'

const resize = async (width: number): Promise<void> => {
  window.innerWidth = width
  window.dispatchEvent(new Event('resize'))
  await nextTick()
}
beforeEach(() => {
  localStorage.clear()
  setActivePinia(createPinia())
})

it('the kinds leave a narrow window to the page and come back with room', async () => {
  await resize(1280)
  const { isOpen } = useSidebar()
  expect(isOpen.value).toBe(true)
  await resize(900)
  expect(isOpen.value).toBe(false)
  await resize(1280)
  expect(isOpen.value).toBe(true)
})

it('what a person wants holds at any width until it is what the width gives anyway', async () => {
  await resize(900)
  const { isOpen, toggle } = useSidebar()
  toggle()
  expect([isOpen.value, useSettings().sidebar]).toEqual([true, 'open'])
  await resize(1280)
  expect(isOpen.value).toBe(true)
  toggle()
  expect([isOpen.value, useSettings().sidebar]).toEqual([false, 'closed'])
  toggle()
  expect([isOpen.value, useSettings().sidebar]).toEqual([true, 'auto'])
})
