import { expect, test } from 'vitest'
import { keyPlaces, mayNeedPlaces } from './key-places.ts'

const paths = (text: string): string[] => keyPlaces(text).duplicates.map(({ path }) => path)

test('Keys that are there twice are found, wherever they are, and told of once', () => {
  expect(paths('{"a":1,"a":2,"a":3}')).toEqual(['a'])
  expect(paths('{ "a" : { "b" : [ 1 , { "c" : "x" , "c" : null } ] , "b" : {} } }')).toEqual(['a.b[1].c', 'a.b'])
  expect(paths('[{"a":1},{"a":1}]')).toEqual([])
})

test('What only looks like a key is none', () => {
  expect(paths('{"a":"\\"a\\":1,","b":"}","c":[",","]"],"d":-1.5e3,"e":true}')).toEqual([])
  expect(paths('{"a":1,"\\u0061":2}')).toEqual(['a'])
})

test('Empty values and values alone have no keys', () => {
  for (const text of ['{}', '[]', '[[],{}]', '"x"', '1', 'null', '', '  ']) expect(paths(text)).toEqual([])
})

test.each([
  ['{"a":1,"b":{"c":[{"d":null},{"d":[]}]},"e":"x:y"}', false],
  ['{ "a"\n\t\r :1, "b": [1, null, "c"] }', false],
  ['{"a":1,"a":2}', true],
  ['{"a":{"b":[{"c":1,"c" : 1}]}}', true],
  ['{"a":{"b":1},"a":{"b":1}}', true],
  ['[{"a":1},{"a":1}]', false],
  ['1', false],
  ['{"a":"\\":"}', true],
  ['{"__proto__":1,"b":2}', false],
  ['{"a":-10,"b":"1.0","c":[1.0]}', false],
  ['{"a":1.0}', true],
  ['{"a": -1e0}', true],
  ['{"a":"","b":\n10E+2}', true],
])('Whether %s may have keys twice or numbers of fields with fractions: %s', (text, may) => {
  expect(mayNeedPlaces(text, JSON.parse(text))).toBe(may)
})

test('Numbers are told of that are written with a fraction or an exponent', () => {
  expect(keyPlaces('{"a":1.0,"b":[2,{"c":-1e3}],"d":"3.0","e":4}').fractions).toEqual([
    { path: 'a', written: '1.0' },
    { path: 'b[1].c', written: '-1e3' },
  ])
})

test('The first place of a path is known', () => {
  const { placeOf } = keyPlaces('{"a":{"b":1},"a":{"b":2}}')
  expect([placeOf('a'), placeOf('a.b'), placeOf('c')]).toEqual([1, 6, undefined])
})

test('A document of absurd depth is read no further', () => {
  const deep = '['.repeat(100_000)
  expect(paths(`{"a":1,"a":${deep}${']'.repeat(100_000)},"b":1,"b":1}`)).toEqual(['a'])
})

test('A document that is cut off ends', () => {
  expect(paths('{"a":1,"a"')).toEqual(['a'])
  expect(paths('[1, ')).toEqual([])
})
