import { describe, expect, test } from 'vitest'
import { applyDefaults, hasDefaults } from './defaults.ts'
import type { JsonSchema } from './types.ts'

const defaulted = (value: unknown, schema: JsonSchema | undefined): unknown => {
  const copy = structuredClone(value)
  applyDefaults(copy, schema)
  return copy
}

describe('defaults', () => {
  const schema: JsonSchema = {
    type: 'object',
    properties: {
      a: { type: 'string', default: 'x' },
      deep: { type: 'object', default: {}, properties: { b: { type: 'integer', default: 3 } } },
      list: { type: 'array', items: { type: 'object', properties: { c: { default: true } } } },
      bare: { type: 'object', properties: { d: { default: 1 } } },
    },
  }

  test('stand where nothing stood, in what was defaulted too', () => {
    expect(defaulted({ list: [{}, { c: false }] }, schema)).toEqual({
      a: 'x',
      deep: { b: 3 },
      list: [{ c: true }, { c: false }],
    })
  })

  test('belong to each object alone', () => {
    const first = defaulted({}, schema) as { deep: { b: number } }
    first.deep.b = 9
    expect(defaulted({}, schema)).toHaveProperty('deep.b', 3)
  })

  test('replace a null that may not be; one without a default goes, one that may be stays', () => {
    const nulls: JsonSchema = {
      properties: { a: { default: 1 }, b: {}, c: { nullable: true, default: 1 } },
      additionalProperties: { default: 'z' },
    }
    expect(defaulted({ a: null, b: null, c: null }, { ...nulls, additionalProperties: false })).toEqual({
      a: 1,
      c: null,
    })
    expect(defaulted({ x: null, y: 1 }, { additionalProperties: { default: 'z' } })).toEqual({ x: 'z', y: 1 })
    expect(defaulted({ x: null, y: 1 }, { additionalProperties: { type: 'integer' } })).toEqual({ y: 1 })
    expect(defaulted({ x: null }, { additionalProperties: { nullable: true } })).toEqual({ x: null })
    expect(defaulted([null, 1], { items: { default: 5 } })).toEqual([5, 1])
    expect(defaulted([null], { items: {} })).toEqual([null])
  })

  test('need a schema', () => {
    expect(defaulted({ a: null }, undefined)).toEqual({ a: null })
    expect(defaulted('text', schema)).toBe('text')
  })

  test('are looked for before anything is walked', () => {
    expect(hasDefaults(schema)).toBe(true)
    expect(hasDefaults(undefined)).toBe(false)
    expect(hasDefaults({ items: { properties: { a: { default: 0 } } } })).toBe(true)
    expect(hasDefaults({ additionalProperties: { default: false } })).toBe(true)
    expect(hasDefaults({ items: [{ default: 1 }], additionalProperties: true })).toBe(false)
  })
})
