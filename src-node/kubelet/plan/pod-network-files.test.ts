import { describe, expect, it } from 'vitest'
import type { Pod } from '#types/core/v1'
import { partial } from '../../../src-kube/machinery/testing/partial.ts'
import { dnsLimitWords, formatResolvConf, parseResolvConf, podDns } from './dns-config.ts'
import { hostsFile } from './hosts-file.ts'

const node = { servers: ['8.8.8.8'], searches: ['lan'], options: ['edns0'] }
const cluster = { dns: '10.96.0.10', domain: 'cluster.local' }
const dnsOf = (spec: Partial<Pod['spec']>, from = node) =>
  podDns({ metadata: { namespace: 'ns' }, spec: { containers: [], ...spec } } as Pod, cluster, from)
const ofCluster = {
  servers: ['10.96.0.10'],
  searches: ['ns.svc.cluster.local', 'svc.cluster.local', 'cluster.local', 'lan'],
  options: ['ndots:5'],
}

describe("a pod's resolver", () => {
  it.each([
    [{}, ofCluster],
    [{ dnsPolicy: 'ClusterFirst' as const }, ofCluster],
    [{ dnsPolicy: 'ClusterFirstWithHostNet' as const, hostNetwork: true }, ofCluster],
    [{ hostNetwork: true }, node],
    [{ dnsPolicy: 'Default' as const }, node],
    [{ dnsPolicy: 'None' as const }, { servers: [], searches: [], options: [] }],
  ])('of %j is %j', (spec, expected) => expect(dnsOf(spec)).toEqual(expected))

  it('gets what the pod adds, whose options win', () => {
    const dnsConfig = {
      nameservers: ['1.1.1.1', '10.96.0.10'],
      searches: ['svc.cluster.local', 'more'],
      options: [{ name: 'ndots', value: '2' }, { name: 'single' }],
    }
    expect(dnsOf({ dnsConfig })).toEqual({
      servers: ['10.96.0.10', '1.1.1.1'],
      searches: [...ofCluster.searches, 'more'],
      options: ['ndots:2', 'single'],
    })
  })

  it('keeps to what resolvers take', () => {
    const many = dnsOf({
      dnsPolicy: 'None',
      dnsConfig: {
        nameservers: ['1.1.1.1', '1.1.1.2', '1.1.1.3', '1.1.1.4'],
        searches: Array.from({ length: 40 }, (_, i) => `d${i}`),
      },
    })
    expect(many.servers).toEqual(['1.1.1.1', '1.1.1.2', '1.1.1.3'])
    expect(many.searches).toHaveLength(32)
    const searches = Array.from({ length: 10 }, (_, i) => `${i}`.padEnd(250, 'x'))
    expect(dnsOf({ dnsPolicy: 'None', dnsConfig: { searches } }).searches).toHaveLength(8)
  })

  it('says what of it does not fit', () => {
    const wordsOf = (dnsConfig: object) =>
      dnsLimitWords(
        partial<Pod>({ metadata: { namespace: 'ns' }, spec: { containers: [], dnsPolicy: 'None', dnsConfig } }),
        cluster,
        node,
      )
    expect(wordsOf({ nameservers: ['1', '2', '3', '4'] })).toEqual([
      'Nameserver limits were exceeded, some nameservers have been omitted, the applied nameserver line is: 1 2 3',
    ])
    const searches = Array.from({ length: 33 }, (_, i) => `d${i}`)
    expect(wordsOf({ searches })).toEqual([
      `Search Line limits were exceeded, some search paths have been omitted, the applied search line is: ${searches.slice(0, 32).join(' ')}`,
    ])
    expect(wordsOf({ nameservers: ['1'] })).toEqual([])
  })

  it("does not send a pod to a loopback that is the node's", () => {
    const inside = { ...node, servers: ['127.0.0.11'] }
    expect(dnsOf({ dnsPolicy: 'Default' }, inside).servers).toEqual(['10.96.0.10'])
    expect(dnsOf({ dnsPolicy: 'Default', hostNetwork: true }, inside).servers).toEqual(['127.0.0.11'])
  })

  it('is read and written as resolvers do', () => {
    const text =
      '# made\nnameserver 1.1.1.1\nnameserver 2.2.2.2 # second\nsearch old\nsearch a b .\noptions x\noptions y:1\n\n'
    const parsed = parseResolvConf(text)
    expect(parsed).toEqual({ servers: ['1.1.1.1', '2.2.2.2'], searches: ['a', 'b'], options: ['x', 'y:1'] })
    expect(formatResolvConf(parsed)).toBe('nameserver 1.1.1.1\nnameserver 2.2.2.2\nsearch a b\noptions x y:1\n')
    expect(formatResolvConf(parseResolvConf(''))).toBe('')
  })
})

describe("a pod's hosts", () => {
  const standard =
    '# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n' +
    'fe00::0\tip6-localnet\nfe00::0\tip6-mcastprefix\nfe00::1\tip6-allnodes\nfe00::2\tip6-allrouters\n'

  it('have its name and aliases', () => {
    const aliases = [{ ip: '10.0.0.9', hostnames: ['a', 'b'] }, { ip: '10.0.0.8' }]
    expect(hostsFile({ ip: '10.244.0.2', name: 'p', full: 'p.sub.ns.svc.cluster.local', aliases })).toBe(
      `${standard}10.244.0.2\tp.sub.ns.svc.cluster.local\tp\n\n# Entries added by HostAliases.\n10.0.0.9\ta\tb\n10.0.0.8\n`,
    )
    expect(hostsFile({ ip: '10.244.0.2', name: 'p', full: undefined, aliases: undefined })).toBe(
      `${standard}10.244.0.2\tp\n`,
    )
    expect(hostsFile({ ip: '', name: 'p', full: undefined, aliases: [] })).toBe(standard)
  })
})
