import { expect, test } from 'vitest'
import type { CustomResourceDefinition } from '#types/apiextensions.k8s.io/v1'
import { partial } from '../../../../../src-kube/machinery/testing/partial.ts'
import type { StrategyContext } from '../../strategy.ts'
import { toolCrd } from '../../testing/crd.ts'
import { crdStrategy } from './crd.ts'

const pairs = (maxItems?: number): object => ({
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      properties: { list: { type: 'array', maxItems, items: { type: 'integer' } } },
      'x-kubernetes-validations': [{ rule: 'self.list.all(a, self.list.all(b, a <= b || a > b))' }],
    },
  },
})

const version = (name: string, schema: object) => ({
  name,
  served: true,
  storage: false,
  schema: { openAPIV3Schema: schema },
})

function definition(schema: object, ...more: Array<ReturnType<typeof version>>): CustomResourceDefinition {
  const crd = toolCrd({ versions: [{ ...version('v1', schema), storage: true }, ...more] })
  return { ...crd, status: { storedVersions: ['v1'] } } as CustomResourceDefinition
}

const context = partial<StrategyContext>({ version: 'v1' })
const updated = (object: CustomResourceDefinition, old: CustomResourceDefinition): string[] =>
  crdStrategy.validateUpdate!(context, object, old).map(({ field, message }) => `${field}: ${message}`)

// kubernetes.io, "CustomResourceDefinitions: Resource use by validation functions".
test('A definition whose rules are too dear is refused, unless its schema was stored like that before', () => {
  const dear = definition(pairs(2500))
  const words =
    'spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].rule: Forbidden: estimated rule cost exceeds budget by factor of'
  const [first] = crdStrategy.validateCreate!(context, dear)
  expect(`${first?.field}: ${first?.message}`).toContain(words)
  expect(crdStrategy.validateCreate!(context, definition(pairs(50)))).toEqual([])
  expect(
    updated({ ...dear, spec: { ...dear.spec, names: { ...dear.spec.names, categories: ['all'] } } }, dear),
  ).toEqual([])
  expect(updated(dear, definition(pairs(50)))[0]).toContain(words)
})

// "Total cost calculation still includes these expressions" (kubernetes/kubernetes#121460).
test('All rules of a stored schema together may still be too dear', () => {
  expect(updated(definition(pairs()), definition(pairs()))).toEqual([
    expect.stringContaining('contributed to estimated rule cost total exceeding cost limit'),
    expect.stringContaining('estimated rule cost total for entire OpenAPIv3 schema exceeds budget'),
  ])
})

test('A version that comes to stored ones is judged by itself', () => {
  const [first, ...others] = updated(definition(pairs(2500), version('v2', pairs(5000))), definition(pairs(2500)))
  expect(first).toContain(
    'spec.versions[1].schema.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].rule: Forbidden',
  )
  expect(others.every((error) => error.startsWith('spec.versions[1]'))).toBe(true)
})
