import { expect, it } from 'vitest'
import { slowStart } from './slow-start.ts'

it('calls in batches of one, two, four and so on, each after the last has ended', async () => {
  const running: number[] = []
  const most: number[] = []
  const outcome = await slowStart(9, async (index) => {
    running.push(index)
    most.push(running.length)
    await Promise.resolve()
    running.splice(running.indexOf(index), 1)
  })
  expect(outcome).toEqual({ succeeded: 9 })
  expect(most).toEqual([1, 1, 2, 1, 2, 3, 4, 1, 2])
})

it('stops after the batch in which a call failed, and counts those that succeeded', async () => {
  const called: number[] = []
  const outcome = await slowStart(100, async (index) => {
    called.push(index)
    if (index === 2) throw new Error('quota')
  })
  expect(called).toEqual([0, 1, 2])
  expect(outcome).toEqual({ succeeded: 2, error: new Error('quota') })
})

it('calls nothing when nothing is wanted', async () => {
  expect(await slowStart(0, () => Promise.reject(new Error('called')))).toEqual({ succeeded: 0 })
})
