import { expect, test } from 'vitest'
import type { Service } from '#types/core/v1'
import { service as kind } from '../../../../../src-kube/kinds/core/service.ts'
import { dropBalancerStatus, sayModes, validateServiceStatus } from './status.ts'

const service = (type: string, ...ingress: object[]) =>
  ({ metadata: { name: 's' }, spec: { type }, status: { loadBalancer: { ingress } } }) as Service
const errorsOf = (now: Service, old = service('LoadBalancer')) =>
  validateServiceStatus(now, old).map(({ field, message }) => `${field}: ${message}`)

test.each<[object, string]>([
  [{ ip: 'x' }, 'ip: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'],
  [{ ip: '192.0.2.1', ipMode: 'Any' }, 'ipMode: Unsupported value: "Any": supported values: "Proxy", "VIP"'],
  [{ hostname: 'a.b', ipMode: 'VIP' }, 'ipMode: Forbidden: may not be specified when `ip` is not set'],
  [{ hostname: '192.0.2.1' }, 'hostname: Invalid value: "192.0.2.1": must be a DNS name, not an IP address'],
  [{ hostname: 'A_' }, 'hostname: Invalid value: "A_": a lowercase RFC 1123 subdomain must'],
])('the ingress %j is refused', (ingress, words) => {
  expect(errorsOf(service('LoadBalancer', ingress))).toEqual([
    expect.stringContaining(`status.loadBalancer.ingress[0].${words}`),
  ])
})

test('balancers have addresses and names', () => {
  expect(errorsOf(service('LoadBalancer', { ip: '192.0.2.1', ipMode: 'VIP' }, { hostname: 'a.b' }))).toEqual([])
})

test('others are given none, and keep for a write of their status what they have', () => {
  const now = service('ClusterIP', { ip: '192.0.2.1' })
  expect(errorsOf(now)).toEqual([
    'status.loadBalancer.ingress: Forbidden: may only be used when `spec.type` is "LoadBalancer"',
  ])
  expect(errorsOf(now, now)).toEqual([])
  expect(errorsOf(service('ClusterIP'))).toEqual([])
})

test('a service that becomes no balancer gives its addresses up', () => {
  const now = service('NodePort', { ip: '192.0.2.1' })
  dropBalancerStatus(now)
  expect(now.status).toEqual({ loadBalancer: {} })
  const balancer = service('LoadBalancer', { ip: '192.0.2.1' })
  dropBalancerStatus(balancer)
  expect(balancer.status?.loadBalancer?.ingress).toHaveLength(1)
})

test('addresses of balancers are virtual unless they say otherwise', () => {
  const given = service('LoadBalancer', { ip: '192.0.2.1' }, { ip: '192.0.2.2', ipMode: 'Proxy' }, { hostname: 'a.b' })
  kind.served[0]!.defaults!(given)
  expect(given.status?.loadBalancer?.ingress).toEqual([
    { ip: '192.0.2.1', ipMode: 'VIP' },
    { ip: '192.0.2.2', ipMode: 'Proxy' },
    { hostname: 'a.b' },
  ])
})

test('addresses of balancers are for nodes to answer, unless somebody says otherwise', () => {
  const now = service('LoadBalancer', { ip: '192.0.2.1' }, { ip: '192.0.2.2', ipMode: 'Proxy' }, { hostname: 'a.b' })
  sayModes(now)
  expect(now.status?.loadBalancer?.ingress).toEqual([
    { ip: '192.0.2.1', ipMode: 'VIP' },
    { ip: '192.0.2.2', ipMode: 'Proxy' },
    { hostname: 'a.b' },
  ])
})
