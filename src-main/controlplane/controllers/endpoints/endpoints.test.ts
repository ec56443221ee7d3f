import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { refs } from '../../../../src-kube/client/refs.ts'
import { alreadyExists, StatusError } from '../../../../src-kube/machinery/errors.ts'
import { harness } from '../testing/harness.ts'
import { endpointsController } from './legacy.ts'
import { endpointSliceMirroring } from './mirror.ts'
import { endpointSliceController } from './slices.ts'

let h = harness([])
const service = (more = {}) => ({
  metadata: { name: 'web', namespace: 'a', labels: { team: 'x' } },
  spec: {
    clusterIP: '10.96.0.9',
    selector: { app: 'web' },
    ports: [{ name: 'http', port: 80, targetPort: 'web' }],
    ...more,
  },
})
const pod = (name: string, ip: string, { ready = true, spec = {} } = {}) =>
  h.server.put(refs.pods, {
    metadata: { name, namespace: 'a', labels: { app: 'web' } },
    spec: { nodeName: 'n1', containers: [{ name: 'c', ports: [{ name: 'web', containerPort: 8080 }] }], ...spec },
    status: { phase: 'Running', podIP: ip, conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
  })
const slices = () => h.server.all(refs.endpointSlices)
const endpoints = () => h.server.peek(refs.endpoints, 'web', 'a')

beforeEach(async () => {
  h = harness([endpointsController(), endpointSliceController(), endpointSliceMirroring()])
  await h.start()
})
afterEach(() => {
  h.finish()
})

describe('endpoints and slices', () => {
  it('show ready pods with resolved ports, and where they run', async () => {
    h.server.put(refs.services, service())
    const { metadata } = pod('p1', '10.244.0.2')
    await h.settle()
    const targetRef = { kind: 'Pod', namespace: 'a', name: 'p1', uid: metadata.uid }
    expect(slices()).toHaveLength(1)
    expect(slices()[0]).toMatchObject({
      addressType: 'IPv4',
      ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
      endpoints: [
        {
          addresses: ['10.244.0.2'],
          conditions: { ready: true, serving: true, terminating: false },
          nodeName: 'n1',
          targetRef,
        },
      ],
    })
    expect(slices()[0]?.metadata.labels).toEqual({
      team: 'x',
      'kubernetes.io/service-name': 'web',
      'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
    })
    expect(endpoints()?.subsets).toEqual([
      {
        addresses: [{ ip: '10.244.0.2', nodeName: 'n1', targetRef }],
        ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
      },
    ])
  })

  it.each([
    ['PreferClose', { forZones: [{ name: 'east' }] }],
    ['PreferSameZone', { forZones: [{ name: 'east' }] }],
    ['PreferSameNode', { forZones: [{ name: 'east' }], forNodes: [{ name: 'n1' }] }],
    [undefined, undefined],
  ])('say of ready pods which clients they are meant for: %s', async (trafficDistribution, hints) => {
    h.server.put(refs.services, service({ trafficDistribution }))
    pod('p1', '10.244.0.2')
    pod('p2', '10.244.0.3', { ready: false })
    await h.settle()
    h.server.put(refs.nodes, { metadata: { name: 'n1', labels: { 'topology.kubernetes.io/zone': 'east' } } })
    await h.settle()
    const shown = slices()[0]?.endpoints?.map(({ zone, hints: meant }) => ({ zone, meant }))
    expect(shown).toEqual([
      { zone: 'east', meant: hints },
      { zone: 'east', meant: undefined },
    ])
  })

  it('name pods of the subdomain that is the service, headless or not', async () => {
    h.server.put(refs.services, service())
    pod('p1', '10.244.0.2', { spec: { hostname: 'one', subdomain: 'web' } })
    pod('p2', '10.244.0.3', { spec: { hostname: 'two', subdomain: 'other' } })
    await h.settle()
    expect(slices()[0]?.endpoints?.map(({ hostname }) => hostname)).toEqual(['one', undefined])
  })

  it('keep an unready pod apart, a terminating one serving in its slice only, an ended one nowhere', async () => {
    h.server.put(refs.services, service())
    pod('p1', '10.244.0.2', { ready: false })
    pod('p2', '10.244.0.3')
    const ended = pod('p3', '10.244.0.4')
    h.server.put(refs.pods, { ...ended, status: { ...ended.status, phase: 'Succeeded' } })
    await h.client.resource(refs.pods).delete('p2', 'a')
    await h.settle()
    expect(endpoints()?.subsets).toMatchObject([{ notReadyAddresses: [{ ip: '10.244.0.2' }] }])
    expect(slices()[0]?.endpoints?.map((e) => e.conditions)).toEqual([
      { ready: false, serving: false, terminating: false },
      { ready: false, serving: true, terminating: true },
    ])
  })

  it('publish unready pods of a headless service that asks for it, with their host names', async () => {
    h.server.put(refs.services, service({ clusterIP: 'None', publishNotReadyAddresses: true }))
    pod('p1', '10.244.0.2', { ready: false, spec: { hostname: 'p1', subdomain: 'web' } })
    await h.settle()
    expect(slices()[0]?.endpoints).toMatchObject([{ hostname: 'p1', conditions: { ready: true, serving: false } }])
    expect(slices()[0]?.metadata.labels).toMatchObject({ 'service.kubernetes.io/headless': '' })
    expect(endpoints()?.subsets).toMatchObject([{ addresses: [{ ip: '10.244.0.2', hostname: 'p1' }] }])
  })

  it('hold a hundred endpoints a slice and change only the slice concerned', async () => {
    h.server.put(refs.services, service())
    for (let i = 0; i < 150; i++) pod(`p${i}`, `10.244.1.${i}`)
    await h.pass(2000)
    expect(slices().map((s) => s.endpoints?.length)).toEqual([100, 50])
    const before = slices().map((s) => s.metadata.resourceVersion)
    h.server.remove(refs.pods, 'p0', 'a')
    await h.pass(2000)
    const after = slices().map((s) => s.metadata.resourceVersion)
    expect(after.filter((version) => !before.includes(version))).toHaveLength(1)
  })

  it('stand empty for a service without pods and leave a service without selector alone', async () => {
    h.server.put(refs.services, service())
    h.server.put(refs.services, { metadata: { name: 'own', namespace: 'a' }, spec: {} })
    await h.settle()
    expect(slices()).toHaveLength(1)
    expect(slices()[0]?.endpoints).toEqual([])
    expect(h.server.all(refs.endpoints)).toHaveLength(1)
    expect(endpoints()).not.toHaveProperty('subsets')
    pod('p1', '10.244.0.2')
    await h.settle()
    expect(endpoints()?.subsets).toHaveLength(1)
    h.server.remove(refs.pods, 'p1', 'a')
    await h.settle()
    expect(endpoints()).not.toHaveProperty('subsets')
  })

  it('are divided among zones by their CPU where the service says Auto, and the service is told', async () => {
    const made = service({ trafficDistribution: 'PreferSameZone' })
    const put = (mode: string | undefined) =>
      h.server.put(refs.services, {
        ...made,
        metadata: { ...made.metadata, annotations: mode ? { 'service.kubernetes.io/topology-mode': mode } : {} },
      })
    const addNode = (name: string, zone: string, cpu: string) =>
      h.server.put(refs.nodes, {
        metadata: { name, labels: { 'topology.kubernetes.io/zone': zone } },
        status: { allocatable: { cpu }, conditions: [{ type: 'Ready', status: 'True' }] },
      })
    const shown = () =>
      slices()[0]
        ?.endpoints?.map(({ hints }) => hints?.forZones?.[0]?.name)
        .sort()
    const topology = () =>
      h.server
        .all(refs.events)
        .filter(({ reason }) => reason?.startsWith('Topology'))
        .map(({ reason, type, message }) => `${type} ${reason}: ${message}`)
    put('Auto')
    for (let i = 0; i < 4; i++) pod(`p${i}`, `10.244.0.${i}`)
    addNode('n1', 'east', '1')
    await h.settle()
    expect(shown()).toEqual([undefined, undefined, undefined, undefined])
    const insufficient = 'Insufficient Node information: allocatable CPU or zone not specified on one or more nodes'
    expect(topology()).toEqual([`Warning TopologyAwareHintsDisabled: ${insufficient}, addressType: IPv4`])
    addNode('n2', 'west', '1')
    await h.settle()
    expect(shown()).toEqual(['east', 'east', 'west', 'west'])
    expect(topology()).toContain(
      'Normal TopologyAwareHintsEnabled: Topology Aware Hints has been enabled, addressType: IPv4',
    )
    put(undefined)
    await h.settle()
    expect(shown()).toEqual(['east', 'east', 'east', 'east'])
    expect(topology()).toContain(
      'Warning TopologyAwareHintsDisabled: Topology Aware Hints has been disabled, addressType: IPv4',
    )
    expect(topology()).toHaveLength(3)
  })

  it('say when that happened which they were changed for', async () => {
    const key = 'endpoints.kubernetes.io/last-change-trigger-time'
    const made = service()
    const creationTimestamp = '2026-01-01T00:00:00Z'
    h.server.put(refs.services, { ...made, metadata: { ...made.metadata, creationTimestamp } })
    await h.settle()
    expect(endpoints()?.metadata.annotations).toEqual({ [key]: creationTimestamp })
    expect(slices()[0]?.metadata.annotations).toEqual({ [key]: creationTimestamp })
    const first = pod('p1', '10.244.0.2', { ready: false })
    await h.settle()
    const lastTransitionTime = '2026-01-01T00:00:07Z'
    const conditions = [{ type: 'Ready', status: 'True', lastTransitionTime }]
    h.server.put(refs.pods, { ...first, status: { ...first.status, conditions } })
    await h.settle()
    expect(endpoints()?.metadata.annotations).toEqual({ [key]: lastTransitionTime })
    expect(slices()[0]?.metadata.annotations).toEqual({ [key]: lastTransitionTime })
    const ended = '2026-01-01T00:00:09Z'
    const second = pod('p2', '10.244.0.3')
    await h.settle()
    const over = [{ type: 'Ready', status: 'False' as const, lastTransitionTime: ended }]
    h.server.put(refs.pods, { ...second, status: { ...second.status, phase: 'Succeeded', conditions: over } })
    await h.settle()
    expect(endpoints()?.metadata.annotations).toEqual({ [key]: ended })
    expect(slices()[0]?.metadata.annotations).toEqual({ [key]: ended })
    const written = endpoints()?.metadata.resourceVersion
    h.server.put(refs.pods, { ...first, status: { ...first.status, conditions, message: 'x' } })
    await h.settle()
    expect(endpoints()?.metadata.resourceVersion).toBe(written)
  })

  it('are mirrored from endpoints that people wrote', async () => {
    h.server.put(refs.services, { metadata: { name: 'own', namespace: 'a' }, spec: {} })
    const subsets = [{ addresses: [{ ip: '192.0.2.1' }], ports: [{ port: 5432, protocol: 'TCP' }] }]
    h.server.put(refs.endpoints, { metadata: { name: 'own', namespace: 'a' }, subsets })
    await h.settle()
    expect(slices()).toHaveLength(1)
    expect(slices()[0]).toMatchObject({
      ports: [{ port: 5432 }],
      endpoints: [{ addresses: ['192.0.2.1'], conditions: { ready: true } }],
    })
    expect(slices()[0]?.metadata.labels?.['endpointslice.kubernetes.io/managed-by']).toBe(
      'endpointslicemirroring-controller.k8s.io',
    )
  })

  it('keep a thousand addresses in the old form, ready ones first, and say that more were left out', async () => {
    for (let i = 0; i < 10; i++) pod(`w${i}`, `10.244.200.${i}`, { ready: false })
    for (let i = 0; i < 995; i++) pod(`p${i}`, `10.244.${Math.floor(i / 250)}.${i % 250}`)
    // All pods are known before their service, so that they are counted once and not after each.
    await h.pass(2000)
    h.server.put(refs.services, service())
    await h.pass(2000)
    const subset = endpoints()?.subsets?.[0]
    expect([subset?.addresses?.length, subset?.notReadyAddresses?.length]).toEqual([995, 5])
    expect(endpoints()?.metadata.annotations).toEqual({
      'endpoints.kubernetes.io/last-change-trigger-time': '2026-01-01T00:00:02Z',
      'endpoints.kubernetes.io/over-capacity': 'truncated',
    })
    for (let i = 0; i < 10; i++) h.server.remove(refs.pods, `w${i}`, 'a')
    await h.pass(2000)
    expect(endpoints()?.metadata.annotations).toEqual({})
  })

  it('are grouped by ports: pods whose named port differs stand apart', async () => {
    h.server.put(refs.services, service())
    pod('p1', '10.244.0.2')
    pod('p2', '10.244.0.3', { spec: { containers: [{ name: 'c', ports: [{ name: 'web', containerPort: 9090 }] }] } })
    pod('p3', '10.244.0.4', { spec: { containers: [{ name: 'c' }] } })
    await h.settle()
    const told = endpoints()?.subsets?.map(({ addresses, ports }) => [addresses?.map(({ ip }) => ip), ports?.[0]?.port])
    expect(told).toEqual([
      [['10.244.0.2'], 8080],
      [['10.244.0.3'], 9090],
    ])
  })

  it('in the old form share the ports that all offer: what only some offer stands apart', async () => {
    const ports = [
      { name: 'http', port: 80, targetPort: 'web' },
      { name: 'dns', port: 53, targetPort: 5353, protocol: 'UDP' },
    ]
    h.server.put(refs.services, service({ ports }))
    pod('p1', '10.244.0.2')
    pod('p2', '10.244.0.3', { ready: false, spec: { containers: [{ name: 'c' }] } })
    await h.settle()
    const ips = (list?: Array<{ ip: string }>) => list?.map(({ ip }) => ip)
    const told = endpoints()?.subsets?.map((s) => [ips(s.addresses), ips(s.notReadyAddresses), s.ports?.[0]?.port])
    expect(told).toEqual([
      [['10.244.0.2'], undefined, 8080],
      [['10.244.0.2'], ['10.244.0.3'], 5353],
    ])
  })

  it.each([
    ['leave a namespace that ends alone', 'NamespaceTerminating', []],
    ['that cannot be written are told of', 'Other', ['FailedToCreateEndpoint', 'FailedToUpdateEndpointSlices']],
  ])('%s', async (_what, reason, expected) => {
    h.server.intercept = ({ verb, resource }) => {
      if (verb !== 'create' || resource.resource === 'events') return undefined
      throw new StatusError(403, 'Forbidden', 'no', { causes: [{ reason, message: 'no' }] })
    }
    h.server.put(refs.services, service())
    await h.settle()
    expect(new Set(h.eventReasons())).toEqual(new Set(expected))
    expect(h.warnings.length > 0).toBe(expected.length > 0)
    h.warnings.length = 0
  })

  it('in the old form that were made a moment ago, and are not seen yet, are no trouble to tell of', async () => {
    let refusals = 0
    h.server.intercept = ({ verb, resource }) => {
      if (verb !== 'create' || resource.resource !== 'endpoints' || refusals > 0) return undefined
      refusals++
      throw alreadyExists(refs.endpoints, 'web')
    }
    h.server.put(refs.services, service())
    await h.settle()
    await h.pass(1000)
    expect(refusals).toBe(1)
    expect(endpoints()).toBeDefined()
    expect(h.eventReasons()).toEqual([])
    // The log says that it was tried again.
    expect(h.warnings).toHaveLength(1)
    h.warnings.length = 0
  })

  it('in the old form go with their service, and come back when somebody deletes them', async () => {
    h.server.put(refs.services, service())
    await h.settle()
    h.server.remove(refs.endpoints, 'web', 'a')
    await h.settle()
    expect(endpoints()).toBeDefined()
    h.server.remove(refs.services, 'web', 'a')
    await h.settle()
    expect(endpoints()).toBeUndefined()
  })

  const mirrored = () => slices().filter(({ metadata }) => metadata.labels?.['kubernetes.io/service-name'] === 'own')
  const own = (spec: object, more: object = {}) => {
    h.server.put(refs.services, { metadata: { name: 'own', namespace: 'a' }, spec })
    h.server.put(refs.endpoints, {
      metadata: { name: 'own', namespace: 'a', ...more },
      subsets: [
        {
          addresses: [{ ip: '192.0.2.1', hostname: 'one', nodeName: 'n1', targetRef: { kind: 'Pod', name: 'p' } }],
          notReadyAddresses: [{ ip: 'fd00::1' }],
        },
      ],
    })
  }

  it('are mirrored with their annotations, but for what is about themselves', async () => {
    const subsets = [{ addresses: [{ ip: '192.0.2.1' }], ports: [{ port: 5432 }] }]
    const put = (annotations: Record<string, string>) =>
      h.server.put(refs.endpoints, { metadata: { name: 'own', namespace: 'a', annotations }, subsets })
    h.server.put(refs.services, { metadata: { name: 'own', namespace: 'a' }, spec: {} })
    put({ team: 'x', 'kubectl.kubernetes.io/last-applied-configuration': '{}' })
    await h.settle()
    expect(mirrored()[0]?.metadata.annotations).toEqual({ team: 'x' })
    put({ team: 'y' })
    await h.settle()
    expect(mirrored().map(({ metadata }) => metadata.annotations)).toEqual([{ team: 'y' }])
    const written = mirrored()[0]?.metadata.resourceVersion
    put({ team: 'y', 'endpoints.kubernetes.io/last-change-trigger-time': '2026-01-01T00:00:00Z' })
    await h.settle()
    expect(mirrored()[0]?.metadata.resourceVersion).toBe(written)
    put({})
    await h.settle()
    expect(mirrored()[0]?.metadata).not.toHaveProperty('annotations')
  })

  it('are mirrored a slice a family, with what is known of each address', async () => {
    own({})
    await h.settle()
    expect(mirrored().map(({ addressType, endpoints: all }) => [addressType, all])).toEqual([
      [
        'IPv4',
        [
          {
            addresses: ['192.0.2.1'],
            conditions: { ready: true },
            hostname: 'one',
            nodeName: 'n1',
            targetRef: { kind: 'Pod', name: 'p' },
          },
        ],
      ],
      ['IPv6', [{ addresses: ['fd00::1'], conditions: { ready: false } }]],
    ])
  })

  it('are mirrored into one slice when several subsets have the same ports, and then left alone', async () => {
    own({})
    const subset = (ip: string, port: number) => ({ addresses: [{ ip }], ports: [{ port, protocol: 'TCP' as const }] })
    const subsets = [subset('192.0.2.1', 80), subset('192.0.2.2', 81), subset('192.0.2.3', 80)]
    h.server.put(refs.endpoints, { metadata: { name: 'own', namespace: 'a' }, subsets })
    await h.pass(5000)
    const shown = mirrored().map(({ ports, endpoints: all }) => [
      ports?.[0]?.port,
      all?.map(({ addresses }) => addresses[0]),
    ])
    expect(shown.toSorted(([a = 0], [b = 0]) => Number(a) - Number(b))).toEqual([
      [80, ['192.0.2.1', '192.0.2.3']],
      [81, ['192.0.2.2']],
    ])
    const writes = h.server.calls.length
    await h.pass(5000)
    expect(h.server.calls.length).toBe(writes)
  })

  it.each([
    ['that ask not to be', {}, { labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } }],
    ['that are a lock of leaders', {}, { annotations: { 'control-plane.alpha.kubernetes.io/leader': '{}' } }],
  ])('are not mirrored from endpoints %s', async (_what, spec, more) => {
    own(spec, more)
    await h.settle()
    expect(mirrored()).toEqual([])
  })

  it('are mirrored no more once the service has a selector of its own', async () => {
    own({})
    await h.settle()
    expect(mirrored()).toHaveLength(2)
    h.server.put(refs.services, { metadata: { name: 'own', namespace: 'a' }, spec: { selector: { app: 'web' } } })
    await h.pass(2000)
    const managers = mirrored().map(({ metadata }) => metadata.labels?.['endpointslice.kubernetes.io/managed-by'])
    expect(managers).toEqual(['endpointslice-controller.k8s.io'])
  })
})
