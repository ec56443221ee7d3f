import { expect, test } from 'vitest'
import { parseGoDuration } from './go-duration.ts'

test.each([
  ['30s', 30_000],
  ['1m30s', 90_000],
  ['-1.5h', -5_400_000],
  ['+.5s', 500],
  ['2.s', 2000],
  ['250ms', 250],
  ['3us', 0.003],
  ['0', 0],
  ['-0', 0],
])('%s is a length of time', (text, milliseconds) => {
  expect(parseGoDuration(text)).toBeCloseTo(milliseconds, 9)
})

test.each([
  ['', 'time: invalid duration ""'],
  ['-', 'time: invalid duration "-"'],
  ['abc', 'time: invalid duration "abc"'],
  ['.', 'time: invalid duration "."'],
  ['1s.', 'time: invalid duration "1s."'],
  ['30', 'time: missing unit in duration "30"'],
  ['3toString', 'time: unknown unit "toString" in duration "3toString"'],
  ['3x', 'time: unknown unit "x" in duration "3x"'],
  ['1d2h', 'time: unknown unit "d" in duration "1d2h"'],
])("%s is none, in Go's words", (text, words) => {
  expect(() => parseGoDuration(text)).toThrow(words)
})
