import { describe, expect, test } from 'vitest'
import { fieldPath } from '../field-path.ts'
import { checkSchema } from './rules.ts'
import type { JsonSchema } from './types.ts'

const check = (schema: JsonSchema, allowDefaults = true): string[] =>
  checkSchema(schema, fieldPath('s'), { allowDefaults }).map(({ field, message }) => `${field}: ${message}`)
const text: JsonSchema = { type: 'string' }

describe('a schema', () => {
  test.each<[JsonSchema, string]>([
    [{ $ref: '#/x' }, 's.$ref: Forbidden: $ref is not supported'],
    [{ definitions: {} }, 's.definitions: Forbidden: definitions is not supported'],
    [{ id: 'x' }, 's.id: Forbidden: id is not supported'],
    [
      { uniqueItems: true },
      's.uniqueItems: Forbidden: uniqueItems cannot be set to true since the runtime complexity becomes quadratic',
    ],
    [
      { additionalProperties: false, properties: { a: text } },
      's.additionalProperties: Forbidden: additionalProperties and properties are mutual exclusive',
    ],
    [
      { additionalProperties: text, properties: { a: text } },
      's.additionalProperties: Forbidden: additionalProperties and properties are mutual exclusive',
    ],
    [{ items: [text] }, 's.items: Forbidden: items must be a schema object and not an array'],
    [
      { type: 'text' },
      's.type: Unsupported value: "text": supported values: "array", "boolean", "integer", "number", "object", "string"',
    ],
    [
      { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'object' } },
      's.items.x-kubernetes-map-type: Invalid value: "null": must be atomic as item of a list with x-kubernetes-list-type=set',
    ],
    [
      {
        type: 'array',
        'x-kubernetes-list-type': 'set',
        items: { type: 'array', items: text, 'x-kubernetes-list-type': 'set' },
      },
      's.items.x-kubernetes-list-type: Invalid value: "set": must be atomic as item of a list with x-kubernetes-list-type=set',
    ],
    [
      { pattern: '(' },
      's.pattern: Invalid value: "(": must be a valid regular expression, but isn\'t: error parsing regexp: missing closing ): `(`',
    ],
    [
      { pattern: '^(?!a)' },
      's.pattern: Invalid value: "^(?!a)": must be a valid regular expression, but isn\'t: error parsing regexp: invalid or unsupported Perl syntax: `(?!`',
    ],
    [
      { 'x-kubernetes-preserve-unknown-fields': false },
      's.x-kubernetes-preserve-unknown-fields: Invalid value: false: must be true or undefined',
    ],
    [
      { 'x-kubernetes-map-type': 'atomic' },
      's.type: Required value: must be object if x-kubernetes-map-type is specified',
    ],
    [
      { type: 'array', 'x-kubernetes-map-type': 'atomic' },
      's.type: Invalid value: "array": must be object if x-kubernetes-map-type is specified',
    ],
    [
      { type: 'object', 'x-kubernetes-map-type': 'set' },
      's.x-kubernetes-map-type: Unsupported value: "set": supported values: "atomic", "granular"',
    ],
  ])('%j is refused', (schema, words) => {
    expect(check(schema)).toEqual([words])
  })

  test('has no null for a type', () => {
    expect(check({ type: 'null' })).toEqual([
      's.type: Unsupported value: "null": supported values: "array", "boolean", "integer", "number", "object", "string"',
      's.type: Forbidden: type cannot be set to null, use nullable as an alternative',
    ])
  })

  test('is checked at every depth', () => {
    const wrong: JsonSchema = { id: 'x' }
    const words = 'Forbidden: id is not supported'
    const schema: JsonSchema = {
      properties: { a: wrong },
      items: { additionalProperties: wrong },
      allOf: [wrong],
      anyOf: [wrong],
      oneOf: [wrong],
      not: wrong,
    }
    expect(check(schema).toSorted()).toEqual(
      ['allOf[0]', 'anyOf[0]', 'items.additionalProperties', 'not', 'oneOf[0]', 'properties[a]'].map(
        (at) => `s.${at}.id: ${words}`,
      ),
    )
  })

  test('may have no properties at all', () => {
    expect(check({ type: 'object', additionalProperties: false })).toEqual([])
  })

  test('has defaults that are as it says, where there may be some', () => {
    expect(check({ type: 'integer', default: 5 })).toEqual([])
    expect(check({ type: 'integer', default: 5 }, false)).toEqual(['s.default: Forbidden: must not be set'])
    expect(check({ type: 'integer', default: 'a' })).toEqual([
      's.default: Invalid value: "string":  in body must be of type integer: "string"',
    ])
    expect(check({ type: 'object', default: {}, required: ['a'] })).toEqual(['s.default.a: Required value'])
    expect(check({ type: 'object', default: { a: 'x', b: 1 }, properties: { a: text } })).toEqual([
      's.default: Invalid value: {"a":"x","b":1}: must not have unknown fields',
    ])
  })

  test('has defaults of objects that say what they are', () => {
    const embedded: JsonSchema = {
      type: 'object',
      'x-kubernetes-embedded-resource': true,
      'x-kubernetes-preserve-unknown-fields': true,
    }
    expect(check({ ...embedded, default: { kind: 'A' } })).toEqual([
      's.default.apiVersion: Required value: must not be empty',
    ])
    const twice = ['a', 'a']
    expect(check({ type: 'array', items: text, 'x-kubernetes-list-type': 'set', default: twice })).toEqual([])
    expect(check({ type: 'array', items: text, default: [1] })).toEqual([
      's.default[0]: Invalid value: "integer": [0] in body must be of type string: "integer"',
    ])
  })

  test('has none in what every object gets from the server', () => {
    const properties = { apiVersion: { ...text, default: 'x' }, spec: { type: 'object', properties: { kind: text } } }
    const metadata = { type: 'object', properties: { name: { ...text, default: 'x' } } }
    expect(check({ type: 'object', properties: { ...properties, metadata } })).toEqual([
      's.properties[apiVersion].default: Forbidden: must not be set in top-level apiVersion',
      's.properties[metadata].properties[name].default: Forbidden: must not be set in top-level metadata',
    ])
    expect(
      check({ type: 'object', properties: { spec: { properties: { kind: { ...text, default: 'x' } } } } }),
    ).toEqual([])
  })
})

