import { describe, expect, it } from 'vitest'
import type { Service } from '#types/core/v1'
import type { EndpointSlice } from '#types/discovery.k8s.io/v1'
import { headlessEndpoints, resolve, type ZoneSource } from './zone.ts'

const meta = (name: string) => ({ name, namespace: 'shop', uid: name, resourceVersion: '1' })
const service = (name: string, spec: Service['spec']): Service => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: meta(name),
  spec,
})

const services = [
  service('web', { clusterIP: '10.96.5.5', ports: [{ name: 'http', port: 80, protocol: 'TCP' }] }),
  service('db', { clusterIP: 'None', ports: [{ name: 'sql', port: 5432, protocol: 'TCP' }] }),
  service('empty', { clusterIP: 'None', ports: [] }),
  service('outside', { type: 'ExternalName', externalName: 'www.Example.com.' }),
]
const slice: EndpointSlice = {
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: meta('db-1'),
  addressType: 'IPv4',
  ports: [{ name: 'sql', port: 5432, protocol: 'TCP' }],
  endpoints: [
    { addresses: ['10.244.1.7'], hostname: 'db-0', conditions: { ready: true } },
    { addresses: ['10.244.2.8'], conditions: {} },
    { addresses: ['10.244.2.9'], hostname: 'db-2', conditions: { ready: false } },
  ],
}
const source: ZoneSource = {
  service: (namespace, name) => (namespace === 'shop' ? services.find((s) => s.metadata.name === name) : undefined),
  slices: (namespace, name) => (namespace === 'shop' && name === 'db' ? [slice] : []),
  hasNamespace: (namespace) => namespace === 'shop',
  reverse: (address) =>
    address === '10.96.5.5'
      ? { namespace: 'shop', service: 'web' }
      : address === '10.244.1.7'
        ? { namespace: 'shop', service: 'db', label: 'db-0' }
        : undefined,
}
const ask = (name: string, type = 'A') => resolve(source, 'cluster.local', { name, type })
const data = (name: string, type = 'A') => ask(name, type).records.map((record) => record.data)

