import { describe, expect, test } from 'vitest'
import { findSchema } from '../schema/index.ts'
import { typeFaults } from './type-faults.ts'

const deployment = findSchema('apps/v1', 'Deployment')!
const inPod = (spec: object) => ({ apiVersion: 'apps/v1', kind: 'Deployment', spec: { template: { spec } } })
const got = (value: string) => `got &value.valueUnstructured{Value:${value}}`

describe('a configuration that does not fit its type', () => {
  test.each<[object, string[]]>([
    [{ spec: 7 }, ['.spec: expected map, got &{7}']],
    [{ spec: { replicas: 'x' } }, ['.spec.replicas: expected numeric (int or float), got *value.valueUnstructured']],
    [{ spec: { paused: 'no' } }, ['.spec.paused: expected boolean, got &{no}']],
    [{ spec: { selector: { matchLabels: 5 } } }, ['.spec.selector.matchLabels: expected map, got &{5}']],
    [{ spec: { selector: { matchLabels: { a: 5 } } } }, [`.spec.selector.matchLabels.a: expected string, ${got('5')}`]],
    [inPod({ nodeSelector: ['a'] }), ['.spec.template.spec.nodeSelector: expected map, got &{[a]}']],
    [inPod({ containers: {} }), ['.spec.template.spec.containers: expected list, got &{map[]}']],
    [
      inPod({ containers: [{ name: 'c', image: true, command: 'ls', odd: 1 }] }),
      [
        `.spec.template.spec.containers[name="c"].image: expected string, ${got('true')}`,
        '.spec.template.spec.containers[name="c"].command: expected list, got &{ls}',
        '.spec.template.spec.containers[name="c"].odd: field not declared in schema',
      ],
    ],
    [
      inPod({ containers: ['c', { name: 'd', command: [{ a: [1, null] }] }] }),
      [
        '.spec.template.spec.containers[0]: expected map, got &{c}',
        `.spec.template.spec.containers[name="d"].command[0]: expected string, ${got('map[string]interface {}{"a":[]interface {}{1, interface {}(nil)}}')}`,
      ],
    ],
  ])('tells all that does not: %j', (value, faults) => {
    expect(typeFaults(value, deployment)).toEqual(faults)
  })
})

test('What fits has no faults, and nothing is said of what is no object', () => {
  const probe = { httpGet: { port: 'http' } }
  const container = { name: 'c', livenessProbe: probe, resources: { limits: { cpu: 1 } }, ports: null }
  expect(typeFaults(inPod({ containers: [container], hostNetwork: true }), deployment)).toEqual([])
  expect(typeFaults([], deployment)).toEqual([])
  expect(typeFaults({ metadata: null, odd: 1 }, { ...deployment, fields: deployment.fields, open: true })).toEqual([])
})
