import { expect, test } from 'vitest'
import { yamlDuplicates } from './yaml-duplicates.ts'

test('Keys that a map has twice are told of by line, the outer ones first', () => {
  const text = 'a: 1\nb:\n- c: 1\n  "c": 2\n- {d: 1, e: 2, d: 3}\na: 2\nb: {}\n'
  expect(yamlDuplicates(text)).toEqual([
    'line 6: key "a" already set in map',
    'line 7: key "b" already set in map',
    'line 4: key "c" already set in map',
    'line 5: key "d" already set in map',
  ])
})

test('A key that is there three times is told of for each pair', () => {
  expect(yamlDuplicates('1: a\n1: b\n1: c\n')).toEqual([
    'line 2: key "1" already set in map',
    'line 3: key "1" already set in map',
    'line 3: key "1" already set in map',
  ])
})

test.each(['', 'a: [', '? {a: 1}\n: 2\n', 'plain'])('%j has none', (text) => {
  expect(yamlDuplicates(text)).toEqual([])
})
