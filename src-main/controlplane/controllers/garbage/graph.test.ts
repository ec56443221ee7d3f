import { expect, it } from 'vitest'
import { refs } from '../../../../src-kube/client/refs.ts'
import type { KubeObject } from '../../../../src-kube/machinery/meta.ts'
import { partial } from '../../../../src-kube/machinery/testing/partial.ts'
import { OwnerGraph } from './graph.ts'

const object = (name: string, owners: string[] = [], more: object = {}) =>
  partial<KubeObject>({
    metadata: {
      name,
      namespace: 'a',
      uid: name,
      ownerReferences: owners.map((uid) => ({ apiVersion: 'v1', kind: 'ConfigMap', name: uid, uid })),
      ...more,
    },
  })
const dependents = (graph: OwnerGraph, uid: string) => graph.dependentsOf(uid).map(({ name }) => name)
const put = (graph: OwnerGraph, name: string, owners: string[] = [], more: object = {}) =>
  graph.upsert(refs.configMaps, object(name, owners, more))

it('knows the dependents of an owner, whichever comes first', () => {
  const graph = new OwnerGraph()
  put(graph, 'early', ['owner'])
  put(graph, 'owner')
  put(graph, 'late', ['owner'])
  expect(dependents(graph, 'owner')).toEqual(['early', 'late'])
  expect([...graph.dependentUidsOf('owner')]).toEqual(['early', 'late'])
})

it('knows the dependents of an owner that never was', () => {
  const graph = new OwnerGraph()
  put(graph, 'orphan', ['ghost'])
  expect(dependents(graph, 'ghost')).toEqual(['orphan'])
  expect(graph.get('ghost')).toBeUndefined()
  graph.remove('orphan')
  expect(dependents(graph, 'ghost')).toEqual([])
})

it('follows an object from one owner to another', () => {
  const graph = new OwnerGraph()
  put(graph, 'one')
  put(graph, 'two')
  put(graph, 'x', ['one', 'two'])
  const { old } = put(graph, 'x', ['two'])
  expect(old?.owners).toHaveLength(2)
  expect([dependents(graph, 'one'), dependents(graph, 'two')]).toEqual([[], ['x']])
  put(graph, 'x', [], { ownerReferences: undefined })
  expect(dependents(graph, 'two')).toEqual([])
})

it('keeps the dependents of an owner that is gone, for they are to be collected, until they go too', () => {
  const graph = new OwnerGraph()
  put(graph, 'owner')
  put(graph, 'x', ['owner'])
  expect(graph.remove('owner')?.name).toBe('owner')
  expect(dependents(graph, 'owner')).toEqual(['x'])
  expect(graph.remove('x')?.name).toBe('x')
  expect(dependents(graph, 'owner')).toEqual([])
})

it('removes nothing that it does not know', () => {
  expect(new OwnerGraph().remove('x')).toBeUndefined()
})

it.each([
  ['is there', {}, { deleting: false, waiting: false, orphaning: false }],
  ['is deleted', { deletionTimestamp: 'now' }, { deleting: true, waiting: false, orphaning: false }],
  [
    'is deleted in the foreground',
    { deletionTimestamp: 'now', finalizers: ['foregroundDeletion'] },
    { deleting: true, waiting: true, orphaning: false },
  ],
  [
    'is deleted without its dependents',
    { deletionTimestamp: 'now', finalizers: ['orphan'] },
    { deleting: true, waiting: false, orphaning: true },
  ],
  [
    'has finalizers, but is not deleted',
    { finalizers: ['orphan', 'foregroundDeletion'] },
    { deleting: false, waiting: false, orphaning: false },
  ],
])('tells that an object %s', (_what, more, expected) => {
  expect(put(new OwnerGraph(), 'x', [], more).node).toMatchObject(expected)
})
