import { expect, test } from 'vitest'
import type { AdmissionAttributes } from '../admission/admission.ts'
import { arrange, at, configMap } from './testing/arrange.ts'

const one = { apiVersion: 'v1', kind: 'ConfigMap', name: 'o', uid: 'u' }
const other = { ...one, controller: true }
const maps = at('v1', 'ConfigMap', 'd')
const a = at('v1', 'ConfigMap', 'd', 'a')
const sent = expect.stringMatching(/^\.metadata\.ownerReferences contains duplicate entries; .* observed: \[u\]$/)
const admitted = expect.stringContaining('after mutating admission happens')

test('an owner that is named twice is kept once, and warned of', async () => {
  const { registry, write, warnings } = await arrange()
  const made = await registry.create(maps, configMap('a', {}, { ownerReferences: [one, other, one] }), write)
  expect(made.object.metadata.ownerReferences).toEqual([one, other])
  const put = await registry.update(a, configMap('a', { x: 'y' }, { ownerReferences: [one, one] }), write)
  expect(put.object.metadata.ownerReferences).toEqual([one])
  expect(warnings).toEqual([sent, sent])
})

test('of a patch it is what admission left', async () => {
  const { registry, write, warnings } = await arrange()
  await registry.create(maps, configMap('a'), write)
  const patch = { metadata: { ownerReferences: [one, one] } }
  const { object } = await registry.patch(a, 'application/merge-patch+json', patch, write)
  expect(object.metadata.ownerReferences).toEqual([one])
  expect(warnings).toEqual([admitted])
})

test('what admission names twice is kept once', async () => {
  const admit = ({ object }: AdmissionAttributes) => {
    object!.metadata = { ...object!.metadata, ownerReferences: [one, one] }
    return Promise.resolve()
  }
  const { registry, write, warnings } = await arrange({ admission: { admit, validate: () => Promise.resolve() } })
  const { object } = await registry.create(maps, configMap('a'), write)
  expect(object.metadata.ownerReferences).toEqual([one])
  expect(warnings).toEqual([admitted])
})
