import { expect, it } from 'vitest'
import { inOrderOf } from './in-order.ts'

it('puts fields in the order of another value, and those it does not have last', () => {
  const like = { b: { y: 1, x: 1 }, list: [{ d: 1, c: 1 }], gone: 1, a: 1 }
  const value = {
    a: 2,
    new: 2,
    list: [
      { c: 2, d: 2 },
      { f: 2, e: 2 },
    ],
    b: { x: 2, y: 2 },
  }
  expect(JSON.stringify(inOrderOf(like, value))).toBe(
    '{"b":{"y":2,"x":2},"list":[{"d":2,"c":2},{"f":2,"e":2}],"a":2,"new":2}',
  )
  expect([inOrderOf({}, [1]), inOrderOf([1], {}), inOrderOf(undefined, null)]).toEqual([[1], {}, null])
})
