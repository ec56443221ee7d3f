import type { Pod, PodSpec, PodStatus, Service, ServicePort, ServiceSpec } from '#types/core/v1'
import { describe, expect, it } from 'vitest'
import { partial } from '../../../../src-kube/machinery/testing/partial.ts'
import type { ControllerContext } from '../../../../src-kube/runtime/controller.ts'
import { backendsOf, hasBackends, podsOf, servicesOfPods } from './backends.ts'

const service = (spec: Partial<ServiceSpec> = {}) =>
  ({
    metadata: { name: 'web', namespace: 'a' },
    spec: { clusterIP: '10.96.0.9', selector: { app: 'web' }, ports: [{ port: 80 }], ...spec },
  }) as Service
const pod = (more: { meta?: object; spec?: Partial<PodSpec>; status?: Partial<PodStatus> } = {}) =>
  partial<Pod>({
    metadata: { name: 'p', namespace: 'a', uid: 'u', labels: { app: 'web' }, ...more.meta },
    spec: { containers: [{ name: 'c', ports: [{ name: 'http', containerPort: 8080 }] }], ...more.spec },
    status: { podIP: '10.244.0.2', ...more.status },
  })
/** A context whose informers all list these. */
const knowing = (...objects: Array<Pod | Service>) =>
  partial<ControllerContext>({ informer: () => partial({ list: () => objects }) })
const backends = (given: Service, one: Pod, family = 'IPv4') => backendsOf(given, podsOf(knowing(one), given), family)

// kubernetes.io, "Service: Services without selectors", "type: ExternalName".
it.each<[string, Partial<ServiceSpec> | undefined, boolean]>([
  ['with a selector', {}, true],
  ['headless', { clusterIP: 'None' }, true],
  ['without a selector', { selector: undefined }, false],
  ['with an empty selector', { selector: {} }, false],
  ['that is an external name', { type: 'ExternalName' }, false],
  ['without a specification', undefined, false],
])('a service %s has backends of its own: %s', (_what, spec, expected) => {
  expect(hasBackends(spec ? service(spec) : partial({ metadata: {} }))).toBe(expected)
})

describe('a pod is behind a service', () => {
  it.each<[string, Pod, boolean]>([
    ['when its labels match', pod(), true],
    ['not with other labels', pod({ meta: { labels: { app: 'db' } } }), false],
    ['not without labels', pod({ meta: { labels: undefined } }), false],
    ['not before it has an address', pod({ status: { podIP: undefined } }), false],
    ['not once it has ended', pod({ status: { phase: 'Failed' } }), false],
    ['though it is not ready', pod({ status: { conditions: [] } }), true],
    ['though it is going away', pod({ meta: { deletionTimestamp: '2026-01-01T00:00:00Z' } }), true],
  ])('%s', (_what, one, expected) => {
    expect(backends(service(), one)).toHaveLength(expected ? 1 : 0)
  })

  it('with the address of the family that is asked for', () => {
    const dual = pod({ status: { podIP: '10.244.0.2', podIPs: [{ ip: '10.244.0.2' }, { ip: 'fd00::2' }] } })
    expect(backends(service(), dual, 'IPv6')[0]?.ip).toBe('fd00::2')
    expect(backends(service(), dual, 'IPv4')[0]?.ip).toBe('10.244.0.2')
    expect(backends(service(), pod(), 'IPv6')).toEqual([])
  })

  it.each<[string, Partial<ServiceSpec>, Partial<PodSpec>, string | undefined]>([
    ['a headless one of its subdomain', { clusterIP: 'None' }, { hostname: 'db-0', subdomain: 'web' }, 'db-0'],
    ['not one of another subdomain', { clusterIP: 'None' }, { hostname: 'db-0', subdomain: 'other' }, undefined],
    ['one with a cluster IP as well', {}, { hostname: 'db-0', subdomain: 'web' }, 'db-0'],
    ['nothing without a host name', { clusterIP: 'None' }, { hostname: '', subdomain: 'web' }, undefined],
  ])('lends its host name to %s', (_what, spec, own, expected) => {
    expect(backends(service(spec), pod({ spec: own }))[0]?.hostname).toBe(expected)
  })
})

describe('the port of a backend', () => {
  const sidecar = { name: 's', restartPolicy: 'Always', ports: [{ name: 'proxy', containerPort: 15_001 }] }
  const init = { name: 'i', ports: [{ name: 'setup', containerPort: 1 }] }
  const spec = { initContainers: [sidecar, init] }

  it.each<[string, ServicePort, object | undefined]>([
    ['is that of the service unless another is named', { port: 80 }, { port: 80, protocol: 'TCP' }],
    ['is that of the service for target 0', { port: 80, targetPort: 0 }, { port: 80, protocol: 'TCP' }],
    ['is that of the service for an empty target', { port: 80, targetPort: '' }, { port: 80, protocol: 'TCP' }],
    ['is the target number', { port: 80, targetPort: 8080 }, { port: 8080, protocol: 'TCP' }],
    ['is the port of that name in the pod', { port: 80, targetPort: 'http' }, { port: 8080, protocol: 'TCP' }],
    ['also in a sidecar', { port: 80, targetPort: 'proxy' }, { port: 15_001, protocol: 'TCP' }],
    ['not in another init container', { port: 80, targetPort: 'setup' }, undefined],
    ['not of another protocol', { port: 80, targetPort: 'http', protocol: 'UDP' }, undefined],
    [
      'keeps name and application protocol',
      { name: 'x', port: 80, appProtocol: 'h2c' },
      { name: 'x', port: 80, protocol: 'TCP', appProtocol: 'h2c' },
    ],
  ])('%s', (_what, port, expected) => {
    expect(backends(service({ ports: [port] }), pod({ spec: spec }))[0]?.ports).toEqual(expected ? [expected] : [])
  })

  it('is none of a headless service without ports', () => {
    const { ports: _, ...spec } = service({ clusterIP: 'None' }).spec!
    expect(backends({ ...service(), spec }, pod({ spec: { containers: [{ name: 'c' }] } }))[0]?.ports).toEqual([])
  })
})

describe('a change of a pod', () => {
  const before = pod()
  const wakes = (after: Pod, old?: Pod, given = service()) => [...servicesOfPods.keys(after, knowing(given), old)]

  it.each<[string, Pod, boolean]>([
    ['its readiness', pod({ status: { conditions: [{ type: 'Ready', status: 'True' }] } }), true],
    ['its address', pod({ status: { podIP: '10.244.0.3' } }), true],
    ['its end', pod({ status: { phase: 'Succeeded' } }), true],
    ['its node', pod({ spec: { nodeName: 'n1' } }), true],
    ['its deletion', pod({ meta: { deletionTimestamp: '2026-01-01T00:00:00Z' } }), true],
    ['labels that match no more', pod({ meta: { labels: { app: 'db' } } }), true],
    ['another condition', pod({ status: { conditions: [{ type: 'Initialized', status: 'True' }] } }), false],
    ['an annotation', pod({ meta: { annotations: { a: 'b' } } }), false],
  ])('%s concerns its services: $2', (_what, after, expected) => {
    expect(wakes(after, before)).toEqual(expected ? ['a/web'] : [])
  })

  it('concerns no service that never selected it', () => {
    expect(wakes(pod({ meta: { labels: { app: 'db' } } }))).toEqual([])
    expect(wakes(before)).toEqual(['a/web'])
  })
})