describe('resolve', () => {
  it('gives a service its cluster IP, whatever the case of the name', () => {
    expect(data('Web.shop.svc.cluster.local.')).toEqual(['10.96.5.5'])
  })

  it('gives a headless service the addresses of its ready endpoints', () => {
    expect(data('db.shop.svc.cluster.local')).toEqual(['10.244.1.7', '10.244.2.8'])
  })

  it('names endpoints by hostname, or by their address with dashes', () => {
    expect(data('db-0.db.shop.svc.cluster.local')).toEqual(['10.244.1.7'])
    expect(data('10-244-2-8.db.shop.svc.cluster.local')).toEqual(['10.244.2.8'])
    expect(ask('db-2.db.shop.svc.cluster.local').status).toBe('no-name')
  })

  it('answers SRV for named ports of services and of headless endpoints, with the addresses of the targets', () => {
    expect(data('_http._tcp.web.shop.svc.cluster.local', 'SRV')).toEqual([
      { priority: 0, weight: 100, port: 80, target: 'web.shop.svc.cluster.local' },
    ])
    const found = ask('_sql._tcp.db.shop.svc.cluster.local', 'SRV')
    expect(found.records.map((r) => (r.data as { target: string }).target)).toEqual([
      'db-0.db.shop.svc.cluster.local',
      '10-244-2-8.db.shop.svc.cluster.local',
    ])
    expect(found.additional.map((r) => r.data)).toEqual(['10.244.1.7', '10.244.2.8'])
    expect(ask('_sql._udp.db.shop.svc.cluster.local', 'SRV').status).toBe('no-name')
    expect(ask('_http._tcp.web.shop.svc.cluster.local', 'A').status).toBe('no-data')
  })

  it('divides a weight of a hundred among all places, as CoreDNS does', () => {
    const weights = (name: string) => (data(name, 'SRV') as Array<{ weight: number }>).map(({ weight }) => weight)
    expect(weights('_http._tcp.web.shop.svc.cluster.local')).toEqual([100])
    expect(weights('_sql._tcp.db.shop.svc.cluster.local')).toEqual([50, 50])
  })

  it('answers SRV for names without a port with all their ports, as peers of a stateful set ask for each other', () => {
    const targets = (name: string): unknown[] =>
      data(name, 'SRV').map((found) => `${(found as { target: string }).target}:${(found as { port: number }).port}`)
    expect(targets('web.shop.svc.cluster.local')).toEqual(['web.shop.svc.cluster.local:80'])
    expect(targets('db.shop.svc.cluster.local')).toEqual([
      'db-0.db.shop.svc.cluster.local:5432',
      '10-244-2-8.db.shop.svc.cluster.local:5432',
    ])
    expect(targets('db-0.db.shop.svc.cluster.local')).toEqual(['db-0.db.shop.svc.cluster.local:5432'])
    expect(ask('empty.shop.svc.cluster.local', 'SRV').status).toBe('no-name')
  })

  it('answers the names of endpoints of a service that has an address too', () => {
    const over = { ...source, slices: () => [slice] }
    const found = resolve(over, 'cluster.local', { name: 'db-0.web.shop.svc.cluster.local', type: 'A' })
    expect(found.records.map((record) => record.data)).toEqual(['10.244.1.7'])
    const own = resolve(over, 'cluster.local', { name: 'web.shop.svc.cluster.local', type: 'SRV' })
    expect(own.records).toHaveLength(1)
  })

  it('answers an external name with a CNAME that the caller follows', () => {
    expect(ask('outside.shop.svc.cluster.local')).toMatchObject({
      records: [{ type: 'CNAME', data: 'www.example.com' }],
      follow: 'www.example.com',
    })
    expect(ask('x.outside.shop.svc.cluster.local').status).toBe('no-name')
  })

  it('answers the address in the name of a pod', () => {
    expect(data('10-244-1-7.shop.pod.cluster.local')).toEqual(['10.244.1.7'])
    expect(ask('10-244-1-7.shop.pod.cluster.local', 'AAAA').status).toBe('no-data')
    expect(ask('shop.pod.cluster.local').status).toBe('no-data')
  })

  it.each(['10-244-1', '10-244-1-700', '10--1-7', '10-244-1-07', '10-244-1-0x7', '10-244-1-7-1', 'x.10-244-1-7'])(
    'knows no pod %s: that is no address',
    (label) => {
      expect(ask(`${label}.shop.pod.cluster.local`).status).toBe('no-name')
    },
  )

  it('tells a missing name from a name without such records', () => {
    expect(ask('web.shop.svc.cluster.local', 'AAAA').status).toBe('no-data')
    expect(ask('none.shop.svc.cluster.local').status).toBe('no-name')
    expect(ask('empty.shop.svc.cluster.local').status).toBe('no-name')
    expect(ask('web.other.svc.cluster.local').status).toBe('no-name')
    expect(ask('x.web.shop.svc.cluster.local').status).toBe('no-name')
    expect(ask('shop.svc.cluster.local').status).toBe('no-data')
    expect(ask('svc.cluster.local').status).toBe('no-data')
    expect(ask('cluster.local').status).toBe('no-data')
    expect(ask('foo.cluster.local').status).toBe('no-name')
  })

  it('answers PTR for cluster IPs and headless endpoints and sends other addresses upstream', () => {
    expect(data('5.5.96.10.in-addr.arpa', 'PTR')).toEqual(['web.shop.svc.cluster.local'])
    expect(data('7.1.244.10.in-addr.arpa', 'PTR')).toEqual(['db-0.db.shop.svc.cluster.local'])
    expect(ask('5.5.96.10.in-addr.arpa', 'A').status).toBe('no-data')
    expect(ask('1.1.1.1.in-addr.arpa', 'PTR').status).toBe('outside')
  })

  it('gives a headless endpoint no other records than A and SRV, and nothing below it', () => {
    expect(ask('db-0.db.shop.svc.cluster.local', 'TXT').status).toBe('no-data')
    expect(ask('x.db-0.db.shop.svc.cluster.local').status).toBe('no-name')
    expect(ask('_sql._tcp.db.shop.svc.cluster.local', 'A').status).toBe('no-data')
    expect(ask('x._tcp.db.shop.svc.cluster.local', 'SRV').status).toBe('no-name')
    expect(ask('_sql.x.db.shop.svc.cluster.local', 'SRV').status).toBe('no-name')
  })

  it.each([
    ['no cluster IP yet', service('new', { ports: [] })],
    ['an external name that is not set yet', service('new', { type: 'ExternalName' })],
  ])('knows no name for a service with %s', (_what, given) => {
    const fresh = { ...source, service: () => given }
    expect(resolve(fresh, 'cluster.local', { name: 'new.shop.svc.cluster.local', type: 'A' }).status).toBe('no-name')
  })

  it('leaves out slices of IPv6 and takes ports without name or protocol for TCP', () => {
    const plain = { ...slice, ports: [{ port: 80 }, {}], endpoints: [{ addresses: ['10.244.1.7'] }] }
    const six = { ...slice, addressType: 'IPv6', endpoints: [{ addresses: ['fd00::7'] }] }
    const { ports: _, endpoints: __, ...bare } = slice
    const slices = () => [plain, six, bare] as EndpointSlice[]
    expect(headlessEndpoints({ ...source, slices }, services[1]!)).toEqual([
      {
        address: '10.244.1.7',
        label: '10-244-1-7',
        ports: [
          { name: '', protocol: 'TCP', port: 80 },
          { name: '', protocol: 'TCP', port: 0 },
        ],
      },
    ])
  })

  it('leaves names of other zones to the upstream, also ones that end alike', () => {
    expect(ask('example.com').status).toBe('outside')
    expect(ask('mycluster.local').status).toBe('outside')
  })

  it('states the version of the specification', () => {
    expect(data('dns-version.cluster.local', 'TXT')).toEqual(['1.1.0'])
    expect(ask('dns-version.cluster.local', 'A').status).toBe('no-data')
  })
})
