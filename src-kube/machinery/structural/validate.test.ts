import { describe, expect, test } from 'vitest'
import type { JsonSchema } from './types.ts'
import { validateSchema } from './validate.ts'

const say = (value: unknown, schema: JsonSchema, old?: unknown): string[] =>
  validateSchema(
    { x: value },
    { type: 'object', properties: { x: schema } },
    old === undefined ? undefined : { x: old },
  ).map(({ field, message }) => `${field}: ${message}`)
const text: JsonSchema = { type: 'string' }
const whole: JsonSchema = { type: 'integer' }

describe('a value of the wrong type', () => {
  test.each<[unknown, JsonSchema, string]>([
    ['a', whole, 'Invalid value: "string": x in body must be of type integer: "string"'],
    [1.5, whole, 'Invalid value: "number": x in body must be of type integer: "number"'],
    [5, text, 'Invalid value: "integer": x in body must be of type string: "integer"'],
    [true, { type: 'object' }, 'Invalid value: "boolean": x in body must be of type object: "boolean"'],
    [[], text, 'Invalid value: "array": x in body must be of type string: "array"'],
    [{}, { type: 'array' }, 'Invalid value: "object": x in body must be of type array: "object"'],
    [null, text, 'Invalid value: "null": x in body must be of type string: "null"'],
    [
      true,
      { 'x-kubernetes-int-or-string': true },
      'Invalid value: "boolean": x in body must be of type integer,string: "boolean"',
    ],
  ])('%j is told', (value, schema, words) => {
    expect(say(value, schema)).toEqual([`x: ${words}`])
  })

  test('is not one that fits more than one type', () => {
    expect(say(5, { type: 'number' })).toEqual([])
    expect(say('5%', { 'x-kubernetes-int-or-string': true })).toEqual([])
    expect(say(null, { type: 'string', nullable: true })).toEqual([])
    expect(say(null, {})).toEqual([])
    const [error] = validateSchema('a', whole)
    expect(error).toMatchObject({ type: 'FieldValueTypeInvalid', field: '' })
  })
})

describe('a value beyond its bounds', () => {
  test.each<[unknown, JsonSchema, string]>([
    [0, { minimum: 1 }, 'Invalid value: 0: x in body should be greater than or equal to 1'],
    [1, { minimum: 1, exclusiveMinimum: true }, 'Invalid value: 1: x in body should be greater than 1'],
    [11, { maximum: 10 }, 'Invalid value: 11: x in body should be less than or equal to 10'],
    [10, { maximum: 10, exclusiveMaximum: true }, 'Invalid value: 10: x in body should be less than 10'],
    [7, { multipleOf: 5 }, 'Invalid value: 7: x in body should be a multiple of 5'],
    ['abc', { maxLength: 2 }, 'Too long: may not be more than 2 bytes'],
    ['', { minLength: 1 }, 'Invalid value: "": x in body should be at least 1 chars long'],
    ['b', { pattern: '^a$' }, 'Invalid value: "b": x in body should match \'^a$\''],
    [
      'b',
      { pattern: '+' },
      'Invalid value: "b": x in body should match \'+, but pattern is invalid: error parsing regexp: missing argument to repetition operator: `+`\'',
    ],
    ['x', { format: 'date' }, 'Invalid value: "x": x in body must be of type date: "x"'],
    [2 ** 31, { format: 'int32' }, 'Invalid value: 2147483648: x in body must be of type int32: "2147483648"'],
    ['c', { enum: ['a', 'b'] }, 'Unsupported value: "c": supported values: "a", "b"'],
    [3, { enum: [1, 2] }, 'Unsupported value: 3: supported values: "1", "2"'],
    [null, { enum: ['a'] }, 'Unsupported value: "null": supported values: "a"'],
    [[], { minItems: 1 }, 'Invalid value: 0: x in body should have at least 1 items'],
    [[1, 2], { maxItems: 1 }, 'Too many: 2: must have at most 1 items'],
    [{}, { minProperties: 1 }, 'Invalid value: 0: x in body should have at least 1 properties'],
    [{ a: 1, b: 2 }, { maxProperties: 1 }, 'Too many: 2: must have at most 1 items'],
  ])('%j is told', (value, schema, words) => {
    expect(say(value, schema)).toEqual([`x: ${words}`])
  })

  test.each<[unknown, JsonSchema]>([
    [5, { minimum: 1, maximum: 10, multipleOf: 5, format: 'int32' }],
    [2, { minimum: 1, exclusiveMinimum: true, maximum: 3, exclusiveMaximum: true }],
    ['ab', { minLength: 1, maxLength: 2, pattern: 'b', format: 'no such format' }],
    ['AB1', { pattern: '(?i)^[[:alpha:]]+\\pN\\z' }],
    ['😀', { maxLength: 1 }],
    [null, { enum: ['a'], nullable: true }],
    [{ a: [1] }, { enum: [{ a: [1] }] }],
    [[1], { minItems: 1, maxItems: 1, items: whole }],
    [{ a: 1 }, { minProperties: 1, maxProperties: 1 }],
  ])('%j is within them', (value, schema) => {
    expect(say(value, schema)).toEqual([])
  })
})

