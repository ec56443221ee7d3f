import { expect, it } from 'vitest'
import { parse } from 'yaml'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { viewsOf } from './catalog.ts'
import { examples } from './examples.ts'

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
  const shown = view!.columns.filter(({ optional }) => !optional).map(({ id }) => id)
  expect(shown).toEqual(['name', 'namespace', 'Ready', 'Days', 'age'])
  expect(view!.columns.filter(({ optional }) => optional).map(({ id }) => id)).toEqual(['Serial'])
  const object = { metadata: { name: 'web' } } as KubeObject
  const [section] = view!.sections!(object)
  expect(section!.facts!.map(({ title }) => title)).toEqual(['Ready', 'Days'])
})

it('a kind we have an example of offers it in the version that it is of', () => {
  const budget = { ...resource, group: 'policy', resource: 'poddisruptionbudgets', kind: 'PodDisruptionBudget' }
  const [now, before] = viewsOf([budget, { ...budget, version: 'v1beta1' }])
  expect([now!.example?.includes('kind: PodDisruptionBudget'), before!.example]).toEqual([true, undefined])
  expect(viewsOf([resource])[0]!.example).toBeUndefined()
})

it('all examples are whole: their kind, their version and a name', () => {
  for (const [id, text] of Object.entries(examples)) {
    const manifest = parse(text) as { apiVersion: string; kind: string; metadata: { name: string } }
    const group = id.slice(id.indexOf('.') + 1)
    expect([id, manifest.apiVersion.startsWith(id.includes('.') ? `${group}/` : 'v1')]).toEqual([id, true])
    expect(id.split('.')[0]).toMatch(new RegExp(`^${manifest.kind.toLowerCase().replace(/y$/, '')}(s|es|ies)$`))
    expect(manifest.metadata.name).toMatch(/^[a-z-]+$/)
  }
})
