import { describe, expect, it } from 'vitest'
import { settle } from '../client/testing/advance.ts'
import { FakeClock } from '../machinery/clock.ts'
import { createRateLimiter } from './rate-limiter.ts'
import { WorkQueue } from './work-queue.ts'

function arrange(workers = 2) {
  const clock = new FakeClock()
  const ran: string[] = []
  const release: Array<() => void> = []
  const handle = async (key: string) => {
    ran.push(key)
    await new Promise<void>((resolve) => release.push(resolve))
  }
  return { clock, ran, release, queue: new WorkQueue({ clock, handle, workers }) }
}

describe('work queue', () => {
  it('holds a key once and starts nothing before it is started', async () => {
    const { queue, ran } = arrange()
    queue.add('a')
    queue.add('a')
    expect(queue.length).toBe(1)
    expect(ran).toEqual([])
    queue.start()
    expect(ran).toEqual(['a'])
  })

  it('never runs a key twice at once, and runs it again when it was added meanwhile', async () => {
    const { queue, ran, release } = arrange()
    queue.start()
    queue.add('a')
    queue.add('a')
    queue.add('a')
    expect(ran).toEqual(['a'])
    release.shift()?.()
    await settle()
    expect(ran).toEqual(['a', 'a'])
    release.shift()?.()
    await settle()
    expect(ran).toHaveLength(2)
  })

  it('runs no more keys at once than it has workers', async () => {
    const { queue, ran, release } = arrange(2)
    queue.start()
    for (const key of ['a', 'b', 'c']) queue.add(key)
    expect(ran).toEqual(['a', 'b'])
    release.shift()?.()
    await settle()
    expect(ran).toEqual(['a', 'b', 'c'])
  })

  it('takes the earliest of several delays', async () => {
    const { queue, ran, clock } = arrange()
    queue.start()
    queue.addAfter('a', 5000)
    queue.addAfter('a', 1000)
    queue.addAfter('a', 3000)
    await clock.advance(999)
    expect(ran).toEqual([])
    await clock.advance(1)
    expect(ran).toEqual(['a'])
    expect(clock.pending).toBe(0)
  })

  it('waits for running work when it stops, and takes no more', async () => {
    const { queue, ran, release, clock } = arrange(1)
    queue.start()
    queue.add('a')
    queue.add('b')
    queue.addAfter('c', 1000)
    let stopped = false
    void queue.stop().then(() => (stopped = true))
    await settle()
    expect(stopped).toBe(false)
    release.shift()?.()
    await settle()
    await clock.advance(2000)
    expect(stopped).toBe(true)
    expect(ran).toEqual(['a'])
  })
})

describe('rate limiter', () => {
  it('doubles the delay of a key from 5 ms up to 1000 s and starts over when forgotten', () => {
    const limiter = createRateLimiter({ clock: new FakeClock(), burst: 1000 })
    expect([1, 2, 3, 4].map(() => limiter.when('a'))).toEqual([5, 10, 20, 40])
    for (let i = 0; i < 30; i++) limiter.when('a')
    expect(limiter.when('a')).toBe(1_000_000)
    limiter.forget('a')
    expect(limiter.when('a')).toBe(5)
  })

  it('holds all keys together to ten a second once the burst is used up', () => {
    const limiter = createRateLimiter({ clock: new FakeClock(), burst: 2 })
    expect(['a', 'b', 'c', 'd'].map((key) => limiter.when(key))).toEqual([5, 5, 100, 200])
  })
})