describe('a list', () => {
  const list = (more: JsonSchema): JsonSchema => ({ type: 'array', 'x-kubernetes-list-type': 'map', ...more })
  const keys = { 'x-kubernetes-list-map-keys': ['a'] }
  const items: JsonSchema = { type: 'object', properties: { a: text }, required: ['a'] }

  test('of type map names the keys of its items', () => {
    expect(check(list({ ...keys, items }))).toEqual([])
    expect(check(list({ ...keys, items: { type: 'object', properties: { a: { ...text, default: 'x' } } } }))).toEqual(
      [],
    )
    expect(check(list({ items }))).toEqual([
      's.x-kubernetes-list-map-keys: Required value: must not be empty if x-kubernetes-list-type is map',
    ])
    expect(check(list(keys))).toEqual(['s.items: Required value: must have a schema if x-kubernetes-list-type is map'])
    expect(check(list({ ...keys, items: {} }))).toEqual([
      's.items.type: Invalid value: "": must be object if parent array\'s x-kubernetes-list-type is map',
      's.x-kubernetes-list-map-keys: Invalid value: ["a"]: entries must all be names of item properties',
    ])
    expect(check(list({ 'x-kubernetes-list-map-keys': ['a', 'a'], items }))).toEqual([
      's.x-kubernetes-list-map-keys: Invalid value: ["a","a"]: must not contain duplicate entries',
    ])
    const absent: JsonSchema = { ...items, nullable: true, properties: { a: { ...text, nullable: true } } }
    expect(check(list({ ...keys, items: absent }))).toEqual([
      's.items.nullable: Forbidden: cannot be nullable when x-kubernetes-list-type is map',
      's.items.properties[a].nullable: Forbidden: this property is in x-kubernetes-list-map-keys, so it cannot be nullable',
    ])
    const nested: JsonSchema = { type: 'object', properties: { a: { type: 'object' } } }
    expect(check(list({ ...keys, items: nested }))).toEqual([
      's.items.properties[a].type: Invalid value: "object": must be a scalar type if parent array\'s x-kubernetes-list-type is map',
    ])
    expect(check(list({ ...keys, items: { type: 'object', properties: { a: text } } }))).toEqual([
      's.items.properties[a].default: Required value: this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property',
    ])
  })

  test('of type set has no null among its items', () => {
    expect(check({ type: 'array', 'x-kubernetes-list-type': 'set', items: { ...text, nullable: true } })).toEqual([
      's.items.nullable: Forbidden: cannot be nullable when x-kubernetes-list-type is set',
    ])
  })

  test('of another type has none', () => {
    const words = 'must be map if x-kubernetes-list-map-keys is non-empty'
    expect(check(list({ ...keys, items: text, 'x-kubernetes-list-type': 'set' }))).toEqual([
      `s.x-kubernetes-list-type: Invalid value: "set": ${words}`,
    ])
    expect(check({ type: 'array', items, ...keys })).toEqual([`s.x-kubernetes-list-type: Required value: ${words}`])
    expect(check({ type: 'array', 'x-kubernetes-list-type': 'bag' })).toEqual([
      's.x-kubernetes-list-type: Unsupported value: "bag": supported values: "atomic", "set", "map"',
    ])
    const array = 'must be array if x-kubernetes-list-type is specified'
    expect(check({ 'x-kubernetes-list-type': 'set' })).toEqual([`s.type: Required value: ${array}`])
    expect(check({ type: 'object', 'x-kubernetes-list-type': 'set' })).toEqual([
      `s.type: Invalid value: "object": ${array}`,
    ])
  })
})
