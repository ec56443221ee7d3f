import { describe, expect, it } from 'vitest'
import type { ServicePort } from '../model.ts'
import { here, there, port } from '../testing/service-port.ts'
import { addressesInput, serversFound, serversInput, setsInput } from './input.ts'
import { type IpvsOptions, type IpvsTable, ipvsTable } from './table.ts'

const tableOf = (ports: ServicePort[], changes: Partial<IpvsOptions> = {}): IpvsTable =>
  ipvsTable({
    ports,
    hostPorts: [],
    clusterCidr: '10.244.0.0/16',
    dnsAddress: '10.96.0.10',
    nodeIp: '172.28.0.11',
    scheduler: 'lc',
    ...changes,
  })
const members = (table: IpvsTable, set: string): string[] => [...table.sets.get(set)!.members]
const real = (table: IpvsTable, key: string): string[] => [...(table.servers.get(key)?.real ?? [])]
const both = ['10.244.1.2:8080', '10.244.2.2:8080']

describe('ipvsTable', () => {
  it('has a virtual server for a cluster IP, whose address the node has', () => {
    const table = tableOf([port()])
    expect([...table.servers]).toEqual([
      ['-t 10.96.1.1:80', { scheduler: 'lc', persistence: undefined, real: new Set(both) }],
    ])
    expect([...table.addresses]).toEqual(['10.96.1.1'])
    expect(members(table, 'KUBE-CLUSTER-IP')).toEqual(['10.96.1.1,tcp:80'])
    expect(members(table, 'KUBE-IPVS-IPS')).toEqual(['10.96.1.1'])
  })

  it('masks a pod of this node that reaches itself', () => {
    expect(members(tableOf([port()]), 'KUBE-LOOP-BACK')).toEqual(['10.244.1.2,tcp:8080,10.244.1.2'])
  })

  it('answers a node port on the address of the node, which is no address of the device', () => {
    const table = tableOf([port({ nodePort: 30_003 })])
    expect(real(table, '-t 172.28.0.11:30003')).toEqual(both)
    expect([...table.addresses]).toEqual(['10.96.1.1'])
    expect(members(table, 'KUBE-NODE-PORT-TCP')).toEqual(['30003'])
    expect(members(tableOf([port({ nodePort: 30_003, protocol: 'udp' })]), 'KUBE-NODE-PORT-UDP')).toEqual(['30003'])
  })

  it('keeps what a local policy concerns on the node, with its source address', () => {
    const table = tableOf([port({ nodePort: 30_003, externalLocal: true, externalIps: ['192.0.2.1'] })])
    expect(real(table, '-t 172.28.0.11:30003')).toEqual(['10.244.1.2:8080'])
    expect(real(table, '-t 192.0.2.1:80')).toEqual(['10.244.1.2:8080'])
    expect(real(table, '-t 10.96.1.1:80')).toEqual(both)
    expect(members(table, 'KUBE-NODE-PORT-TCP')).toEqual([])
    expect(members(table, 'KUBE-EXTERNAL-IP-LOCAL')).toEqual(['192.0.2.1,tcp:80'])
    expect(real(tableOf([port({ internalLocal: true })]), '-t 10.96.1.1:80')).toEqual(['10.244.1.2:8080'])
  })

  it('knows SCTP, session affinity and services without endpoints', () => {
    const table = tableOf([port({ protocol: 'sctp', nodePort: 30_003, affinitySeconds: 60, all: [], local: [] })])
    expect(table.servers.get('--sctp-service 10.96.1.1:80')).toEqual({
      scheduler: 'lc',
      persistence: 60,
      real: new Set(),
    })
  })

  it('lets only the allowed ranges reach a load balancer', () => {
    const table = tableOf([port({ balancerIps: ['192.0.2.2'], sourceRanges: ['198.51.100.0/24'] })])
    expect(table.rules.filter.get('KUBE-PROXY-FIREWALL')).toEqual([
      expect.stringMatching(/^-s 198\.51\.100\.0\/24 -d 192\.0\.2\.2\/32 .* -j RETURN$/),
      expect.stringMatching(/^-d 192\.0\.2\.2\/32 .* -j DROP$/),
    ])
    expect(members(table, 'KUBE-EXTERNAL-IP')).toEqual(['192.0.2.2,tcp:80'])
  })

  it('gives an address and port to the first that claims it, and leaves the DNS address alone', () => {
    const table = tableOf([
      port(),
      port({ id: 'shop/z', all: [] }),
      port({ id: 'kube-system/dns', clusterIp: '10.96.0.10' }),
    ])
    expect([...table.servers.keys()]).toEqual(['-t 10.96.1.1:80'])
    expect(real(table, '-t 10.96.1.1:80')).toEqual(both)
  })
})