describe('an object', () => {
  test('has what is required, and each part is judged by its own place', () => {
    const schema: JsonSchema = {
      type: 'object',
      required: ['a', 'b'],
      properties: { a: text, list: { type: 'array', items: { type: 'object', properties: { n: whole } } } },
    }
    expect(say({ b: 1, list: [{ n: 'z' }] }, schema)).toEqual([
      'x.list[0].n: Invalid value: "string": x.list[0].n in body must be of type integer: "string"',
      'x.a: Required value',
    ])
  })

  test('has other properties by one schema', () => {
    expect(say({ k: 1 }, { additionalProperties: text })).toEqual([
      'x.k: Invalid value: "integer": x.k in body must be of type string: "integer"',
    ])
    expect(say({ k: 1, gone: undefined }, { additionalProperties: true, properties: { gone: text } })).toEqual([])
  })
})

describe('alternatives', () => {
  const short: JsonSchema = { maxLength: 1 }
  const a: JsonSchema = { pattern: '^a' }

  test('of which one at least must hold', () => {
    expect(say('ab', { anyOf: [short, a] })).toEqual([])
    expect(say('bb', { anyOf: [short, a] })).toEqual([
      '<nil>: Invalid value: "": "x" must validate at least one schema (anyOf)',
      'x: Too long: may not be more than 1 bytes',
    ])
  })

  test('of which exactly one must hold', () => {
    expect(say('ab', { oneOf: [short, a] })).toEqual([])
    expect(say('a', { oneOf: [short, a] })).toEqual([
      '<nil>: Invalid value: "": "x" must validate one and only one schema (oneOf). Found 2 valid alternatives',
    ])
    expect(say('bb', { oneOf: [short] })).toEqual([
      '<nil>: Invalid value: "": "x" must validate one and only one schema (oneOf). Found none valid',
      'x: Too long: may not be more than 1 bytes',
    ])
  })

  test('that must all hold, or not at all', () => {
    expect(say('a', { allOf: [short, a] })).toEqual([])
    expect(say('ab', { allOf: [short, a] })).toEqual([
      'x: Too long: may not be more than 1 bytes',
      '<nil>: Invalid value: "": "x" must validate all the schemas (allOf)',
    ])
    expect(say('bb', { allOf: [short] })[1]).toContain('(allOf). None validated')
    expect(say('a', { not: a })).toEqual(['<nil>: Invalid value: "": "x" must not validate the schema (not)'])
    expect(say('b', { not: a })).toEqual([])
  })
})

// KEP-4008, "CRD Validation Ratcheting".
describe('an update', () => {
  const schema: JsonSchema = { type: 'object', properties: { a: { maxLength: 1 }, b: { maxLength: 1 } } }

  test('is judged by what it changes', () => {
    expect(say({ a: 'long', b: 'x' }, schema, { a: 'long', b: 'y' })).toEqual([])
    expect(say({ a: 'long' }, schema, { a: 'longer' })).toHaveLength(1)
    expect(say({ a: 'long' }, schema, 'text')).toHaveLength(1)
  })

  test('knows items again by their keys', () => {
    const keyed: JsonSchema = {
      items: { type: 'object', properties: { v: { maxLength: 1 } } },
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['k'],
    }
    const old = [{ k: 1, v: 'long' }]
    expect(
      say(
        [
          { k: 2, v: 'x' },
          { k: 1, v: 'long' },
        ],
        keyed,
        old,
      ),
    ).toEqual([])
    expect(say([{ k: 2, v: 'long' }, 5], keyed, old)).toHaveLength(2)
    expect(say([{ k: 1, v: 'long' }, { v: 'x' }], { ...keyed, 'x-kubernetes-list-type': 'atomic' }, old)).toHaveLength(
      1,
    )
  })
})
