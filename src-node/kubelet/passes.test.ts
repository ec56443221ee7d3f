import { expect, it } from 'vitest'
import { FakeClock } from '../../src-kube/machinery/clock.ts'
import { Passes } from './passes.ts'

function begun() {
  const clock = new FakeClock()
  const running: Array<() => void> = []
  let count = 0
  const passes = new Passes(clock, () => {
    count++
    return new Promise((resolve) => running.push(resolve))
  })
  /** Lets the pass that runs come to its end. */
  const finish = async (): Promise<void> => {
    running.shift()?.()
    await clock.advance(0)
  }
  return { clock, passes, finish, count: () => count }
}

it('one runs at a time, and all that ask for another meanwhile get one together', async () => {
  const { passes, finish, count } = begun()
  for (let i = 0; i < 3; i++) passes.ask()
  expect(count()).toBe(1)
  await finish()
  expect(count()).toBe(2)
  await finish()
  expect(count()).toBe(2)
})

it('of several times the earliest counts, and no other', async () => {
  const { clock, passes, finish, count } = begun()
  for (const milliseconds of [300, 100, 200]) passes.askIn(milliseconds)
  await clock.advance(99)
  expect(count()).toBe(0)
  await clock.advance(1)
  expect(count()).toBe(1)
  await finish()
  await clock.advance(1000)
  expect(count()).toBe(1)
})

it('there are none after the end, neither asked for before nor afterwards', async () => {
  const { clock, passes, finish, count } = begun()
  passes.ask()
  passes.ask()
  passes.askIn(100)
  passes.end()
  await finish()
  passes.ask()
  await clock.advance(1000)
  expect(count()).toBe(1)
})
