import { expect, test } from 'vitest'
import type { KubeObject } from '../../../../src-kube/machinery/meta.ts'
import type { Strategy, StrategyContext } from '../strategy.ts'
import { endpointSliceStrategy, networkPolicyStrategy } from './network.ts'

const context = { subresource: '' } as StrategyContext
/** As the registry knows them: strategies of any object. */
const policies: Strategy = networkPolicyStrategy
const slices: Strategy = endpointSliceStrategy
const object = (more: object) => ({ apiVersion: 'x', kind: 'X', metadata: { name: 'x' }, ...more }) as KubeObject
const policy = (spec: object) =>
  (policies.validate?.(context, object({ spec: { podSelector: {}, ...spec } })) ?? []).map(
    (e) => `${e.field}: ${e.message}`,
  )
const slice = (more: object) =>
  (slices.validate?.(context, object({ addressType: 'IPv4', ...more })) ?? []).map((e) => `${e.field}: ${e.message}`)

test('a network policy names its peers, ports and directions rightly', () => {
  expect(policy({ ingress: [{ from: [{ ipBlock: { cidr: '10.0.0.0/8' } }], ports: [{ port: 80 }] }] })).toEqual([])
  expect(policy({ ingress: [{ from: [{}] }] })).toEqual([
    'spec.ingress[0].from[0]: Required value: must specify a peer',
  ])
  expect(policy({ egress: [{ ports: [{ port: 80, endPort: 79 }] }] })).toEqual([
    'spec.egress[0].ports[0].endPort: Invalid value: 79: must be greater than or equal to `port`',
  ])
  // One that is no port would be refused by the kernel of every node, with all other rules.
  expect(policy({ egress: [{ ports: [{ port: 80, endPort: 65_536 }] }] })).toEqual([
    'spec.egress[0].ports[0].endPort: Invalid value: 65536: must be between 1 and 65535, inclusive',
  ])
  expect(policy({ policyTypes: ['Sideways'] })).toEqual([
    'spec.policyTypes[0]: Unsupported value: "Sideways": supported values: "Egress", "Ingress"',
  ])
})

test('a slice has addresses of its one family', () => {
  expect(slice({ endpoints: [{ addresses: ['10.0.0.1'] }], ports: [{ port: 1 }] })).toEqual([])
  expect(slice({ endpoints: [{ addresses: ['::1'] }] })).toEqual([
    'endpoints[0].addresses[0]: Invalid value: "::1": must be an IPv4 address',
  ])
  expect(slice({ ports: [{ name: 'a' }, { name: 'a' }] })).toEqual(['ports[1].name: Duplicate value: "a"'])
  const other = object({ addressType: 'IPv6' })
  expect(slices.validateUpdate?.(context, other, object({ addressType: 'IPv4' }))).toHaveLength(1)
})
