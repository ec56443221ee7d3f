import { expect, test } from 'vitest'
import { humanDuration } from './duration.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

test.each([
  [-5 * SECOND, '<invalid>'],
  [-SECOND, '0s'],
  [0, '0s'],
  [119 * SECOND, '119s'],
  [2 * MINUTE, '2m'],
  [2 * MINUTE + 5 * SECOND, '2m5s'],
  [10 * MINUTE + 5 * SECOND, '10m'],
  [3 * HOUR, '3h'],
  [3 * HOUR + 20 * MINUTE, '3h20m'],
  [47 * HOUR, '47h'],
  [2 * DAY, '2d'],
  [7 * DAY + HOUR, '7d1h'],
  [8 * DAY + HOUR, '8d'],
  [730 * DAY, '2y'],
  [731 * DAY, '2y1d'],
  [8 * 365 * DAY + 5 * DAY, '8y'],
])('%i ms reads %s', (milliseconds, text) => {
  expect(humanDuration(milliseconds)).toBe(text)
})
