import { expect, it } from 'vitest'
import { lettersOf } from './letters.ts'

const letters = (...names: string[]): string[] => [...lettersOf(names.map((name) => ({ id: name, name }))).values()]

it('a cluster is told by its first letters', () => {
  expect(letters('drydock', 'lab', 'x')).toEqual(['dr', 'la', 'x'])
})

it('those that begin alike are told by where they differ', () => {
  expect(letters('h9base', 'h9two')).toEqual(['hb', 'ht'])
  expect(letters('lab', 'lab-2', 'lab-3', 'dev')).toEqual(['la', 'l2', 'l3', 'de'])
})
