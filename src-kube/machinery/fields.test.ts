import { describe, expect, it } from 'vitest'
import { parseFieldSelector } from './fields.ts'

const object: Record<string, string> = { 'metadata.name': 'a', 'status.phase': 'Running', odd: 'x,y=z\\' }
const get = (path: string): string | undefined => object[path]

describe('parseFieldSelector', () => {
  const cases: Array<[string, boolean]> = [
    ['', true],
    [',', true],
    ['metadata.name=a', true],
    ['metadata.name==a', true],
    ['metadata.name=b', false],
    ['metadata.name!=b', true],
    ['metadata.name!=a', false],
    [' metadata.name=a,status.phase!=Failed', true],
    ['metadata.name=a,status.phase=Failed', false],
    ['spec.nodeName=', true],
    ['spec.nodeName!=', false],
    ['odd=x\\,y\\=z\\\\', true],
  ]
  it.each(cases)('%j is %j', (text, expected) => {
    expect(parseFieldSelector(text).matches(get)).toBe(expected)
  })

  it('lists what it asks for', () => {
    expect(parseFieldSelector('a!=b,c==d').requirements).toEqual([
      { field: 'a', operator: '!=', value: 'b' },
      { field: 'c', operator: '=', value: 'd' },
    ])
  })

  it.each([
    ['a', "invalid selector: 'a'; can't understand 'a'"],
    ['a=b=c', 'invalid field selector: unescaped character in value: 61'],
    ['a=b\\', 'invalid field selector: invalid escape sequence: \\'],
    ['a=\\b', 'invalid field selector: invalid escape sequence: \\b'],
  ])('refuses %j with 400: %s', (text, message) => {
    expect(() => parseFieldSelector(text)).toThrow(expect.objectContaining({ code: 400, message }))
  })
})
