import { describe, expect, test } from 'vitest'
import type { Service } from '#types/core/v1'
import type { IPAddress } from '#types/networking.k8s.io/v1'
import { partial } from '../../../../../src-kube/machinery/testing/partial.ts'
import type { StrategyContext } from '../../strategy.ts'
import { ipAddressStrategy } from '../ip-address.ts'
import { ServiceAllocation } from './allocation.ts'
import { serviceStrategy } from './service.ts'

const ready = (status: string) => ({ conditions: [{ type: 'Ready', status }] })
const ranges = [
  { metadata: { name: 'six' }, spec: { cidrs: ['2001:db8::/64'] }, status: ready('True') },
  { metadata: { name: 'tiny' }, spec: { cidrs: ['198.18.0.0/31'] }, status: ready('True') },
  { metadata: { name: 'waits' }, spec: { cidrs: ['198.51.100.0/24'] }, status: ready('False') },
  { metadata: { name: 'goes', deletionTimestamp: 'x' }, spec: { cidrs: ['192.0.2.0/24'] }, status: ready('True') },
  { metadata: { name: 'more' }, spec: { cidrs: ['203.0.113.0/29'] }, status: ready('True') },
]

const address = (name: string, labels?: Record<string, string>) =>
  ({ metadata: { name, ...(labels ? { labels } : {}) } }) as IPAddress

function arrange(serviceCidr = '10.96.0.0/29', addresses: IPAddress[] = []) {
  const asked: string[] = []
  const options = { serviceCidr, nodePortRange: { first: 30000, last: 30001 }, random: () => 0 }
  const allocation = new ServiceAllocation(options)
  const strategy = serviceStrategy(allocation)
  const kept = ipAddressStrategy(allocation)
  const list = async (_group: string, resource: string) => {
    asked.push(resource)
    return { servicecidrs: ranges, ipaddresses: addresses }[resource] ?? []
  }
  const context = partial<StrategyContext>({ subresource: '', read: { list } })
  const make = async (spec: object) => {
    const service = {
      metadata: { name: 's', namespace: 'd' },
      spec: { ports: [{ port: 80 }], ...spec },
    } as Service
    await strategy.allocate!(context, service, undefined)
    return service
  }
  return { strategy, kept, context, asked, make }
}

describe('cluster IPs', () => {
  test('of further ranges may be asked for once these are ready', async () => {
    const { make } = arrange()
    expect((await make({ clusterIP: '203.0.113.3' })).spec.clusterIP).toBe('203.0.113.3')
    await expect(make({ clusterIP: '203.0.113.3' })).rejects.toThrow('provided IP is already allocated')
    for (const clusterIP of ['198.51.100.1', '192.0.2.1', '198.18.0.1'])
      await expect(make({ clusterIP })).rejects.toThrow('the provided network does not match the current range')
    await expect(make({ clusterIP: '203.0.113.0' })).rejects.toThrow('The range of valid IPs is 203.0.113.0/29')
  })

  test('come from further ranges when the own one is full, and only then are those looked at', async () => {
    const { make, asked } = arrange()
    for (let i = 1; i <= 6; i++) expect((await make({})).spec.clusterIP).toBe(`10.96.0.${i}`)
    expect(asked).toEqual(['services', 'ipaddresses'])
    expect((await make({})).spec.clusterIP).toBe('203.0.113.1')
    for (let i = 2; i <= 6; i++) await make({})
    await expect(make({})).rejects.toThrow('range is full')
  })
})

describe('an address that somebody keeps by an IPAddress', () => {
  const taken = 'provided IP is already allocated'

  test('is given to no service, neither asked for nor by chance, until it is free again', async () => {
    const { kept, context, make } = arrange()
    await kept.allocate!(context, address('10.96.0.1'), undefined)
    await expect(make({ clusterIP: '10.96.0.1' })).rejects.toThrow(taken)
    expect((await make({})).spec.clusterIP).toBe('10.96.0.2')
    kept.release!(address('10.96.0.1'))
    expect((await make({ clusterIP: '10.96.0.1' })).spec.clusterIP).toBe('10.96.0.1')
  })

  test('counts from the start, and towards a full range', async () => {
    const all = [1, 2, 3, 4, 5, 6].map((n) => address(`10.96.0.${n}`))
    const { make } = arrange('10.96.0.0/29', [...all, address('2001:db8::1')])
    await expect(make({ clusterIP: '10.96.0.6' })).rejects.toThrow(taken)
    expect((await make({})).spec.clusterIP).toBe('203.0.113.1')
  })

  test('is free after a write that failed', async () => {
    const { kept, context, make } = arrange()
    const undo = await kept.allocate!(context, address('10.96.0.1'), undefined)
    undo?.()
    expect((await make({})).spec.clusterIP).toBe('10.96.0.1')
  })

  test('is told from the address of a service, which follows what is handed out', async () => {
    const { kept, strategy, context, make } = arrange()
    const own = address('10.96.0.1', { 'ipaddress.kubernetes.io/managed-by': 'ipallocator.k8s.io' })
    const service = await make({ clusterIP: '10.96.0.1' })
    await kept.allocate!(context, own, undefined)
    strategy.release!(service)
    expect((await make({ clusterIP: '10.96.0.1' })).spec.clusterIP).toBe('10.96.0.1')
  })

  test('is kept whoever wrote it, in a store that others write to', async () => {
    const { kept, make } = arrange()
    kept.follow!(address('10.96.0.1'), undefined)
    await expect(make({ clusterIP: '10.96.0.1' })).rejects.toThrow(taken)
    kept.follow!(undefined, address('10.96.0.1'))
    kept.follow!(address('10.96.0.1'), undefined)
    kept.release!(address('10.96.0.1'))
    await expect(make({ clusterIP: '10.96.0.1' })).rejects.toThrow(taken)
  })
})

describe('the health check port of a balancer whose traffic stays local', () => {
  const spec = { type: 'LoadBalancer', externalTrafficPolicy: 'Local', allocateLoadBalancerNodePorts: false }

  test('is one of the node ports, given or asked for', async () => {
    const { make } = arrange()
    expect((await make({ ...spec, healthCheckNodePort: 30001 })).spec.healthCheckNodePort).toBe(30001)
    expect((await make(spec)).spec.healthCheckNodePort).toBe(30000)
    await expect(make(spec)).rejects.toThrow(
      'spec.healthCheckNodePort: Invalid value: 0: failed to allocate a nodePort',
    )
    await expect(make({ ...spec, healthCheckNodePort: 30001 })).rejects.toThrow('provided port is already allocated')
    await expect(make({ ...spec, healthCheckNodePort: 80 })).rejects.toThrow('The range of valid ports is 30000-30001')
    expect((await make({ ...spec, externalTrafficPolicy: 'Cluster' })).spec.healthCheckNodePort).toBeUndefined()
  })

  test('stays through a PUT without it, and is given back with the policy', async () => {
    const { strategy, context, make } = arrange()
    const old = await make(spec)
    const put = (change: object) => {
      const next = structuredClone(old)
      delete next.spec.healthCheckNodePort
      Object.assign(next.spec, change)
      void strategy.prepareForUpdate!(context, next, old)
      return next
    }
    expect(put({}).spec.healthCheckNodePort).toBe(30000)
    const cluster = put({ externalTrafficPolicy: 'Cluster', healthCheckNodePort: 30000 })
    expect(cluster.spec.healthCheckNodePort).toBeUndefined()
    await strategy.allocate!(context, cluster, old)
    expect((await make({ ...spec, healthCheckNodePort: 30000 })).spec.healthCheckNodePort).toBe(30000)
  })
})
