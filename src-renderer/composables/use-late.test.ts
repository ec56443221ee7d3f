import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { effectScope, ref } from 'vue'
import { useLate } from './use-late.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

it('waiting is told of once it has lasted a second, and no longer than it lasts', () => {
  const scope = effectScope()
  scope.run(() => {
    const waits = ref(true)
    const late = useLate(() => waits.value)
    vi.advanceTimersByTime(999)
    expect(late.value).toBe(false)
    vi.advanceTimersByTime(1)
    expect(late.value).toBe(true)
    waits.value = false
    expect(late.value).toBe(false)
    waits.value = true
    vi.advanceTimersByTime(500)
    waits.value = false
    vi.advanceTimersByTime(5000)
    expect(late.value).toBe(false)
  })
  scope.stop()
  expect(vi.getTimerCount()).toBe(0)
})
