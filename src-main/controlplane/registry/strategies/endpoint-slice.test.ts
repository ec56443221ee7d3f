import { expect, test } from 'vitest'
import type { KubeObject } from '../../../../src-kube/machinery/meta.ts'
import type { Strategy, StrategyContext } from '../strategy.ts'
import { endpointSliceStrategy } from './endpoint-slice.ts'

const context = { subresource: '' } as StrategyContext
/** As the registry knows it: a strategy of any object. */
const slices: Strategy = endpointSliceStrategy
const object = (more: object) => ({ apiVersion: 'x', kind: 'X', metadata: { name: 'x' }, ...more }) as KubeObject
const slice = (more: object) =>
  (slices.validate?.(context, object({ addressType: 'IPv4', ...more })) ?? []).map((e) => `${e.field}: ${e.message}`)
const endpoint = (more: object) => slice({ endpoints: [{ addresses: ['10.0.0.1'], ...more }] })

test('a slice has addresses of its one family', () => {
  expect(slice({ endpoints: [{ addresses: ['10.0.0.1'] }], ports: [{ port: 1 }] })).toEqual([])
  expect(slice({ endpoints: [{ addresses: ['::1'] }] })).toEqual([
    'endpoints[0].addresses[0]: Invalid value: "::1": must be an IPv4 address',
  ])
  expect(slice({ ports: [{ name: 'a' }, { name: 'a' }] })).toEqual(['ports[1].name: Duplicate value: "a"'])
  const other = object({ addressType: 'IPv6' })
  expect(slices.validateUpdate?.(context, other, object({ addressType: 'IPv4' }))).toHaveLength(1)
})

test.each([
  ['foo.example.com', undefined],
  ['foo.example.com.', undefined],
  ['foo', 'Invalid value: "foo": should be a domain with at least two segments separated by dots'],
])('a slice of names has names of domains: %s', (address, words) => {
  const found = slice({ addressType: 'FQDN', endpoints: [{ addresses: [address] }] })
  expect(found).toEqual(words ? [`endpoints[0].addresses[0]: ${words}`] : [])
})

test('an endpoint has a hundred addresses at most', () => {
  const addresses = Array.from({ length: 101 }, (_, i) => `10.0.0.${i}`)
  expect(endpoint({ addresses })).toEqual(['endpoints[0].addresses: Too many: 101: must have at most 100 items'])
})

test('endpoints, their hints and ports are named as such things are', () => {
  expect(endpoint({ nodeName: 'n1', hints: { forZones: [{ name: 'a' }], forNodes: [{ name: 'n1' }] } })).toEqual([])
  const fieldsOf = (errors: string[]) => errors.map((error) => error.slice(0, error.indexOf(':')))
  expect(fieldsOf(endpoint({ nodeName: 'N_1', hostname: 'H', deprecatedTopology: { 'a b': 'x' } }))).toEqual([
    'endpoints[0].nodeName',
    'endpoints[0].deprecatedTopology',
    'endpoints[0].hostname',
  ])
  expect(endpoint({ hints: { forZones: [{ name: 'a' }, { name: 'a' }] } })).toEqual([
    'endpoints[0].hints.forZones[1].name: Duplicate value: "a"',
  ])
  const forNodes = Array.from({ length: 9 }, (_, i) => ({ name: `n${i}` }))
  expect(endpoint({ hints: { forNodes } })).toEqual([
    'endpoints[0].hints.forNodes: Too many: 9: must have at most 8 items',
  ])
  expect(fieldsOf(slice({ ports: [{ name: 'Web', appProtocol: 'a b', protocol: 'IP' }] }))).toEqual([
    'ports[0].name',
    'ports[0].protocol',
    'ports[0].appProtocol',
  ])
})
