import { describe, expect, test } from 'vitest'
import { schemaOf, type StructSchema } from '../schema/index.ts'
import { structOfSchema } from '../structural/struct-schema.ts'
import { fieldsOfCreated } from './created.ts'
import { decodeFields, encodeFields } from './encode.ts'
import { compare } from './owned.ts'
import { emptySet, setOf } from './field-set.ts'
import {
  decodeShared,
  encodeShared,
  sharedFields,
  sharedPaths,
  sharedSet,
  sharedUnion,
  textOfFields,
} from './shared.ts'
import { shapeOfObject } from './shape.ts'

const pod = schemaOf('v1', 'Pod')
const encoded = (object: object, schema: StructSchema = pod) => encodeFields(fieldsOfCreated(object, schema))
const compared = (object: object, schema: StructSchema = pod) =>
  encodeFields(compare({}, object, shapeOfObject(schema)).added)

const web = (name: string, labels: Record<string, string> = { app: 'web' }) => ({
  metadata: { name, labels, finalizers: ['a/b', 'c/d'], ownerReferences: [{ uid: 'u1', name: 'x' }] },
  spec: {
    containers: [
      {
        name: 'c',
        image: 'i',
        env: [{ name: 'A', value: '1' }, { name: 'B' }],
        ports: [{ containerPort: 80 }, { containerPort: 80, protocol: 'UDP' }],
        resources: { requests: { cpu: '1' } },
        securityContext: {},
      },
    ],
    nodeSelector: {},
    tolerations: [{ key: 'a' }],
  },
})

