import { expect, test } from 'vitest'
import { escapeName } from './field-names.ts'

test.each([
  ['a', 'a'],
  ['a-b', 'a__dash__b'],
  ['a.b/c', 'a__dot__b__slash__c'],
  ['a__b', 'a__underscores__b'],
  ['namespace', '__namespace__'],
])('%s is written %s', (name, written) => {
  expect(escapeName(name)).toBe(written)
})

test.each(['1a', 'a b'])('%s cannot be written', (name) => {
  expect(escapeName(name)).toBeUndefined()
})
