import { expect, test } from 'vitest'
import type { KubeObject } from '../../machinery/meta.ts'
import { networkPolicy } from './network-policy.ts'

const defaulted = (policy: object): unknown => {
  const object = { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: {}, ...policy }
  networkPolicy.served[0]!.defaults?.(object as KubeObject)
  return (object as KubeObject)['spec']
}

test('a policy without a word is about what comes to all pods of its namespace', () => {
  expect(defaulted({})).toEqual({ podSelector: {}, policyTypes: ['Ingress'] })
  expect(defaulted({ spec: {} })).toEqual({ podSelector: {}, policyTypes: ['Ingress'] })
})

test('a policy with rules for what pods send is about both directions unless it says', () => {
  const egress = [{ ports: [{ port: 80 }] }]
  expect(defaulted({ spec: { egress } })).toEqual({
    podSelector: {},
    policyTypes: ['Ingress', 'Egress'],
    egress: [{ ports: [{ port: 80, protocol: 'TCP' }] }],
  })
  expect(defaulted({ spec: { egress, policyTypes: ['Ingress'] } })).toMatchObject({ policyTypes: ['Ingress'] })
})
