import { describe, expect, test } from 'vitest'
import type { KubeObject } from '../../machinery/meta.ts'
import { partial } from '../../machinery/testing/partial.ts'
import { deprecationWarning } from '../deprecation.ts'
import { customResourceDefinition as kind } from './custom-resource-definition.ts'

const [v1, v1beta1] = [kind.served[0]!, kind.served[1]!]
const names = { plural: 'tools', kind: 'Tool' }
const crd = (spec: object): KubeObject => ({ apiVersion: 'x', kind: kind.kind, metadata: partial({}), spec })
const defaulted = (spec: object, served = v1): KubeObject => {
  const object = crd(structuredClone(spec))
  served.defaults?.(object)
  return object
}

test('names and conversion are defaulted', () => {
  expect(defaulted({ names })['spec']).toEqual({
    names: { ...names, singular: 'tool', listKind: 'ToolList' },
    versions: [],
    conversion: { strategy: 'None' },
  })
  const webhook = { clientConfig: { service: { name: 'a', namespace: 'b' } } }
  expect(defaulted({ names, conversion: { strategy: 'Webhook', webhook } })['spec']).toHaveProperty(
    'conversion.webhook.clientConfig.service.port',
    443,
  )
  expect(defaulted({})['spec']).toEqual({
    names: { plural: '', kind: '' },
    versions: [],
    conversion: { strategy: 'None' },
  })
})

test('the old version warns and names the new one', () => {
  expect(deprecationWarning(v1beta1, kind.kind)).toBe(
    'apiextensions.k8s.io/v1beta1 CustomResourceDefinition is deprecated in v1.16+, unavailable in v1.22+; use apiextensions.k8s.io/v1 CustomResourceDefinition',
  )
})

describe('a definition of v1beta1', () => {
  const column = { name: 'Size', type: 'integer', JSONPath: '.spec.size' }
  const validation = { openAPIV3Schema: { type: 'object' } }
  const old = {
    group: 'example.com',
    version: 'v1',
    names,
    validation,
    subresources: { status: {} },
    additionalPrinterColumns: [column],
  }

  test('is namespaced and keeps unknown fields unless it says otherwise', () => {
    expect(defaulted(old, v1beta1)['spec']).toMatchObject({
      scope: 'Namespaced',
      preserveUnknownFields: true,
      versions: [{ name: 'v1', served: true, storage: true }],
    })
    expect(defaulted({ names, versions: [{ name: 'v2' }] }, v1beta1)['spec']).toHaveProperty('version', 'v2')
  })

  test('says with each version what it said for all', () => {
    const { spec } = v1beta1.toStorage!(defaulted(old, v1beta1))
    expect(spec).not.toHaveProperty('validation')
    expect(spec).not.toHaveProperty('version')
    expect(spec).toMatchObject({
      versions: [
        {
          name: 'v1',
          schema: validation,
          subresources: { status: {} },
          additionalPrinterColumns: [{ name: 'Size', type: 'integer', jsonPath: '.spec.size' }],
        },
      ],
    })
  })

  test('reads back as it was written', () => {
    const written = defaulted(old, v1beta1)
    const read = v1beta1.fromStorage!(v1beta1.toStorage!(structuredClone(written)))
    expect(read['spec']).toEqual(written['spec'])
  })

  test('keeps apart what its versions do not share', () => {
    const versions = [
      { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } },
      { name: 'v2', served: true, storage: false, schema: { openAPIV3Schema: { type: 'string' } } },
    ]
    const read = v1beta1.fromStorage!(crd({ group: 'g', names, scope: 'Cluster', versions }))
    expect(read['spec']).toMatchObject({ version: 'v1', versions, preserveUnknownFields: false })
    expect(read['spec']).not.toHaveProperty('validation')
  })

  test('names its webhook otherwise', () => {
    const webhookClientConfig = { service: { name: 'a', namespace: 'b' } }
    const written = defaulted({ ...old, conversion: { strategy: 'Webhook', webhookClientConfig } }, v1beta1)
    const stored = v1beta1.toStorage!(structuredClone(written))
    expect(stored['spec']).toHaveProperty('conversion', {
      strategy: 'Webhook',
      webhook: {
        clientConfig: { service: { name: 'a', namespace: 'b', port: 443 } },
        conversionReviewVersions: ['v1beta1'],
      },
    })
    expect(v1beta1.fromStorage!(stored)['spec']).toEqual(written['spec'])
  })
})
