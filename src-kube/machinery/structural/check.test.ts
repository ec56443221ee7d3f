import { describe, expect, test } from 'vitest'
import { fieldPath } from '../field-path.ts'
import { checkStructural } from './check.ts'
import type { JsonSchema } from './types.ts'

const check = (schema: JsonSchema): string[] =>
  checkStructural(schema, fieldPath('s')).map(({ field, message }) => `${field}: ${message}`)
const object = (properties: Record<string, JsonSchema>, more: JsonSchema = {}): JsonSchema => ({
  type: 'object',
  properties,
  ...more,
})
const text: JsonSchema = { type: 'string' }

// kubernetes.io, "Extend the Kubernetes API with CustomResourceDefinitions: Specifying a structural schema".
describe('a structural schema', () => {
  test('has a type everywhere', () => {
    expect(check(object({ a: text, list: { type: 'array', items: text } }))).toEqual([])
    expect(check({})).toEqual(['s.type: Required value: must not be empty at the root'])
    expect(check({ type: 'string' })).toEqual(['s.type: Invalid value: "string": must be object at the root'])
    expect(check({ type: 'object', 'x-kubernetes-preserve-unknown-fields': true })).toEqual([])
    expect(check({ 'x-kubernetes-preserve-unknown-fields': true })).toHaveLength(1)
    expect(check(object({ a: {} }))).toEqual([
      's.properties[a].type: Required value: must not be empty for specified object fields',
    ])
    expect(check(object({ a: { type: 'array', items: {} } }))).toEqual([
      's.properties[a].items.type: Required value: must not be empty for specified array items',
    ])
    expect(check(object({ a: { type: 'array' } }))).toEqual([
      's.properties[a].items: Required value: must be specified',
    ])
    expect(check(object({ a: { type: 'object', additionalProperties: {} } }))).toEqual([
      's.properties[a].additionalProperties.type: Required value: must not be empty for specified object fields',
    ])
  })

  test('has named fields at its root', () => {
    const words = 's.additionalProperties: Forbidden: must not be used at the root'
    expect(check({ type: 'object', additionalProperties: text })).toEqual([words])
    expect(check({ type: 'object', additionalProperties: false })).toEqual([words])
  })

  test('says of an int-or-string nothing more', () => {
    const anyOf: JsonSchema[] = [{ type: 'integer' }, { type: 'string' }]
    const either = (more: JsonSchema) => check(object({ a: { 'x-kubernetes-int-or-string': true, ...more } }))
    expect(either({ anyOf })).toEqual([])
    expect(either({ allOf: [{ anyOf }, { pattern: 'x' }] })).toEqual([])
    const words = 'type: Forbidden: must be empty to be structural'
    const other = [`s.properties[a].anyOf[0].${words}`, `s.properties[a].anyOf[1].${words}`]
    expect(either({ anyOf: anyOf.toReversed() })).toEqual(other)
    expect(either({ anyOf: [{ type: 'integer', minimum: 1 }, { type: 'string' }] })).toEqual(other)
    expect(either({ allOf: [{ minimum: 1 }, { anyOf }] })).toHaveLength(2)
    expect(either({ 'x-kubernetes-preserve-unknown-fields': true })).toEqual([
      's.properties[a].x-kubernetes-preserve-unknown-fields: Invalid value: true: must be false if x-kubernetes-int-or-string is true',
    ])
    // A type says nothing beside it: validation takes both.
    expect(check(object({ a: { 'x-kubernetes-int-or-string': true, type: 'string' } }))).toEqual([])
  })

  test('embeds objects', () => {
    const embedded = (more: JsonSchema) => check(object({ a: { 'x-kubernetes-embedded-resource': true, ...more } }))
    const words = 'must be object if x-kubernetes-embedded-resource is true'
    expect(embedded({ type: 'object', 'x-kubernetes-preserve-unknown-fields': true })).toEqual([])
    expect(embedded({ type: 'string' })).toEqual([
      `s.properties[a].type: Invalid value: "string": ${words}`,
      's.properties[a].properties: Required value: must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields',
    ])
    expect(embedded({ 'x-kubernetes-preserve-unknown-fields': true })).toEqual([
      `s.properties[a].type: Required value: ${words}`,
    ])
    expect(embedded({ type: 'object', additionalProperties: text })).toEqual([
      's.properties[a].properties: Required value: must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields',
      's.properties[a].additionalProperties: Forbidden: must not be used if x-kubernetes-embedded-resource is set',
    ])
  })

  test('leaves the metadata to the server, but for names', () => {
    const named = { type: 'object', description: 'd', properties: { name: { ...text, maxLength: 5 } } }
    expect(check(object({ apiVersion: text, kind: text, metadata: named }))).toEqual([])
    const words =
      's.properties[metadata]: Forbidden: must not specify anything other than name and generateName, but metadata is implicitly specified'
    expect(check(object({ metadata: object({ labels: { type: 'object' } }) }))).toEqual([words])
    expect(check(object({ metadata: { type: 'object', required: ['name'] } }))).toEqual([words])
    expect(check(object({ metadata: { 'x-kubernetes-preserve-unknown-fields': true } }))).toContain(
      's.properties[metadata].type: Invalid value: "": must be object',
    )
    expect(check(object({ kind: { type: 'integer' } }))).toEqual([
      's.properties[kind].type: Invalid value: "integer": must be string',
    ])
    expect(check(object({ kind: {} }))).toContain('s.properties[kind].type: Invalid value: "": must be string')
    const inner = object(
      { metadata: object({ labels: { type: 'object' } }) },
      { 'x-kubernetes-embedded-resource': true },
    )
    expect(check(object({ inner }))).toEqual([])
  })

  test('specifies outside of junctors what they speak of', () => {
    const nested: JsonSchema = { properties: { a: { minLength: 1 }, list: { items: { maxLength: 2 } } } }
    const whole = object({ a: text, list: { type: 'array', items: text } }, { anyOf: [nested], not: nested })
    expect(check(whole)).toEqual([])
    expect(check({ type: 'object', allOf: [{ oneOf: [nested] }] })).toEqual([
      's.properties[a]: Required value: because it is defined in s.allOf[0].oneOf[0].properties[a]',
      's.properties[list]: Required value: because it is defined in s.allOf[0].oneOf[0].properties[list]',
    ])
    expect(check(object({ a: { type: 'array', not: { items: { not: {} } } } }))).toContain(
      's.properties[a].items: Required value: because it is defined in s.properties[a].not.items',
    )
  })

  test('says in junctors only what values must be like', () => {
    const inside = (nested: JsonSchema) =>
      check(object({ list: { type: 'array', items: object({}, { additionalProperties: text }) } }, { allOf: [nested] }))
    expect(inside({ type: 'object', nullable: true, default: {} })).toEqual([
      's.allOf[0].type: Forbidden: must be empty to be structural',
      's.allOf[0].default: Forbidden: must be undefined to be structural',
      's.allOf[0].nullable: Forbidden: must be false to be structural',
    ])
    expect(inside({ 'x-kubernetes-validations': [{ rule: 'true' }], 'x-kubernetes-list-map-keys': [] })).toEqual([
      's.allOf[0].x-kubernetes-validations: Forbidden: must be empty to be structural',
    ])
    expect(inside({ properties: { metadata: { minLength: 1 } } })).toContain(
      's.allOf[0].properties[metadata]: Forbidden: must not be specified in a nested context',
    )
    expect(inside({ properties: { list: { items: { description: 'd' } } } })).toEqual([
      's.allOf[0].properties[list].items.description: Forbidden: must be empty to be structural',
    ])
    const map: JsonSchema = { type: 'object', additionalProperties: { ...text, not: { title: 't' } } }
    expect(check(object({ map }))).toEqual([
      's.properties[map].additionalProperties.not.title: Forbidden: must be empty to be structural',
    ])
  })
})
