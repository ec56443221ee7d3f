import { expect, it } from 'vitest'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { viewsOf } from './catalog.ts'

const resource = {
  group: 'cert-manager.io',
  version: 'v1',
  resource: 'certificates',
  kind: 'Certificate',
  namespaced: true,
  verbs: ['list', 'watch'],
  shortNames: ['cert'],
}

it('a kind that only the server knows has its columns in its list and as facts in its detail', () => {
  const [view] = viewsOf([resource])
  view!.table!.columns.value = [
    { name: 'Name', type: 'string' },
    { name: 'Ready', type: 'string' },
    { name: 'Days', type: 'integer' },
    { name: 'Serial', type: 'string', priority: 1 },
    { name: 'Age', type: 'date' },
  ]
  expect(view!.columns.map(({ id }) => id)).toEqual(['name', 'namespace', 'Ready', 'Days', 'age'])
  const object = { metadata: { name: 'web' } } as KubeObject
  const [section] = view!.sections!(object)
  expect(section!.facts!.map(({ title }) => title)).toEqual(['Ready', 'Days'])
})
