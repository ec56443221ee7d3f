import { expect, it } from 'vitest'
import { en } from './en.ts'
import { zh } from './zh-cn.ts'

function paths(words: object, at = ''): string[] {
  return Object.entries(words).flatMap(([name, value]) =>
    typeof value === 'object' && value !== null ? paths(value as object, `${at}${name}.`) : [`${at}${name}`],
  )
}
const placeholders = (words: object): string[] =>
  Object.entries(words).flatMap(([name, value]) =>
    typeof value === 'string'
      ? [`${name} ${[...new Set(value.match(/\{\w+\}/g))].sort().join(' ')}`]
      : placeholders(value as object),
  )
/** Kinds have a Chinese word beside their English name; in English there is none to give. */
const { kinds: _, ...chinese } = zh
const { kinds: __, ...english } = en

it('has every word in both languages, with the same places to fill', () => {
  expect(paths(chinese).sort()).toEqual(paths(english).sort())
  expect(placeholders(chinese).sort()).toEqual(placeholders(english).sort())
})