describe('serversInput', () => {
  it('adds, changes and removes no more than differs; real servers come before others go', () => {
    const one = tableOf([port({ all: [here] }), port({ id: 'a/b', clusterIp: '10.96.1.2' })]).servers
    const two = tableOf([port({ all: [there], affinitySeconds: 10_800 })]).servers
    expect(serversInput(one, new Map())?.split('\n').slice(0, 2)).toEqual([
      '-A -t 10.96.1.1:80 -s lc',
      '-a -t 10.96.1.1:80 -r 10.244.1.2:8080 -m -w 1',
    ])
    expect(serversInput(two, one)).toBe(
      [
        '-E -t 10.96.1.1:80 -s lc -p 10800',
        '-a -t 10.96.1.1:80 -r 10.244.2.2:8080 -m -w 1',
        '-d -t 10.96.1.1:80 -r 10.244.1.2:8080',
        '-D -t 10.96.1.2:80',
        '',
      ].join('\n'),
    )
    expect(serversInput(one, one)).toBeUndefined()
  })

  it('reads back what it wrote', () => {
    const { servers } = tableOf([port({ affinitySeconds: 60 }), port({ id: 'a/b', protocol: 'udp', nodePort: 30_003 })])
    const saved = serversInput(servers, new Map())!
    expect(serversFound(saved)).toEqual(servers)
    expect(serversFound('-a -t 10.96.9.9:80 -r 10.244.1.2:80 -m -w 1\n\n-A -t 10.96.1.1:80 -p 5\n')).toEqual(
      new Map([['-t 10.96.1.1:80', { scheduler: '', persistence: 5, real: new Set() }]]),
    )
    expect(serversFound('-A -t 10.96.1.1:80 -s rr\n-a -t 10.96.1.1:80 -m\n').get('-t 10.96.1.1:80')?.real).toEqual(
      new Set(['']),
    )
  })
})

describe('addressesInput', () => {
  it('gives the device what it lacks and takes what it has too much', () => {
    expect(addressesInput(new Set(['10.96.1.1', '10.96.1.2']), new Set(['10.96.1.2', '10.96.1.3']))).toBe(
      'addr add 10.96.1.1/32 dev kube-ipvs0\naddr del 10.96.1.3/32 dev kube-ipvs0\n',
    )
    expect(addressesInput(new Set(), new Set())).toBeUndefined()
  })
})

describe('setsInput', () => {
  it('makes and fills sets at first, then changes members', () => {
    const { sets } = tableOf([port()])
    const first = setsInput(sets, undefined)!
    expect(first).toContain(
      'create KUBE-CLUSTER-IP hash:ip,port\nflush KUBE-CLUSTER-IP\nadd KUBE-CLUSTER-IP 10.96.1.1,tcp:80\n',
    )
    expect(setsInput(tableOf([port({ port: 81 })]).sets, sets)).toBe(
      'del KUBE-CLUSTER-IP 10.96.1.1,tcp:80\nadd KUBE-CLUSTER-IP 10.96.1.1,tcp:81\n',
    )
    expect(setsInput(sets, sets)).toBeUndefined()
    expect(setsInput(sets, new Map())).toContain('add KUBE-CLUSTER-IP')
  })
})
