import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { partial } from '../../src-kube/machinery/testing/partial.ts'
import { ownerOf } from './field-owner.ts'

const entry = (manager: string, time: string, fieldsV1: object) =>
  ({ manager, time, operation: 'Update', apiVersion: 'v1', fieldsType: 'FieldsV1', fieldsV1 }) as const
const object = partial<KubeObject>({
  apiVersion: 'v1',
  kind: 'X',
  metadata: {
    name: 'x',
    managedFields: [
      entry('kubectl', '2026-01-02T00:00:00Z', { 'f:spec': { 'f:replicas': {}, 'f:args': {} } }),
      entry('controller', '2026-01-03T00:00:00Z', { 'f:spec': { 'f:replicas': {} } }),
      entry('helm', '2026-01-01T00:00:00Z', { 'f:spec': { 'f:containers': { 'k:{"name":"a"}': { 'f:image': {} } } } }),
    ],
  },
})

describe('the owner of a field', () => {
  it('is who wrote it last', () => {
    expect(ownerOf(object, ['spec', 'replicas'])).toEqual({ manager: 'controller', time: '2026-01-03T00:00:00Z' })
    expect(ownerOf(object, ['spec', 'args'])?.manager).toBe('kubectl')
  })

  it('is found by the names of items, and for what lies above the owned', () => {
    expect(ownerOf(object, ['spec', 'containers', { name: 'a' }, 'image'])?.manager).toBe('helm')
    expect(ownerOf(object, ['spec', 'containers'])?.manager).toBe('helm')
    expect(ownerOf(object, ['spec', 'containers', { name: 'b' }])).toBeUndefined()
  })

  it('is nobody where nothing is on record', () => {
    expect(ownerOf(object, ['data'])).toBeUndefined()
    expect(ownerOf(partial<KubeObject>({ metadata: { name: 'x' } }), ['spec'])).toBeUndefined()
  })
})
