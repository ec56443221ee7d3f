import { describe, expect, test } from 'vitest'
import type { Service } from '#types/core/v1'
import { partial } from '../../../../../src-kube/machinery/testing/partial.ts'
import type { StrategyContext } from '../../strategy.ts'
import { serviceStrategy } from './service.ts'

const ready = (status: string) => ({ conditions: [{ type: 'Ready', status }] })
const ranges = [
  { metadata: { name: 'six' }, spec: { cidrs: ['2001:db8::/64'] }, status: ready('True') },
  { metadata: { name: 'tiny' }, spec: { cidrs: ['198.18.0.0/31'] }, status: ready('True') },
  { metadata: { name: 'waits' }, spec: { cidrs: ['198.51.100.0/24'] }, status: ready('False') },
  { metadata: { name: 'goes', deletionTimestamp: 'x' }, spec: { cidrs: ['192.0.2.0/24'] }, status: ready('True') },
  { metadata: { name: 'more' }, spec: { cidrs: ['203.0.113.0/29'] }, status: ready('True') },
]

function arrange(serviceCidr = '10.96.0.0/29') {
  const asked: string[] = []
  const strategy = serviceStrategy({ serviceCidr, nodePortRange: { first: 30000, last: 30001 }, random: () => 0 })
  const list = async (_group: string, resource: string) => {
    asked.push(resource)
    return resource === 'servicecidrs' ? ranges : []
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
  return { strategy, context, asked, make }
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
    expect(asked).toEqual(['services'])
    expect((await make({})).spec.clusterIP).toBe('203.0.113.1')
    for (let i = 2; i <= 6; i++) await make({})
    await expect(make({})).rejects.toThrow('range is full')
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
