import { expect, test } from 'vitest'
import { humanDuration } from './duration.ts'

const second = 1000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

test.each([
  [-5 * second, '<invalid>'],
  [-second, '0s'],
  [0, '0s'],
  [119 * second, '119s'],
  [2 * minute, '2m'],
  [2 * minute + 5 * second, '2m5s'],
  [10 * minute + 5 * second, '10m'],
  [3 * hour, '3h'],
  [3 * hour + 20 * minute, '3h20m'],
  [47 * hour, '47h'],
  [2 * day, '2d'],
  [7 * day + hour, '7d1h'],
  [8 * day + hour, '8d'],
  [730 * day, '2y'],
  [731 * day, '2y1d'],
  [8 * 365 * day + 5 * day, '8y'],
])('%i ms reads %s', (milliseconds, text) => {
  expect(humanDuration(milliseconds)).toBe(text)
})
