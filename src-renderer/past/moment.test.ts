import { describe, expect, it } from 'vitest'
import { atText, beginOf, clamped, momentText, parseAt, spanShowing, spansFor, stepText, steps } from './moment.ts'

const minute = 60_000
const now = Date.UTC(2026, 0, 2, 12, 0, 0)
const bounds = (minutes: number) => ({ begins: now - minutes * minute, now })

describe('a moment in the URL', () => {
  it('is read as it is written, to the millisecond where that matters', () => {
    for (const at of [now, now + 250]) expect(parseAt(atText(at))).toBe(at)
    expect(atText(now)).toBe('2026-01-02T12:00:00Z')
    expect(atText(now + 250)).toBe('2026-01-02T12:00:00.250Z')
  })

  it('is none when it is no time', () => {
    for (const text of ['', 'now', '5', undefined, ['2026-01-02T12:00:00Z'], '2026-99-99T00:00:00Z'])
      expect(parseAt(text)).toBeUndefined()
  })
})

describe('moving in the past', () => {
  it('stays within what is kept', () => {
    expect(clamped(0, bounds(5))).toBe(now - 5 * minute)
    expect(clamped(now + 1, bounds(5))).toBe(now)
    expect(clamped(now - minute, bounds(5))).toBe(now - minute)
  })

  it('spans no more than there is, and as much as it takes to show a moment', () => {
    expect(spansFor(bounds(5))).toEqual([15 * minute])
    expect(spansFor(bounds(90))).toEqual([15, 60, 360].map((n) => n * minute))
    expect(spansFor(bounds(3000))).toEqual([15, 60, 360, 1440].map((n) => n * minute))
    expect(spanShowing(now - 5 * minute, bounds(3000), 15 * minute)).toBe(15 * minute)
    expect(spanShowing(now - 50 * minute, bounds(3000), 15 * minute)).toBe(60 * minute)
    expect(spanShowing(now - 5 * minute, bounds(3000), 360 * minute)).toBe(360 * minute)
    expect(spanShowing(0, bounds(90), 15 * minute)).toBe(360 * minute)
    expect([beginOf(15 * minute, bounds(5)), beginOf(15 * minute, bounds(90))]).toEqual([
      now - 5 * minute,
      now - 15 * minute,
    ])
  })

  it('is said in few characters', () => {
    expect(steps.map(stepText)).toEqual(['−10m', '−1m', '−10s', '+10s', '+1m', '+10m'])
    const today = new Date(2026, 0, 2, 12, 3, 10).getTime()
    expect(momentText(today, today + minute, 'en-GB')).toBe('12:03:10')
    expect(momentText(today, today + 24 * 60 * minute, 'en-GB')).toBe('02/01/2026 12:03:10')
  })
})
