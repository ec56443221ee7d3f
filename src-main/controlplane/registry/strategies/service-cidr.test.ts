import { expect, test } from 'vitest'
import type { KubeObject } from '../../../../src-kube/machinery/meta.ts'
import type { Strategy, StrategyContext } from '../strategy.ts'
import { serviceCidrStrategy } from './service-cidr.ts'

/** As the registry knows it: a strategy of any object. */
const ranges: Strategy = serviceCidrStrategy
const context = { subresource: '' } as StrategyContext
const judged = (...cidrs: string[]): string[] => {
  const range = { apiVersion: 'x', kind: 'X', metadata: { name: 'x' }, spec: { cidrs } } as unknown as KubeObject
  return (ranges.validate?.(context, range) ?? []).map((e) => `${e.field}: ${e.message}`)
}

test.each([
  [['10.251.0.0/24'], []],
  [['10.251.0.0/24', '2001:db8::/64'], []],
  [[], ['spec.cidrs: Required value: at least one CIDR required']],
  [
    ['10.251.0.1/24'],
    ['spec.cidrs[0]: Invalid value: "10.251.0.1/24": must not have bits set beyond the prefix length'],
  ],
  [['x'], ['spec.cidrs[0]: Invalid value: "x": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)']],
])('%j is judged as a range of addresses', (cidrs, errors) => expect(judged(...cidrs)).toEqual(errors))
