import { expect, test } from 'vitest'
import { findSchema } from '../../../../src-kube/machinery/schema/index.ts'
import { addDefinition } from './definitions.ts'

test('A field with a closed set of values lists them, one with an open set does not', () => {
  const found: Record<string, { properties?: Record<string, object> }> = {}
  addDefinition(found, findSchema('v1', 'Pod')!, { prefix: '#/definitions/' }, () => undefined)
  const field = (type: string, name: string) => found[`io.k8s.api.core.v1.${type}`]?.properties?.[name]
  expect(field('PodSpec', 'restartPolicy')).toMatchObject({ type: 'string', enum: ['Always', 'OnFailure', 'Never'] })
  expect(field('Container', 'imagePullPolicy')).toMatchObject({ enum: ['Always', 'Never', 'IfNotPresent'] })
  expect(field('PodSpec', 'nodeName')).not.toHaveProperty('enum')
})

test('What may be anything in a JSON schema has a definition that says so, for kubectl explains no empty schema', () => {
  const found: Record<string, { properties: Record<string, object> }> = {}
  const schema = findSchema('apiextensions.k8s.io/v1', 'JSONSchemaProps')!
  addDefinition(found, schema, { prefix: '#/components/schemas/' }, () => undefined)
  const home = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1'
  const ref = (type: string) => ({ allOf: [{ $ref: `#/components/schemas/${home}.${type}` }] })
  expect(found[`${home}.JSONSchemaProps`]!.properties).toMatchObject({
    default: ref('JSON'),
    enum: { type: 'array', items: ref('JSON') },
    items: ref('JSONSchemaPropsOrArray'),
    additionalProperties: ref('JSONSchemaPropsOrBool'),
    dependencies: { type: 'object', additionalProperties: ref('JSONSchemaPropsOrStringArray') },
  })
  for (const definition of Object.values(found)) {
    expect(definition).not.toEqual({})
    for (const property of Object.values(definition.properties ?? {})) expect(property).not.toEqual({})
  }
})

test('Selectors and references are owned as a whole, and clients are told', () => {
  const found: Record<string, object> = {}
  addDefinition(found, findSchema('apps/v1', 'Deployment')!, { prefix: '#/definitions/' }, () => undefined)
  const selector = found['io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelector']
  expect(selector).toMatchObject({ type: 'object', 'x-kubernetes-map-type': 'atomic' })
  expect(found['io.k8s.api.core.v1.SecretKeySelector']).toMatchObject({ 'x-kubernetes-map-type': 'atomic' })
  expect(found['io.k8s.api.apps.v1.DeploymentSpec']).not.toHaveProperty('x-kubernetes-map-type')
})
