import { expect, test } from 'vitest'
import type { JsonSchema } from '../../../src-kube/machinery/structural/types.ts'
import { arrange, at, type Arranged } from './testing/arrange.ts'
import { aTool, define, settled, tool } from './testing/crd.ts'

const MERGE = 'application/merge-patch+json'
const text: JsonSchema = { type: 'string' }
const schemaOf = (properties: Record<string, JsonSchema>): JsonSchema => ({
  type: 'object',
  properties: { spec: { type: 'object', properties } },
})

/** A tool that stood before the definition got another schema. */
async function outgrown(before: Record<string, JsonSchema>, spec: object, after: Record<string, JsonSchema>) {
  const arranged = await arrange()
  await define(arranged, { schema: schemaOf(before) })
  const { registry, write } = arranged
  await registry.create(tool(registry), aTool('a', { spec }), write)
  const versions = [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schemaOf(after) } }]
  const crd = at('apiextensions.k8s.io/v1', 'CustomResourceDefinition', '', 'tools.example.com')
  await registry.patch(crd, MERGE, { spec: { versions } }, write)
  await settled()
  arranged.warnings.length = 0
  return { ...arranged, change: change(arranged) }
}

const change =
  ({ registry, write }: Arranged) =>
  (spec: object) =>
    registry.patch(tool(registry, 'a'), MERGE, { spec }, write)

// KEP-4008; kubernetes.io, "CustomResourceDefinitions: Validation ratcheting".
test('rules that came after an object are told and not held against it', async () => {
  const n: JsonSchema = { type: 'integer', 'x-kubernetes-validations': [{ rule: 'self < 10' }] }
  const { change: patch, warnings } = await outgrown({ n: { type: 'integer' } }, { n: 10 }, { n, b: text })
  await patch({ b: 'x' })
  expect(warnings).toEqual(['spec.n: Invalid value: 10: failed rule: self < 10'])
  await expect(patch({ n: 11 })).rejects.toThrow('is invalid: spec.n: Invalid value: 11: failed rule: self < 10')
})

test('a list that became a set keeps what is there twice until it has been cleared up', async () => {
  const list: JsonSchema = { type: 'array', items: text }
  const set: JsonSchema = { ...list, 'x-kubernetes-list-type': 'set' }
  const { change: patch } = await outgrown({ list }, { list: ['a', 'a'] }, { list: set, b: text })
  await patch({ b: 'x' })
  await patch({ list: ['a', 'a', 'b'] })
  await patch({ list: ['a', 'b'] })
  await expect(patch({ list: ['a', 'a'] })).rejects.toThrow('is invalid: spec.list[1]: Duplicate value: "a"')
})
