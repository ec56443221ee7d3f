import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { partial } from '../../src-kube/machinery/testing/partial.ts'
import { writersOf } from './writer.ts'

const entry = (manager: string, time: string, fields: object, more: object = {}) => ({
  manager,
  operation: 'Update',
  apiVersion: 'v1',
  time,
  fieldsType: 'FieldsV1',
  fieldsV1: fields,
  ...more,
})
const object = (...managedFields: object[]): KubeObject =>
  partial<KubeObject>({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', managedFields } })

describe('who wrote a version', () => {
  it('is who came, or whose entry is of another time', () => {
    const first = object(entry('kubectl', '1', { a: {} }))
    expect(writersOf(first, undefined)).toEqual([{ manager: 'kubectl', operation: 'Update', subresource: '' }])
    const status = entry('kubelet', '2', { s: {} }, { subresource: 'status' })
    const second = object(entry('kubectl', '1', { a: {} }), status)
    expect(writersOf(second, first)).toEqual([{ manager: 'kubelet', operation: 'Update', subresource: 'status' }])
    expect(writersOf(object(entry('kubectl', '3', { a: {} }), status), second).map(({ manager }) => manager)).toEqual([
      'kubectl',
    ])
  })

  it('is not who only lost fields to another', () => {
    const before = object(entry('kubectl', '1', { a: {}, b: {} }))
    const after = object(entry('kubectl', '1', { a: {} }), entry('helm', '2', { b: {} }, { operation: 'Apply' }))
    expect(writersOf(after, before)).toEqual([{ manager: 'helm', operation: 'Apply', subresource: '' }])
  })

  it('is whose fields changed within one second, and nobody where nothing is kept', () => {
    expect(writersOf(object(entry('a', '1', { x: {}, y: {} })), object(entry('a', '1', { x: {} })))).toHaveLength(1)
    const quick = object(entry('a', '2026-01-01T00:00:05Z', { x: {} }), entry('b', '2026-01-01T00:00:01Z', { y: {} }))
    expect(writersOf(quick, quick, Date.UTC(2026, 0, 1, 0, 0, 5, 900)).map(({ manager }) => manager)).toEqual(['a'])
    const bare = partial<KubeObject>({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } })
    expect(writersOf(bare, bare)).toEqual([])
    expect(writersOf(bare, undefined)).toEqual([])
  })
})
