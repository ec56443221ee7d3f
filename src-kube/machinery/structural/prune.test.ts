import { describe, expect, test } from 'vitest'
import { prune } from './prune.ts'
import { asResource, type JsonSchema } from './types.ts'

const pruned = (value: object, schema: JsonSchema | undefined) => {
  const copy = structuredClone(value)
  return { paths: prune(copy, schema), value: copy }
}
const text: JsonSchema = { type: 'string' }

describe('pruning', () => {
  test('takes out what is not specified, wherever it is, and says where it was', () => {
    const item: JsonSchema = { type: 'object', properties: { name: text } }
    const schema: JsonSchema = {
      type: 'object',
      properties: { spec: { type: 'object', properties: { a: text, list: { type: 'array', items: item } } } },
    }
    const value = { spec: { a: 'x', b: 1, list: [{ name: 'n', c: 1 }, { d: 1 }] } }
    expect(pruned(value, schema)).toEqual({
      paths: ['spec.b', 'spec.list[0].c', 'spec.list[1].d'],
      value: { spec: { a: 'x', list: [{ name: 'n' }, {}] } },
    })
  })

  test('leaves what every object has at the root alone, without a schema too', () => {
    const value = { apiVersion: 'a/v1', kind: 'A', metadata: { name: 'n' }, spec: {} }
    expect(pruned(value, asResource({ type: 'object' })).paths).toEqual(['spec'])
    expect(pruned(value, asResource(undefined)).paths).toEqual(['spec'])
  })

  test('leaves embedded resources their own fields', () => {
    const embedded: JsonSchema = { type: 'object', 'x-kubernetes-embedded-resource': true }
    const value = { e: { apiVersion: 'v1', kind: 'Pod', metadata: {}, data: 1 } }
    expect(pruned(value, { properties: { e: embedded } }).paths).toEqual(['e.data'])
  })

  test('does not prune beneath x-kubernetes-preserve-unknown-fields, but what is specified there', () => {
    const inner: JsonSchema = { type: 'object', properties: { a: text } }
    const schema: JsonSchema = { 'x-kubernetes-preserve-unknown-fields': true, properties: { inner } }
    expect(pruned({ any: { b: 1 }, inner: { a: 'x', c: 1 } }, schema)).toEqual({
      paths: ['inner.c'],
      value: { any: { b: 1 }, inner: { a: 'x' } },
    })
    const list: JsonSchema = { type: 'array', 'x-kubernetes-preserve-unknown-fields': true }
    expect(pruned({ list: [{ a: 1 }] }, { properties: { list } }).paths).toEqual([])
  })

  test('knows additional properties by their schema', () => {
    const schema: JsonSchema = { additionalProperties: { type: 'object', properties: { a: text } } }
    expect(pruned({ x: { a: '', b: '' } }, schema).paths).toEqual(['x.b'])
    expect(pruned({ x: 1 }, { additionalProperties: true }).paths).toEqual([])
    expect(pruned({ x: 1 }, { additionalProperties: false }).paths).toEqual(['x'])
  })
})
