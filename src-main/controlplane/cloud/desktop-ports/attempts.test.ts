import { describe, expect, it } from 'vitest'
import type { Service } from '#types/core/v1'
import type { EndpointSlice } from '#types/discovery.k8s.io/v1'
import { partial } from '../../../../src-kube/machinery/testing/partial.ts'
import { attemptsFor, type Known } from './attempts.ts'

const to = { host: '10.96.0.7', target: 80, protocol: 'TCP' as const }
const service = (more: object = {}): Service =>
  ({ spec: { clusterIP: to.host, ports: [{ port: 80, name: 'web' }], ...more } }) as Service
const endpoint = (address: string, nodeName?: string, conditions: object = { ready: true }) => ({
  addresses: [address],
  conditions,
  nodeName,
})
const slice = (endpoints: object[] | undefined, more: object = {}): EndpointSlice =>
  partial({ metadata: {}, addressType: 'IPv4', ports: [{ name: 'web', port: 8080 }], endpoints, ...more })

const ways = (known: Partial<Known>): string[] =>
  attemptsFor(to, { service: service(), slices: [], nodes: ['n1', 'n2', 'n3'], turn: 0, ...known }).map(
    ({ node, host, port }) => `${node} ${host}:${port}`,
  )
const cluster = (...nodes: string[]): string[] => nodes.map((node) => `${node} 10.96.0.7:80`)

describe('the ways to a service', () => {
  it('begin with a ready endpoint by way of its own node, then its own address by that node and the others', () => {
    const slices = [slice([endpoint('10.244.2.5', 'n2')])]
    expect(ways({ slices })).toEqual(['n2 10.244.2.5:8080', ...cluster('n2', 'n1', 'n3')])
  })

  it('go by one endpoint a node, by another endpoint first each time', () => {
    const slices = [
      slice([endpoint('10.244.2.5', 'n2'), endpoint('10.244.2.6', 'n2')]),
      slice([endpoint('10.244.3.5', 'n3')]),
    ]
    const first = (turn: number): string[] => ways({ slices, turn }).slice(0, 2)
    expect(first(0)).toEqual(['n2 10.244.2.5:8080', 'n3 10.244.3.5:8080'])
    expect(first(1)).toEqual(['n2 10.244.2.6:8080', 'n3 10.244.3.5:8080'])
    expect(first(2)).toEqual(['n3 10.244.3.5:8080', 'n2 10.244.2.5:8080'])
    expect(first(3)).toEqual(first(0))
  })

  it('stay the same for a service that wants a client to stay where it is', () => {
    const slices = [slice([endpoint('10.244.3.5', 'n3'), endpoint('10.244.2.5', 'n2')])]
    const sticky = service({ sessionAffinity: 'ClientIP' })
    expect(ways({ service: sticky, slices, turn: 1 })).toEqual(ways({ service: sticky, slices, turn: 0 }))
  })

  it('leave out endpoints that are not ready, on no connected node, without an address, or of another port', () => {
    const none = cluster('n1', 'n2', 'n3')
    const of = (...endpoints: object[]): string[] => ways({ slices: [slice(endpoints)] })
    expect(of(endpoint('10.244.2.5', 'n2', { ready: false }))).toEqual(none)
    expect(of(endpoint('10.244.9.5', 'n9'), endpoint('10.1.1.1'))).toEqual(none)
    expect(of({ ...endpoint('', 'n2'), addresses: [] })).toEqual(none)
    const there = [endpoint('10.244.2.5', 'n2', {})]
    expect(ways({ slices: [slice(there)] })[0]).toBe('n2 10.244.2.5:8080')
    expect(ways({ slices: [slice(there, { ports: [{ name: 'other', port: 9 }] })] })).toEqual(none)
    expect(ways({ slices: [slice(there, { ports: [{ name: 'web', port: 9, protocol: 'UDP' }] })] })).toEqual(none)
    expect(ways({ slices: [slice(there, { ports: undefined })] })).toEqual(none)
    expect(ways({ slices: [slice(there, { addressType: 'FQDN' })] })).toEqual(none)
    expect(ways({ slices: [slice(there, { metadata: { deletionTimestamp: 'now' } })] })).toEqual(none)
    expect(ways({ slices: [slice(undefined)] })).toEqual(none)
  })

  it('go by the nodes in turn where no endpoint is known, or no service any more', () => {
    const slices = [slice([endpoint('10.244.2.5', 'n2')])]
    expect(ways({ turn: 4 })).toEqual(cluster('n2', 'n3', 'n1'))
    expect(ways({ service: undefined, slices, turn: 1 })).toEqual(cluster('n2', 'n3', 'n1'))
    expect(ways({ nodes: [] })).toEqual([])
  })

  it('of its datagrams go to the endpoints of the port that has their protocol', () => {
    const ports = [
      { name: 'web', port: 8080 },
      { name: 'dns', port: 5353, protocol: 'UDP' },
    ]
    const both = service({
      ports: [
        { port: 80, name: 'web' },
        { port: 80, name: 'dns', protocol: 'UDP' },
      ],
    })
    const slices = [slice([endpoint('10.244.2.5', 'n2')], { ports })]
    const known = { service: both, slices, nodes: ['n2'], turn: 0 }
    const first = (protocol: 'TCP' | 'UDP') => attemptsFor({ ...to, protocol }, known)[0]
    expect(first('UDP')).toEqual({ node: 'n2', host: '10.244.2.5', port: 5353 })
    expect(first('TCP')).toEqual({ node: 'n2', host: '10.244.2.5', port: 8080 })
  })

  it('know the port of a service by its name, which a single one need not have', () => {
    const slices = [slice([endpoint('10.244.2.5', 'n2')], { ports: [{ port: 8080 }] })]
    const unnamed = service({ ports: [{ port: 80, protocol: 'UDP' }, { port: 80 }] })
    expect(ways({ service: unnamed, slices })[0]).toBe('n2 10.244.2.5:8080')
  })
})
