import { describe, expect, it, vi } from 'vitest'
import { FakeClock, systemClock } from './clock.ts'

describe('FakeClock', () => {
  it('runs timers in the order of their time, at their time', async () => {
    const clock = new FakeClock(1000)
    const ran: string[] = []
    clock.after(20, () => ran.push(`b${clock.now()}`))
    clock.after(10, () => ran.push(`a${clock.now()}`))
    clock.after(-5, () => ran.push(`now${clock.now()}`))
    expect(clock.pending).toBe(3)
    await clock.advance(15)
    expect(ran).toEqual(['now1000', 'a1010'])
    await clock.advance(15)
    expect(ran).toEqual(['now1000', 'a1010', 'b1020'])
    expect([clock.now(), clock.monotonic(), clock.pending]).toEqual([1030, 30, 0])
  })

  it('runs timers that timers and promises set', async () => {
    const clock = new FakeClock()
    const ran = vi.fn<() => void>()
    clock.after(5, () => void Promise.resolve().then(() => clock.after(5, ran)))
    await clock.advance(10)
    expect(ran).toHaveBeenCalledOnce()
  })

  it('forgets what is cancelled', async () => {
    const clock = new FakeClock()
    const ran = vi.fn<() => void>()
    const timer = clock.after(5, ran)
    timer.cancel()
    timer.cancel()
    await clock.advance(10)
    expect(ran).not.toHaveBeenCalled()
  })
})

describe('systemClock', () => {
  it('uses the timers of the machine, and cancels them', () => {
    vi.useFakeTimers()
    try {
      const ran = vi.fn<() => void>()
      systemClock.after(10, ran)
      systemClock.after(10, ran).cancel()
      vi.advanceTimersByTime(10)
      expect(ran).toHaveBeenCalledOnce()
      expect(systemClock.now()).toBe(Date.now())
      expect(systemClock.monotonic()).toBe(performance.now())
    } finally {
      vi.useRealTimers()
    }
  })
})
