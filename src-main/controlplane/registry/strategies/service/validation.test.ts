import { describe, expect, test } from 'vitest'
import type { Service } from '#types/core/v1'
import type { StrategyContext } from '../../strategy.ts'
import { ServiceAllocation } from './allocation.ts'
import { serviceStrategy } from './service.ts'
import { validateService, validateServiceChange } from './validation.ts'

const port = { port: 80, targetPort: 80, protocol: 'TCP' }
const service = (spec: object) =>
  ({
    metadata: { name: 's', namespace: 'd' },
    spec: { type: 'ClusterIP', sessionAffinity: 'None', ports: [port], ...spec },
  }) as Service
const errorsOf = (spec: object) => validateService(service(spec)).map((e) => `${e.field}: ${e.message}`)

test.each<[string, object, string]>([
  [
    'addresses are addresses',
    { clusterIP: 'a', clusterIPs: ['a'] },
    'spec.clusterIPs[0]: Invalid value: "a": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
  ],
  [
    'affinity lasts a day at most',
    { sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds: 86_401 } } },
    'spec.sessionAffinityConfig.clientIP.timeoutSeconds: Invalid value: 86401: must be greater than 0 and less than 86400',
  ],
  [
    'external addresses are not of the host itself',
    { externalIPs: ['127.0.0.1'] },
    'spec.externalIPs[0]: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
  ],
  [
    'traffic policies are closed',
    { internalTrafficPolicy: 'Near' },
    'spec.internalTrafficPolicy: Unsupported value: "Near": supported values: "Cluster", "Local"',
  ],
  [
    'a class is for balancers',
    { loadBalancerClass: 'a.b/c' },
    "spec.loadBalancerClass: Forbidden: may only be used when `type` is 'LoadBalancer'",
  ],
  [
    'a cluster of one family has no addresses of the other',
    { ipFamilies: ['IPv6'] },
    'spec.ipFamilies[0]: Invalid value: "IPv6": not configured on this cluster',
  ],
  [
    'two families cannot be demanded of it',
    { ipFamilyPolicy: 'RequireDualStack' },
    'spec.ipFamilyPolicy: Invalid value: "RequireDualStack": this cluster is not configured for dual-stack services',
  ],
  ['a family is told once', { ipFamilies: ['IPv4', 'IPv4'] }, 'spec.ipFamilies[1]: Duplicate value: "IPv4"'],
  [
    'balancers leave the port of kubelets alone',
    { type: 'LoadBalancer', ports: [{ ...port, port: 10_250 }] },
    'spec.ports[0]: Invalid value: 10250: may not expose port 10250 externally since it is used by kubelet',
  ],
  [
    'ways to distribute traffic are closed',
    { trafficDistribution: 'Random' },
    'spec.trafficDistribution: Unsupported value: "Random": supported values: "PreferClose", "PreferSameZone", "PreferSameNode"',
  ],
  ['an external name is needed', { type: 'ExternalName' }, 'spec.externalName: Required value'],
  [
    'node ports belong to types that have them',
    { ports: [{ ...port, nodePort: 30000 }] },
    "spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'",
  ],
])('%s', (_, spec, message) => {
  expect(errorsOf(spec)).toEqual([message])
})

const allocation = new ServiceAllocation({
  serviceCidr: '10.96.0.0/16',
  nodePortRange: { first: 30000, last: 32767 },
})

const strategy = serviceStrategy(allocation)
const context = { subresource: '' } as StrategyContext

