import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { useUi } from './ui.ts'

beforeEach(() => {
  vi.useFakeTimers()
  setActivePinia(createPinia())
})
afterEach(() => void vi.useRealTimers())

it('a message of what was done passes by, one of what failed stays until it is closed', () => {
  const ui = useUi()
  const texts = (): string[] => ui.toasts.map(({ text }) => text)
  ui.toast('info', 'restart begun')
  ui.toast('error', 'refused')
  vi.advanceTimersByTime(60_000)
  expect(texts()).toEqual(['refused'])
  ui.dismiss(ui.toasts[0]!.id)
  expect(texts()).toEqual([])
})

it('what fails again and again is told once, and no more than five messages stand at a time', () => {
  const ui = useUi()
  for (const text of ['a', 'b', 'a', 'c', 'd', 'e', 'f']) ui.toast('error', text)
  expect(ui.toasts.map(({ text }) => text)).toEqual(['a', 'c', 'd', 'e', 'f'])
})
