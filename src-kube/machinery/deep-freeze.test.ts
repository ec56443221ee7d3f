import { expect, test, vi } from 'vitest'
import { checkShared, deepFreeze } from './deep-freeze.ts'

test('a frozen value cannot be written to, down to its leaves', () => {
  const value = deepFreeze({ list: [{ name: 'a' }] })
  expect(() => (value.list[0]!.name = 'b')).toThrow(TypeError)
  expect(() => value.list.push({ name: 'c' })).toThrow(TypeError)
})

test('a frozen part that is sound is looked at once', () => {
  const sound = new WeakSet<object>()
  const part = deepFreeze({ a: [1] })
  const check = vi.fn<() => never[]>(() => [])
  expect([checkShared(sound, part, check), checkShared(sound, part, check)]).toEqual([[], []])
  expect(check).toHaveBeenCalledTimes(1)
})

test('what is wrong is told of every time', () => {
  const sound = new WeakSet<object>()
  const part = deepFreeze({ a: [1] })
  expect(checkShared(sound, part, () => ['bad'])).toEqual(['bad'])
  expect(checkShared(sound, part, () => ['bad'])).toEqual(['bad'])
})

test('a part that may change is looked at every time, also when only its top is frozen', () => {
  const sound = new WeakSet<object>()
  const check = vi.fn<() => never[]>(() => [])
  for (const part of [{ a: [1] }, Object.freeze({ a: [1] })])
    for (let i = 0; i < 2; i++) checkShared(sound, part, check)
  expect(check).toHaveBeenCalledTimes(4)
})
