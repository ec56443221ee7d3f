import { expect, test } from 'vitest'
import { copyJson } from './copy-json.ts'

test('A copy is equal and shares nothing', () => {
  const value = { a: [1, { b: null }, []], c: { d: 'x', e: undefined, f: false }, g: {} }
  const copy = copyJson(value)
  expect(copy).toStrictEqual(value)
  expect(copy.a).not.toBe(value.a)
  expect(copy.a[1]).not.toBe(value.a[1])
  expect(copy.c).not.toBe(value.c)
  expect([copyJson(null), copyJson('x'), copyJson(undefined)]).toEqual([null, 'x', undefined])
})

test('A field named as the prototype stays a field', () => {
  const value = JSON.parse('{"data":{"__proto__":{"polluted":true}}}') as { data: object }
  const copy = copyJson(value)
  expect(JSON.stringify(copy)).toBe(JSON.stringify(value))
  expect('polluted' in copy.data).toBe(false)
})