describe('what a client asks for of addresses', () => {
  const created = (spec: object): string[] => {
    const made = service(spec)
    void strategy.prepareForCreate?.(context, made)
    return (strategy.validate?.(context, made) ?? []).map((e) => `${e.field}: ${e.message}`)
  }

  test('is of families that the cluster has', () => {
    const ofSix = 'Invalid value: "IPv6": not configured on this cluster'
    expect(created({ clusterIPs: ['10.96.0.9', 'fd00::9'] })).toEqual([`spec.ipFamilies[1]: ${ofSix}`])
    expect(created({ clusterIP: 'fd00::9' })).toEqual([`spec.ipFamilies[0]: ${ofSix}`])
  })

  test('is not for a name', () => {
    const name = { type: 'ExternalName', externalName: 'a.b' }
    const words = 'Forbidden: may not be set for ExternalName services'
    expect(created({ ...name, clusterIP: '' })).toEqual([])
    expect(created({ ...name, clusterIP: '10.96.0.9', ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack' })).toEqual([
      `spec.clusterIPs: ${words}`,
      `spec.ipFamilies: ${words}`,
      `spec.ipFamilyPolicy: ${words}`,
    ])
  })
})

test('endpoints that no selector makes may be of any family', () => {
  const spec = {
    clusterIP: 'None',
    clusterIPs: ['None'],
    ipFamilies: ['IPv4', 'IPv6'],
    ipFamilyPolicy: 'RequireDualStack',
  }
  expect(errorsOf(spec)).toEqual([])
})

test.each([
  [{}, ['IPv4', 'IPv6'], 'RequireDualStack'],
  [{ ipFamilies: ['IPv6'] }, ['IPv6', 'IPv4'], 'RequireDualStack'],
  [{ ipFamilyPolicy: 'SingleStack' }, ['IPv4'], 'SingleStack'],
  [{ selector: { app: 'a' } }, ['IPv4'], 'SingleStack'],
])('a headless service of %j has the families %j and the policy %s', (given, ipFamilies, ipFamilyPolicy) => {
  const made = service({ clusterIP: 'None', ...given })
  void strategy.prepareForCreate?.(context, made)
  expect(made.spec).toMatchObject({ ipFamilies, ipFamilyPolicy })
  expect(strategy.validate?.(context, made)).toEqual([])
})

test.each([
  ['a.b/d', 'a.b/c'],
  ['a.b/c', undefined],
])('a balancer does not become one of class %s when it was of %s', (now, before) => {
  const of = (loadBalancerClass: string | undefined) => service({ type: 'LoadBalancer', loadBalancerClass })
  expect(validateServiceChange(of(now), of(before)).map((e) => `${e.field}: ${e.message}`)).toEqual([
    `spec.loadBalancerClass: Invalid value: "${now}": may not change once set`,
  ])
})

test('a service stays of its family, unless its endpoints are made by hand', () => {
  const of = (family: string, more: object = {}) => service({ selector: { app: 'a' }, ipFamilies: [family], ...more })
  const said = (now: Service, before: Service) =>
    validateServiceChange(now, before).map((e) => `${e.field}: ${e.message}`)
  expect(said(of('IPv6'), of('IPv4'))).toEqual(['spec.ipFamilies[0]: Invalid value: ["IPv6"]: may not change once set'])
  const byHand = { selector: undefined, clusterIP: 'None' }
  expect(said(of('IPv6', byHand), of('IPv4', byHand))).toEqual([])
})

test('a health check port may not change', () => {
  const of = (healthCheckNodePort: number) => service({ type: 'LoadBalancer', healthCheckNodePort })
  expect(validateServiceChange(of(30001), of(30000)).map((e) => `${e.field}: ${e.message}`)).toEqual([
    'spec.healthCheckNodePort: Invalid value: 30001: field is immutable',
  ])
})

test('a cluster IP may not change once set', () => {
  const of = (ip: string) => service({ clusterIP: ip, clusterIPs: [ip] })
  expect(validateServiceChange(of('10.96.0.9'), of('10.96.0.8')).map((e) => `${e.field}: ${e.message}`)).toEqual([
    'spec.clusterIPs[0]: Invalid value: ["10.96.0.9"]: may not change once set',
  ])
})

test('the list of addresses follows the address that a client changes, and only its change is refused', () => {
  const strategy = serviceStrategy(allocation)
  const context = { subresource: '' } as StrategyContext
  const changed = (spec: object): string[] => {
    const old = service({ clusterIP: '10.96.0.8', clusterIPs: ['10.96.0.8'] })
    const now = service({ clusterIPs: ['10.96.0.8'], ...spec })
    void strategy.prepareForUpdate?.(context, now, old)
    const errors = [...strategy.validate!(context, now), ...strategy.validateUpdate!(context, now, old)]
    return errors.map((e) => `${e.field}: ${e.message}`)
  }
  expect(changed({ clusterIP: '10.96.0.9' })).toEqual([
    'spec.clusterIPs[0]: Invalid value: ["10.96.0.9"]: may not change once set',
  ])
  expect(changed({ clusterIP: '' })).toEqual([])
  expect(changed({ clusterIP: '10.96.0.9', clusterIPs: ['10.96.0.7'] })[0]).toContain('first value must match')
})

test.each(['ClusterIP', 'NodePort', 'ExternalName'])('a balancer becomes %s when only its type is changed', (type) => {
  const strategy = serviceStrategy(allocation)
  const fields = {
    clusterIP: '10.96.0.9',
    clusterIPs: ['10.96.0.9'],
    allocateLoadBalancerNodePorts: true,
    loadBalancerClass: 'a.b/c',
    externalTrafficPolicy: 'Local',
    healthCheckNodePort: 30001,
    ports: [{ ...port, nodePort: 30000 }],
  }
  const old = service({ ...fields, type: 'LoadBalancer' })
  const now = service({ ...structuredClone(fields), type, externalName: 'a.b' })
  void strategy.prepareForUpdate?.(context, now, old)
  expect(strategy.validate?.(context, now)).toEqual([])
  expect(strategy.validateUpdate?.(context, now, old)).toEqual([])
})

describe('the policy for traffic from outside', () => {
  const strategy = serviceStrategy(allocation)
  const context = { subresource: '' } as StrategyContext
  const words = 'spec.externalTrafficPolicy: Invalid value: "Local": may only be set for externally-accessible services'
  const local = { externalTrafficPolicy: 'Local' }
  const judged = (now: object, old?: object): string[] => {
    const made = service(now)
    const before = old && service(old)
    if (before) void strategy.prepareForUpdate?.(context, made, before)
    else void strategy.prepareForCreate?.(context, made)
    return (strategy.validate?.(context, made) ?? []).map((e) => `${e.field}: ${e.message}`)
  }

  test('is refused where nobody outside can reach the service', () => {
    expect(judged(local)).toEqual([words])
    expect(judged({ externalTrafficPolicy: '' })).toEqual([])
    expect(judged({ ...local, externalIPs: ['1.2.3.4'] })).toEqual([])
    expect(judged({ ...local, type: 'NodePort' })).toEqual([])
  })

  test('goes with the external addresses when the client left it alone, else it is judged', () => {
    expect(judged(local, { ...local, externalIPs: ['1.2.3.4'] })).toEqual([])
    expect(judged(local, { externalTrafficPolicy: 'Cluster', externalIPs: ['1.2.3.4'] })).toEqual([words])
    expect(judged(local, {})).toEqual([words])
  })
})
