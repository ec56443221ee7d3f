import { describe, expect, it } from 'vitest'
import { PullBackoff } from './pull-backoff.ts'

describe('waits between pulls', () => {
  it('double up to five minutes, and are told of once each', () => {
    const backoff = new PullBackoff()
    let now = 0
    for (const delay of [10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000]) {
      backoff.failed('a', 'why', now)
      expect(backoff.waiting('a', now)).toEqual({ left: delay, words: 'why', first: true })
      expect(backoff.waiting('a', now + 1)).toEqual({ left: delay - 1, words: 'why', first: false })
      now += delay
      expect(backoff.waiting('a', now)).toBeUndefined()
    }
  })

  it('are of each image of each pod apart, and end with a pull that succeeds', () => {
    const backoff = new PullBackoff()
    backoff.failed('a', 'x', 0)
    expect(backoff.waiting('b', 0)).toBeUndefined()
    backoff.succeeded('a')
    expect(backoff.waiting('a', 0)).toBeUndefined()
    backoff.failed('a', 'x', 0)
    expect(backoff.waiting('a', 0)?.left).toBe(10_000)
  })

  it('are forgotten after twice the longest', () => {
    const backoff = new PullBackoff()
    backoff.failed('a', 'x', 0)
    backoff.failed('b', 'x', 610_000)
    backoff.failed('a', 'x', 610_000)
    expect(backoff.waiting('a', 610_000)?.left).toBe(20_000)
    backoff.failed('b', 'x', 2_000_000)
    backoff.failed('a', 'x', 2_000_000)
    expect(backoff.waiting('a', 2_000_000)?.left).toBe(10_000)
  })
})
