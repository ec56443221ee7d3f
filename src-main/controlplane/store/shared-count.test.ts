import { afterEach, expect, it, vi } from 'vitest'
import { untilMoved, whenMoved } from './shared-count.ts'

afterEach(() => vi.restoreAllMocks())

it('is not over because of a wake-up that was meant for the count before', async () => {
  const counts = new Int32Array(new SharedArrayBuffer(8))
  const asleep = vi.spyOn(Atomics, 'waitAsync')
  const call = vi.fn<() => void>()
  whenMoved(counts, 1, 0, call)
  await vi.waitFor(() => expect(asleep).toHaveBeenCalledTimes(1))
  Atomics.notify(counts, 1)
  await vi.waitFor(() => expect(asleep).toHaveBeenCalledTimes(2))
  expect(call).not.toHaveBeenCalled()
  Atomics.add(counts, 1, 1)
  Atomics.notify(counts, 1)
  await vi.waitFor(() => expect(call).toHaveBeenCalledTimes(1))
})

it('is over when the count has moved already, though never within the call', async () => {
  const counts = new Int32Array(new SharedArrayBuffer(8))
  const call = vi.fn<() => void>()
  whenMoved(counts, 0, 7, call)
  expect(call).not.toHaveBeenCalled()
  await vi.waitFor(() => expect(call).toHaveBeenCalledTimes(1))
})

it('holds up its thread until the count has moved, whoever wakes it meanwhile, and works first', () => {
  const counts = new Int32Array(new SharedArrayBuffer(8))
  const left = [true, true, false, true, false, false]
  const work = vi.fn<() => boolean>(() => left.shift() ?? false)
  const done: number[] = []
  vi.spyOn(Atomics, 'wait').mockImplementation(() => {
    done.push(work.mock.calls.length)
    if (done.length === 3) counts[0] = 1
    return 'ok'
  })
  untilMoved(counts, 0, 0, work)
  expect(done).toEqual([3, 5, 6])
  untilMoved(counts, 0, 0, work)
  expect(work).toHaveBeenCalledTimes(6)
})
