import { expect, test } from 'vitest'
import type { KubeObject } from '../../../../src-kube/machinery/meta.ts'
import type { Strategy, StrategyContext } from '../strategy.ts'
import { networkPolicyStrategy } from './network.ts'

const context = { subresource: '' } as StrategyContext
/** As the registry knows it: a strategy of any object. */
const policies: Strategy = networkPolicyStrategy
const object = (more: object) => ({ apiVersion: 'x', kind: 'X', metadata: { name: 'x' }, ...more }) as KubeObject
const policy = (spec: object) =>
  (policies.validate?.(context, object({ spec: { podSelector: {}, ...spec } })) ?? []).map(
    (e) => `${e.field}: ${e.message}`,
  )

test('a network policy names its peers, ports and directions rightly', () => {
  expect(policy({ ingress: [{ from: [{ ipBlock: { cidr: '10.0.0.0/8' } }], ports: [{ port: 80 }] }] })).toEqual([])
  expect(policy({ ingress: [{ from: [{}] }] })).toEqual([
    'spec.ingress[0].from[0]: Required value: must specify a peer',
  ])
  // What is wrong with the network itself comes first.
  const both = { podSelector: {}, ipBlock: { cidr: '', except: ['x'] } }
  expect(policy({ ingress: [{ from: [both] }] })).toEqual([
    'spec.ingress[0].from[0].ipBlock.cidr: Required value',
    'spec.ingress[0].from[0]: Forbidden: may not specify both ipBlock and another peer',
  ])
  expect(policy({ egress: [{ ports: [{ port: 80, endPort: 79 }] }] })).toEqual([
    'spec.egress[0].ports[0].endPort: Invalid value: 79: must be greater than or equal to `port`',
  ])
  // One that is no port would be refused by the kernel of every node, with all other rules.
  expect(policy({ egress: [{ ports: [{ port: 80, endPort: 65_536 }] }] })).toEqual([
    'spec.egress[0].ports[0].endPort: Invalid value: 65536: must be between 1 and 65535, inclusive',
  ])
  expect(policy({ policyTypes: ['Sideways'] })).toEqual([
    'spec.policyTypes[0]: Unsupported value: "Sideways": supported values: "Ingress", "Egress"',
  ])
})

test('what is excepted from a network is a part of it', () => {
  const block = (cidr: string, ...except: string[]) => policy({ ingress: [{ from: [{ ipBlock: { cidr, except } }] }] })
  const at = 'spec.ingress[0].from[0].ipBlock.except[0]'
  const strict = 'must be a strict subset of `cidr`'
  expect(block('10.0.0.0/8', '10.1.0.0/16', '10.255.255.255/32')).toEqual([])
  expect(block('2001:db8::/32', '2001:db8:1::/48')).toEqual([])
  for (const except of ['11.0.0.0/16', '10.0.0.0/8', '0.0.0.0/0', '2001:db8::/32'])
    expect(block('10.0.0.0/8', except)).toEqual([`${at}: Invalid value: "${except}": ${strict}`])
  expect(block('10.0.0.0/8', 'x')).toEqual([
    `${at}: Invalid value: "x": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)`,
  ])
})
