import { expect, it, vi } from 'vitest'
import { FakeClock } from '../../src-kube/machinery/clock.ts'
import { repeat } from './repeat.ts'

it('work is done now and an interval after each end, until the signal, whether it fails or not', async () => {
  const clock = new FakeClock()
  const stop = new AbortController()
  const failed = vi.fn<(words: string) => void>()
  const work = vi.fn<() => Promise<void>>().mockResolvedValue()
  work.mockRejectedValueOnce(new Error('no disk')).mockRejectedValueOnce('no words')
  repeat(work, { interval: 1000, clock, signal: stop.signal, failed })
  expect(work).toHaveBeenCalledTimes(1)
  await vi.waitFor(() => expect(clock.pending).toBe(1))
  await clock.advance(999)
  expect(work).toHaveBeenCalledTimes(1)
  await clock.advance(1)
  expect(work).toHaveBeenCalledTimes(2)
  expect(failed.mock.calls).toEqual([['no disk'], ['no words']])
  await vi.waitFor(() => expect(clock.pending).toBe(1))
  stop.abort()
  await clock.advance(5000)
  expect(work).toHaveBeenCalledTimes(2)
  expect(clock.pending).toBe(0)
})

it('a run that takes its time is not overtaken by the next', async () => {
  const clock = new FakeClock()
  const work = vi.fn<() => Promise<void>>().mockReturnValue(new Promise(() => {}))
  repeat(work, { interval: 1000, clock, signal: new AbortController().signal, failed: () => {} })
  await clock.advance(5000)
  expect(work).toHaveBeenCalledTimes(1)
})

it('work that is asked for is done at once, or once more after the run that is under way', async () => {
  const clock = new FakeClock()
  const runs: Array<() => void> = []
  const work = () => new Promise<void>((resolve) => runs.push(resolve))
  const stop = new AbortController()
  const runNow = repeat(work, { interval: 1000, clock, signal: stop.signal, failed: () => {} })
  runNow()
  runNow()
  expect(runs).toHaveLength(1)
  runs[0]!()
  await vi.waitFor(() => expect(runs).toHaveLength(2))
  runs[1]!()
  await vi.waitFor(() => expect(clock.pending).toBe(1))
  runNow()
  expect([runs.length, clock.pending]).toEqual([3, 0])
  stop.abort()
  runNow()
  expect(runs).toHaveLength(3)
})
