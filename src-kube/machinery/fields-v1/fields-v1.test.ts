import { describe, expect, test } from 'vitest'
import { schemaOf } from '../schema/index.ts'
import { decodeFields, encodeFields, pathText } from './encode.ts'
import { difference, equalSets, intersection, isEmptySet, pathsOf, setOf, union } from './field-set.ts'
import { compare, equal, fieldsOf } from './owned.ts'
import { findDuplicate, shapeOfObject } from './shape.ts'

const pod = shapeOfObject(schemaOf('v1', 'Pod'))
const deployment = shapeOfObject(schemaOf('apps/v1', 'Deployment'))
const service = shapeOfObject(schemaOf('v1', 'Service'))

describe('field sets', () => {
  const a = setOf([['f:a'], ['f:b', 'f:c']])
  const b = setOf([['f:a'], ['f:b'], ['f:d']])

  test('unite, subtract and intersect by member, not by branch', () => {
    expect(pathsOf(union(a, b))).toEqual([['f:a'], ['f:b'], ['f:d'], ['f:b', 'f:c']])
    expect(pathsOf(difference(a, b))).toEqual([['f:b', 'f:c']])
    expect(pathsOf(intersection(a, b))).toEqual([['f:a']])
    expect(isEmptySet(difference(a, a))).toBe(true)
    expect(isEmptySet(setOf([[]]))).toBe(true)
  })

  test('are equal when they have the same members', () => {
    expect(equalSets(a, setOf([['f:b', 'f:c'], ['f:a']]))).toBe(true)
    expect(equalSets(a, b)).toBe(false)
    expect(equalSets(setOf([['f:a']]), setOf([['f:b']]))).toBe(false)
    expect(equalSets(setOf([['f:a', 'f:b']]), setOf([['f:a', 'f:c']]))).toBe(false)
  })
})

describe('FieldsV1', () => {
  test('nests path elements, with a dot for a place that has more beneath it', () => {
    const fields = {
      'f:metadata': { 'f:labels': { '.': {}, 'f:app': {} }, 'f:finalizers': { 'v:"x"': {} } },
      'f:spec': { 'f:containers': { 'k:{"name":"c"}': { '.': {}, 'f:name': {} } }, 'f:list': { 'i:0': {} } },
    }
    const set = decodeFields(fields)
    expect(encodeFields(set)).toEqual(fields)
    expect(pathsOf(set).map(pathText)).toEqual([
      '.metadata.labels',
      '.metadata.finalizers[="x"]',
      '.metadata.labels.app',
      '.spec.containers[name="c"]',
      '.spec.containers[name="c"].name',
      '.spec.list[0]',
    ])
  })

  test('is written in one order, however it was sent', () => {
    const sent = decodeFields({ 'k:{"protocol": "TCP", "port": 80}': {}, 'f:a': {} })
    expect(JSON.stringify(encodeFields(sent))).toBe('{"f:a":{},"k:{\\"port\\":80,\\"protocol\\":\\"TCP\\"}":{}}')
    expect(pathText(pathsOf(sent)[1]!)).toBe('[port=80,protocol="TCP"]')
    expect(isEmptySet(decodeFields({}))).toBe(true)
  })

  test.each([[null], [[]], [{ 'f:a': 1 }], [{ 'k:1': {} }], [{ 'v:{': {} }], [{ 'i:x': {} }]])(
    'refuses %j',
    (fields) => {
      expect(() => decodeFields(fields)).toThrow(expect.objectContaining({ code: 400 }))
    },
  )
})

describe('kinds of elements that nobody here knows', () => {
  test('are passed over with what is in them', () => {
    expect(encodeFields(decodeFields({ 'x:a': { 'f:b': {} }, 'f:c': {} }))).toEqual({ 'f:c': {} })
  })
})

describe('the fields of a configuration', () => {
  const texts = (value: unknown, shape = pod) => pathsOf(fieldsOf(value, shape)).map(pathText)

  test('are its leaves, and items of lists and maps by themselves', () => {
    const value = {
      metadata: { labels: { app: 'x' }, annotations: {}, finalizers: ['f'] },
      spec: { containers: [{ name: 'c', command: ['a', 'b'] }] },
    }
    expect(texts(value)).toEqual([
      '.metadata.annotations',
      '.metadata.finalizers[="f"]',
      '.metadata.labels.app',
      '.spec.containers[name="c"]',
      '.spec.containers[name="c"].command',
      '.spec.containers[name="c"].name',
    ])
  })

  test('count atomic maps, selectors and references as one', () => {
    expect(texts({ spec: { nodeSelector: { a: 'b' }, imagePullSecrets: [] } })).toEqual(['.spec.nodeSelector'])
    expect(texts({ spec: { selector: { matchLabels: { a: 'b' } } } }, deployment)).toEqual(['.spec.selector'])
    const owner = { uid: 'u', name: 'n' }
    expect(texts({ metadata: { ownerReferences: [owner] } })).toEqual(['.metadata.ownerReferences[uid="u"]'])
  })

  test('complete a key with its default', () => {
    expect(texts({ spec: { ports: [{ port: 80 }] } }, service)).toEqual([
      '.spec.ports[port=80,protocol="TCP"]',
      '.spec.ports[port=80,protocol="TCP"].port',
    ])
  })
})

describe('duplicates', () => {
  test.each([
    [{ spec: { containers: [{ name: 'c' }, { name: 'd' }, { name: 'c' }] } }, '.spec.containers[name="c"]'],
    [{ metadata: { finalizers: ['a', 'a'] } }, '.metadata.finalizers[="a"]'],
    [{ spec: { containers: [{ name: 'c', args: ['x', 'x'] }] } }, undefined],
  ])('of keys are found, of atomic items not: %#', (value, where) => {
    const found = findDuplicate(value, pod)
    expect(found && pathText(found)).toBe(where)
  })
})

describe('a comparison', () => {
  const texts = (before: unknown, after: unknown, shape = deployment) => {
    const { added, modified, removed } = compare(before, after, shape)
    return [added, modified, removed].map((set) => pathsOf(set).map(pathText))
  }

  test('says what came, changed and went', () => {
    expect(
      texts(
        { spec: { replicas: 1, paused: true, selector: { matchLabels: { a: 'b' } } } },
        { spec: { replicas: 2, minReadySeconds: 3, selector: { matchLabels: { a: 'b' } } } },
      ),
    ).toEqual([['.spec.minReadySeconds'], ['.spec.replicas'], ['.spec.paused']])
  })

  test('counts maps and optional structs that come or go, but not structs that are always there', () => {
    const after = { metadata: { labels: { a: 'b' } }, spec: { strategy: { rollingUpdate: { maxSurge: 1 } } } }
    const all = [
      '.metadata.labels',
      '.metadata.labels.a',
      '.spec.strategy.rollingUpdate',
      '.spec.strategy.rollingUpdate.maxSurge',
    ]
    expect(texts({}, after)).toEqual([all, [], []])
    expect(texts(after, {})).toEqual([[], [], all])
  })

  test('tells equal JSON from other', () => {
    expect(equal({ a: [1, { b: undefined }] }, { a: [1, {}] })).toBe(true)
    expect(equal([], {})).toBe(false)
    expect(equal(null, {})).toBe(false)
    expect(equal(1, 2)).toBe(false)
  })
})
