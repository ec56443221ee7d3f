import { expect, test } from 'vitest'
import { refuseFractions, schemaOf } from './index.ts'

const said = (path: string): string => {
  try {
    refuseFractions(schemaOf('v1', 'Service'), [{ path, written: '1.0' }])
    return ''
  } catch (error) {
    return (error as Error).message
  }
}

test.each([
  ['spec.ports[0].port', 'ServicePort.spec.ports.port of type int32'],
  ['spec.ports[1].targetPort', 'ServicePort.spec.ports.targetPort of type int32'],
  ['metadata.generation', 'ObjectMeta.metadata.generation of type int64'],
])('A whole number with a fraction is none at %s', (path, words) => {
  expect(said(path)).toBe(
    `Service in version "v1" cannot be handled as a Service: json: cannot unmarshal number 1.0 into Go struct field ${words}`,
  )
})

test.each(['spec.odd', 'spec.odd.more[0]', 'spec.clusterIP', 'spec', 'odd'])(
  'What no integer belongs at is judged by others: %s',
  (path) => {
    expect(said(path)).toBe('')
  },
)

test('Quantities and other numbers may have fractions', () => {
  const quantity = [{ path: 'spec.containers[0].resources.limits.cpu', written: '1.0' }]
  expect(() => refuseFractions(schemaOf('v1', 'Pod'), quantity)).not.toThrow()
  const minimum = [{ path: 'spec.versions[0].schema.openAPIV3Schema.minimum', written: '1.0' }]
  const definition = schemaOf('apiextensions.k8s.io/v1', 'CustomResourceDefinition')
  expect(() => refuseFractions(definition, minimum)).not.toThrow()
})
