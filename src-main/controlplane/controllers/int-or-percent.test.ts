import { expect, it } from 'vitest'
import { resolveIntOrPercent } from './int-or-percent.ts'

it.each([
  [undefined, 10, 'up', 0],
  [3, 10, 'up', 3],
  ['33%', 10, 'up', 4],
  ['33%', 10, 'down', 3],
  ['100%', 7, 'down', 7],
  ['0%', 7, 'up', 0],
] as const)('%s of %d, rounded %s, is %d', (value, total, round, expected) => {
  expect(resolveIntOrPercent(value, total, round)).toBe(expected)
})
