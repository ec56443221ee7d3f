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
