import { expect, test } from 'vitest'
import { validateExtensions } from './lists.ts'
import type { JsonSchema } from './types.ts'

const say = (value: unknown, schema: JsonSchema): string[] =>
  validateExtensions(value, schema).map(({ field, message }) => `${field}: ${message}`)

test('items of a set are there once, as are those of a list with keys', () => {
  const set: JsonSchema = { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' } }
  const map: JsonSchema = { ...set, 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['a'], items: {} }
  const schema: JsonSchema = {
    properties: { set, map, plain: { type: 'array', items: {} } },
    additionalProperties: set,
  }
  expect(say({ set: ['x', 'y', 'x'], plain: [1, 1] }, schema)).toEqual(['set[2]: Duplicate value: "x"'])
  expect(say({ other: ['x', 'x'] }, schema)).toEqual(['[other][1]: Duplicate value: "x"'])
  expect(say({ map: [{ a: 1, b: 1 }, { a: 1 }, { a: 2 }, 5] }, schema)).toEqual(['map[1]: Duplicate value: {"a":1}'])
  expect(say({ set: 5, map: [] }, schema)).toEqual([])
  expect(
    say({ map: [5, 6] }, { properties: { map: { ...map, 'x-kubernetes-list-map-keys': undefined } } }),
  ).toHaveLength(1)
})

test('embedded resources say what they are', () => {
  const embedded: JsonSchema = { type: 'object', 'x-kubernetes-embedded-resource': true, properties: { metadata: {} } }
  expect(say({ e: { metadata: {} } }, { properties: { e: embedded } })).toEqual([
    'e.apiVersion: Required value: must not be empty',
    'e.kind: Required value: must not be empty',
  ])
  expect(say([{ apiVersion: 'v1', kind: 'Pod', spec: {} }], { items: embedded })).toEqual([])
  expect(say([{ apiVersion: 'a/b/c', kind: '1Pod', metadata: { name: 'x/y' } }], { items: embedded })).toEqual([
    '[0].apiVersion: Invalid value: "a/b/c": unexpected GroupVersion string: a/b/c',
    expect.stringMatching(
      /^\[0\]\.kind: Invalid value: "1Pod": may have mixed case, but should otherwise match: a DNS-1035/,
    ),
    `[0].metadata.name: Invalid value: "x/y": may not contain '/'`,
  ])
})
