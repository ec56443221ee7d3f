import { expect, it } from 'vitest'
import type { Service } from '#types/core/v1'
import { startOfAuthority } from './apex.ts'
import { resolve, type ZoneSource } from './zone.ts'

const metadata = { name: 'kube-dns', namespace: 'kube-system', uid: 'u', resourceVersion: '1' }
const dns: Service = { apiVersion: 'v1', kind: 'Service', metadata, spec: { clusterIP: '10.96.0.10' } }
const source: ZoneSource = {
  service: (namespace, name) => (namespace === 'kube-system' && name === 'kube-dns' ? dns : undefined),
  slices: () => [],
  hasNamespace: () => false,
  reverse: () => undefined,
}
const ask = (name: string, type: string) => resolve(source, 'cluster.local', { name, type })
const data = (name: string, type: string) => ask(name, type).records.map((record) => record.data)

it('the zone says who is responsible for it and which server answers', () => {
  expect(ask('Cluster.local.', 'SOA').records).toEqual([startOfAuthority('cluster.local')])
  expect(data('cluster.local', 'NS')).toEqual(['ns.dns.cluster.local'])
  expect(data('ns.dns.cluster.local', 'A')).toEqual(['10.96.0.10'])
})

it('has nothing else to say of itself', () => {
  for (const name of ['cluster.local', 'dns.cluster.local', 'ns.dns.cluster.local'])
    expect(ask(name, 'AAAA')).toMatchObject({ status: 'no-data', records: [] })
  expect(ask('other.dns.cluster.local', 'A').status).toBe('no-name')
})
