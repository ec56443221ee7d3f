import { describe, expect, test } from 'vitest'
import { encodeFields } from '../fields-v1/encode.ts'
import { compare, fieldsOf } from '../fields-v1/owned.ts'
import { shapeOfObject } from '../fields-v1/shape.ts'
import { typedMerge } from '../patch/typed-merge.ts'
import { structOfSchema } from './struct-schema.ts'
import type { JsonSchema } from './types.ts'

const text: JsonSchema = { type: 'string' }
const shape = (schema: JsonSchema | undefined) => shapeOfObject(structOfSchema('example.com/v1', 'Tool', schema))
const owned = (spec: unknown, schema: JsonSchema | undefined) => {
  const set = fieldsOf({ spec }, shape(schema && { type: 'object', properties: { spec: schema } }))
  return (encodeFields(set) as { 'f:spec': unknown })['f:spec']
}
const port: JsonSchema = {
  type: 'object',
  properties: { port: { type: 'integer' }, protocol: { type: 'string', default: 'TCP' } },
}

describe('the fields of a custom resource', () => {
  test('are its leaves', () => {
    const schema: JsonSchema = {
      type: 'object',
      properties: { a: text, b: { type: 'object', properties: { c: text } } },
    }
    expect(owned({ a: '1', b: { c: '2' } }, schema)).toEqual({ 'f:a': {}, 'f:b': { 'f:c': {} } })
  })

  test('are the items of sets and of lists that are maps; other lists are one', () => {
    const list = (type: string): JsonSchema => ({ type: 'array', items: text, 'x-kubernetes-list-type': type })
    const map: JsonSchema = {
      type: 'array',
      items: port,
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['port', 'protocol'],
    }
    const schema: JsonSchema = {
      type: 'object',
      properties: { set: list('set'), atomic: list('atomic'), plain: { type: 'array', items: text }, map },
    }
    expect(owned({ set: ['a'], atomic: ['a'], plain: ['a'], map: [{ port: 1 }] }, schema)).toEqual({
      'f:set': { 'v:"a"': {} },
      'f:atomic': {},
      'f:plain': {},
      'f:map': { 'k:{"port":1,"protocol":"TCP"}': { '.': {}, 'f:port': {} } },
    })
  })

  test('are the entries of maps, but for an atomic one', () => {
    const map: JsonSchema = { type: 'object', additionalProperties: text }
    const schema: JsonSchema = {
      type: 'object',
      properties: { map, whole: { ...map, 'x-kubernetes-map-type': 'atomic' } },
    }
    expect(owned({ map: { x: '1' }, whole: { x: '1' } }, schema)).toEqual({
      'f:map': { 'f:x': {} },
      'f:whole': {},
    })
  })

  test('are deduced where nothing is declared', () => {
    const value = { a: { b: 1, list: [{ c: 1 }] }, d: null }
    const deduced = { 'f:a': { 'f:b': {}, 'f:list': {} }, 'f:d': {} }
    expect(owned(value, { type: 'object', 'x-kubernetes-preserve-unknown-fields': true })).toEqual(deduced)
    expect(
      owned({ ...value, e: 'x' }, { 'x-kubernetes-preserve-unknown-fields': true, properties: { e: text } }),
    ).toEqual({
      ...deduced,
      'f:e': {},
    })
    expect(owned(value, undefined)).toEqual(deduced)
  })

  test('of an embedded resource include its metadata', () => {
    const schema: JsonSchema = {
      type: 'object',
      'x-kubernetes-embedded-resource': true,
      'x-kubernetes-preserve-unknown-fields': true,
    }
    expect(owned({ kind: 'Pod', metadata: { finalizers: ['a/b'] }, spec: { x: 1 } }, schema)).toEqual({
      'f:kind': {},
      'f:metadata': { 'f:finalizers': { 'v:"a/b"': {} } },
      'f:spec': { 'f:x': {} },
    })
  })

  test('that are a number or a text are leaves', () => {
    expect(owned({ a: 5 }, { type: 'object', properties: { a: { 'x-kubernetes-int-or-string': true } } })).toEqual({
      'f:a': {},
    })
  })
})

test('a deduced value that changes its form has changed', () => {
  const open = shape(undefined)
  expect(encodeFields(compare({ spec: { a: 1 } }, { spec: { a: 2 } }, open).modified)).toEqual({
    'f:spec': { 'f:a': {} },
  })
  expect(encodeFields(compare({ spec: 1 }, { spec: { a: 2 } }, open).added)).toEqual({ 'f:spec': { 'f:a': {} } })
})

test('configurations are laid over deduced objects field by field', () => {
  expect(typedMerge({ spec: { a: 1, list: [1, 2] } }, { spec: { b: 2, list: [3] } }, shape(undefined))).toEqual({
    spec: { a: 1, b: 2, list: [3] },
  })
})