describe('the fields of what is created', () => {
  test('are everything but what even an empty object has', () => {
    expect(encoded({ metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', resources: {} }] } })).toEqual(
      {
        'f:metadata': { 'f:labels': { '.': {}, 'f:a': {} } },
        'f:spec': { 'f:containers': { 'k:{"name":"c"}': { '.': {}, 'f:name': {}, 'f:resources': {} } } },
      },
    )
    expect(encoded({ data: { k: 'v' }, immutable: true }, schemaOf('v1', 'ConfigMap'))).toEqual({
      'f:data': { '.': {}, 'f:k': {} },
      'f:immutable': {},
    })
  })

  test.each([
    ['a pod', web('a'), pod],
    ['a pod of other labels', web('a', { 'x/y': '1', app: 'b' }), pod],
    ['a pod without a spec', { metadata: { name: 'a' } }, pod],
    ['a service', { spec: { ports: [{ port: 80, name: 'x' }], selector: { a: 'b' } } }, schemaOf('v1', 'Service')],
    ['what does not fit', { metadata: { labels: 'no' }, spec: { containers: ['no', null], volumes: 3 } }, pod],
  ])('of %s are what comparing it with nothing finds', (_, object, schema) => {
    expect(encoded(object, schema)).toEqual(compared(object, schema))
    expect(encoded(object, schema)).toEqual(compared(object, schema))
  })

  test('of custom resources go by their schema, and by their values where that says nothing', () => {
    const schema = structOfSchema('e.io/v1', 'Thing', {
      type: 'object',
      properties: {
        spec: {
          type: 'object',
          properties: {
            free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
            tags: { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set' },
          },
        },
      },
    })
    const things = [{ free: { a: { b: 1 }, c: [1] } }, { free: { a: 1, c: { d: 2 } } }, { tags: ['x', 'y'] }]
    for (const spec of things) expect(encoded({ spec }, schema)).toEqual(compared({ spec }, schema))
    expect(encoded({ spec: things[1] }, schema)).toEqual({
      'f:spec': { '.': {}, 'f:free': { '.': {}, 'f:a': {}, 'f:c': { '.': {}, 'f:d': {} } } },
    })
  })

  test('are one set for all objects of a template, in whatever number', () => {
    expect(fieldsOfCreated(web('a'), pod)).toBe(fieldsOfCreated(web('b'), pod))
    for (let i = 0; i < 30_000; i++) fieldsOfCreated({ metadata: { labels: { [`l${i}`]: '' } } }, pod)
    expect(encoded(web('c'))).toEqual(compared(web('c')))
  })

  test('of an object with more names than any template has are found all the same', () => {
    const data = Object.fromEntries(Array.from({ length: 50_000 }, (_, i) => [`k${i}`, '']))
    const schema = schemaOf('v1', 'ConfigMap')
    const fields = fieldsOfCreated({ data, metadata: { labels: { a: 'b' } } }, schema)
    expect([...fields.children.keys()].sort()).toEqual(['f:data', 'f:metadata'])
    expect(fields.children.get('f:data')!.children.size).toBe(50_000)
    const small = { data: { a: '' } }
    expect(encoded(small, schema)).toEqual(compared(small, schema))
  })

  test('of nothing are none', () => {
    expect(encoded({})).toEqual({})
    expect(encoded({ metadata: {}, spec: {} })).toEqual({})
  })
})

describe('shared fields', () => {
  const text = '{"f:data":{".":{},"f:a":{}}}'

  test('are one object for equal sets', () => {
    const fields = encodeShared(decodeFields(JSON.parse(text)))
    expect(fields).toBe(sharedFields(text))
    expect(encodeShared(decodeShared(fields))).toBe(fields)
    expect(textOfFields(fields)).toBe(text)
  })

  test('of sets that were made by themselves are of one set', () => {
    const made = () =>
      setOf([
        ['f:data', 'f:a'],
        ['f:data', 'f:b'],
      ])
    expect(sharedSet(made())).toBe(sharedSet(made()))
    expect(sharedUnion(sharedSet(made()), sharedSet(setOf([['f:c']])))).toBe(
      sharedUnion(sharedSet(made()), sharedSet(setOf([['f:c']]))),
    )
    expect(sharedSet(emptySet)).toBe(emptySet)
  })

  test('of the paths of a change are found by them, in whatever number', () => {
    const paths = [['f:metadata', 'f:labels', 'f:a'], ['f:a\u0000b']]
    expect(sharedPaths(paths)).toBe(sharedPaths(structuredClone(paths)))
    expect(encodeFields(sharedPaths(paths))).toEqual(encodeFields(setOf(paths)))
    for (let i = 0; i < 3000; i++) sharedPaths([['f:data', `f:${i}`]])
    expect(encodeFields(sharedPaths(paths))).toEqual(encodeFields(setOf(paths)))
    const many = Array.from({ length: 100 }, (_, i) => ['f:data', `f:${i}`])
    expect(encodeFields(sharedPaths(many))).toEqual(encodeFields(setOf(many)))
    const long = [['f:data', `f:${'x'.repeat(40_000)}`]]
    expect(encodeFields(sharedPaths(long))).toEqual(encodeFields(setOf(long)))
  })

  test('are let go of when there are many', () => {
    const first = sharedFields('{"f:first":{}}')
    for (let i = 0; i < 2000; i++) sharedFields(`{"f:x${i}":{}}`)
    expect(sharedFields('{"f:first":{}}')).not.toBe(first)
    expect(sharedFields('{"f:first":{}}')).toEqual(first)
    expect(textOfFields({ 'f:b': {} })).toBe('{"f:b":{}}')
  })

  test('of texts as long as no template has are not kept, nor many long ones', () => {
    const long = (name: string, times: number) => `{"f:${name.repeat(times)}":{}}`
    expect(sharedFields(long('a', 40_000))).not.toBe(sharedFields(long('a', 40_000)))
    const first = sharedFields(long('b', 30_000))
    expect(sharedFields(long('b', 30_000))).toBe(first)
    for (let i = 0; i < 80; i++) sharedFields(long(`${i}`.padStart(3, 'x'), 10_000))
    expect(sharedFields(long('b', 30_000))).not.toBe(first)
  })

  test('that a client sent in its own order are those that this server writes', () => {
    const sent = { 'f:b': {}, 'f:a': { 'k:{"y":1, "x":2}': {} } }
    const set = decodeShared(sent)
    expect(textOfFields(encodeShared(set))).toBe('{"f:a":{"k:{\\"x\\":2,\\"y\\":1}":{}},"f:b":{}}')
    expect(decodeShared(structuredClone(sent))).toBe(set)
    expect(decodeShared(encodeShared(set))).toBe(set)
  })
})
