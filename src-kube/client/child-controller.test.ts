import { getEventListeners } from 'node:events'
import { expect, it } from 'vitest'
import { childController } from './child-controller.ts'

it('a child aborts with its parent, for the same reason, and alone', () => {
  const parent = new AbortController()
  const [first, second] = [childController(parent.signal), childController(parent.signal)]
  first.abort(new Error('enough'))
  expect([first.signal.aborted, second.signal.aborted, parent.signal.aborted]).toEqual([true, false, false])
  const reason = new Error('the end')
  parent.abort(reason)
  expect(second.signal.reason).toBe(reason)
  expect(childController(parent.signal).signal.reason).toBe(reason)
})

it('a child that has aborted leaves nothing with its parent', () => {
  const parent = new AbortController()
  const children = Array.from({ length: 20 }, () => childController(parent.signal))
  expect(getEventListeners(parent.signal, 'abort')).toHaveLength(20)
  children.forEach((child) => child.abort())
  expect(getEventListeners(parent.signal, 'abort')).toEqual([])
})
