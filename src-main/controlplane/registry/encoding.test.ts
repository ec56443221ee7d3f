import { expect, test } from 'vitest'
import type { KubeObject } from '../../../src-kube/machinery/meta.ts'
import { encodeForStore, takeDraft, type Encoded } from './encoding.ts'

type Fields = Record<string, unknown>

const object = (fields: Fields, metadata: Fields = {}): KubeObject =>
  ({ apiVersion: 'v1', kind: 'Thing', metadata: { name: 'a', ...metadata }, ...fields }) as KubeObject

/** As it lies in the store once it was written. */
function stored(written: KubeObject, before?: Encoded): Encoded & { text: string } {
  const value = encodeForStore(written, before)
  return { ...takeDraft(value)!, stored: { value }, text: value.toString() }
}

const ofStore = (written: KubeObject): unknown => {
  const { resourceVersion: _, ...metadata } = written.metadata
  return { ...written, metadata }
}

test('kind, version and metadata come first, without the revision', () => {
  const { text } = stored(object({ spec: { b: 1 } }, { resourceVersion: '7' }))
  expect(text).toBe('{"kind":"Thing","apiVersion":"v1","metadata":{"name":"a"},"spec":{"b":1}}')
})

test('a draft is taken once', () => {
  const value = encodeForStore(object({}))
  expect(takeDraft(value)).toBeDefined()
  expect(takeDraft(value)).toBeUndefined()
})

test.each([
  ['the metadata', () => ({ metadata: { name: 'a', labels: { new: 'label' } } })],
  ['metadata beyond ASCII', () => ({ metadata: { name: 'a', labels: { new: 'ä→😀' } } })],
  ['the last field', () => ({ status: { phase: 'Running', of: ['x'] } })],
  ['the first field', () => ({ spec: { other: 'spec' } })],
  ['a field to one beyond ASCII', () => ({ spec: { other: 'ä→😀' } })],
  ['a field that goes', () => ({ spec: undefined })],
  ['a field that comes', () => ({ data: { k: 'v' }, also: 'text', none: undefined })],
  ['a plain value', () => ({ immutable: false })],
  ['all of it', (o: KubeObject) => structuredClone(o)],
])('a write that changes %s is stored as if nothing had been there before', (_, change) => {
  const first = object({ spec: { long: 'x'.repeat(3000), n: [1, 2] }, immutable: true, nothing: undefined, status: {} })
  const before = stored(first)
  const next = { ...first, ...change(first) } as KubeObject
  const after = stored(next, before)
  expect(after.text).toBe(stored(next).text)
  expect(JSON.parse(after.text)).toEqual(JSON.parse(JSON.stringify(ofStore(next))))
  // And so is what is written in place of that.
  const last = { ...next, metadata: { ...next.metadata, name: 'b' } }
  expect(stored(last, after).text).toBe(stored(last).text)
})

test('fields in another order are found by their names', () => {
  const first = object({ spec: { a: 1 }, status: { b: 2 }, data: { c: 3 } })
  const { apiVersion, kind, metadata, spec, status, data } = first as KubeObject & Fields
  const turned = { data, status, spec, metadata, kind, apiVersion }
  expect(stored(turned, stored(first)).text).toBe(stored(turned).text)
})

test('what is beyond ASCII is written anew, since characters are no bytes there', () => {
  const first = object({ data: { k: 'ä→😀' }, spec: { a: 1 } })
  const before = stored(first)
  expect(before.ends).toBeUndefined()
  const next = { ...first, metadata: { ...first.metadata, name: 'b' } }
  expect(stored(next, before).text).toBe(stored(next).text)
})

test('an unchanged field is copied, not written again', () => {
  const first = object({ spec: { a: 1 }, status: {} })
  const before = stored(first)
  let asked = 0
  Object.defineProperty(first['spec'], 'toJSON', { value: () => void asked++ })
  expect(stored({ ...first, status: { now: 1 } }, before).text).toContain('"spec":{"a":1},"status":{"now":1}')
  expect(asked).toBe(0)
})

test('a long object is copied, too, outside of the slabs', () => {
  const first = object({ data: { k: 'x'.repeat(200_000) } })
  const next = { ...first, metadata: { ...first.metadata, name: 'b' } }
  expect(stored(next, stored(first)).text).toBe(stored(next).text)
})
