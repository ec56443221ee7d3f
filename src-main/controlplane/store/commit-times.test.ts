import { describe, expect, it } from 'vitest'
import { CommitTimes } from './commit-times.ts'

function filled(): CommitTimes {
  const times = new CommitTimes()
  times.note(1, 1000)
  times.note(4, 2000)
  times.note(6, 3000)
  return times
}

describe('CommitTimes', () => {
  it('gives every revision of a batch the time of its commit', () => {
    const times = filled()
    expect([1, 3, 4, 5, 6, 7].map((revision) => times.of(revision))).toEqual([1000, 1000, 2000, 2000, 3000, 3000])
    expect([times.first, times.last]).toEqual([1000, 3000])
  })

  it('finds what was newest at a time, and nothing before the first commit', () => {
    const times = filled()
    expect([999, 1000, 1999, 2000, 2999, 3000, 9999].map((time) => times.revisionAt(time, 8))).toEqual([
      undefined,
      3,
      3,
      5,
      5,
      8,
      8,
    ])
  })

  it('knows nothing while nothing is noted', () => {
    const times = new CommitTimes()
    expect([times.of(1), times.revisionAt(1, 1), times.first, times.last]).toEqual([undefined, undefined, undefined, 0])
    times.forget(3)
    times.note(2, 10)
    expect(times.of(2)).toBeUndefined()
  })

  it('takes commits of one millisecond for one moment', () => {
    const times = filled()
    times.note(8, 3000)
    expect([times.of(8), times.revisionAt(3000, 8)]).toEqual([3000, 8])
  })

  it('takes what was committed before a clock was set back to a time for committed at that time', () => {
    const times = filled()
    times.note(9, 2500)
    expect([4, 6, 9].map((revision) => times.of(revision))).toEqual([2000, 2500, 2500])
    expect([times.revisionAt(2499, 9), times.revisionAt(2500, 9), times.last]).toEqual([5, 9, 2500])
    times.note(10, 2000)
    expect([times.of(4), times.of(10), times.revisionAt(2000, 10)]).toEqual([2000, 2000, 10])
  })

  it('forgets what is compacted, and keeps the moment of the revision that can still be read', () => {
    const times = filled()
    times.forget(5)
    expect([times.of(4), times.of(5), times.of(6)]).toEqual([undefined, 2000, 3000])
    expect([times.revisionAt(1999, 6), times.revisionAt(2000, 6)]).toEqual([undefined, 5])
    expect(times.first).toBe(2000)
  })
})
