import { afterEach, describe, expect, it } from 'vitest'
import { informerFactory } from '../../src-kube/client/informer-factory.ts'
import { refs } from '../../src-kube/client/refs.ts'
import { advance } from '../../src-kube/client/testing/advance.ts'
import { FakeTransport } from '../../src-kube/client/testing/fake-transport.ts'
import { createClient } from '../../src-kube/client/typed-client.ts'
import { FakeClock } from '../../src-kube/machinery/clock.ts'
import { type ProxyMode, startProxy } from './index.ts'
import type { HostPort } from './rules/iptables.ts'
import type { StatusOptions } from './status-servers.ts'

const stop: AbortController[] = []
afterEach(() => stop.splice(0).forEach((one) => one.abort()))

const service = (name: string, clusterIP: string) => ({
  metadata: { name, namespace: 'shop' },
  spec: { clusterIP, ports: [{ port: 80, protocol: 'TCP' }] },
})

function arrange() {
  const clock = new FakeClock()
  const server = new FakeTransport({ clock })
  const ending = new AbortController()
  stop.push(ending)
  const { signal } = ending
  const client = createClient(server)
  const informers = informerFactory({ client, clock, signal, onError: () => undefined })
  server.put(refs.nodes, { metadata: { name: 'n1' } })
  server.put(refs.services, service('web', '10.96.1.1'))
  const ran: Array<{ line: string; stdin: string }> = []
  const refused = new Set<string>()
  const answers = new Map([['ip -j link show', '[]']])
  const told: string[] = []
  const events: string[] = []
  const repaired = { count: 0 }
  const host = {
    run(command: string, args: readonly string[], { stdin = '' }: { stdin?: string } = {}) {
      const line = [command, ...args].join(' ')
      ran.push({ line, stdin })
      if ([...refused].some((word) => line.startsWith(word)))
        return Promise.reject(new Error(`${word(line)} is refused`))
      return Promise.resolve({ stdout: answers.get(line) ?? '' })
    },
  }
  let opened: StatusOptions | undefined
  const start = (mode?: ProxyMode, hostPorts?: HostPort[]) =>
    startProxy({
      services: informers.informer(refs.services),
      slices: informers.informer(refs.endpointSlices),
      nodes: informers.informer(refs.nodes),
      hostPorts: hostPorts && { list: () => hostPorts, onChange: () => () => undefined },
      host,
      nodeName: 'n1',
      nodeIp: '172.28.0.11',
      mode,
      clusterCidr: '10.244.0.0/16',
      serviceCidr: '10.96.0.0/16',
      dnsAddress: '10.96.0.10',
      events: { event: (about, type, reason, message) => events.push([about.kind, type, reason, message].join(' ')) },
      openStatus: (status) => void (opened = status),
      repaired: async () => void repaired.count++,
      clock,
      signal,
      log: (message) => told.push(message),
    })
  const inputs = (tool: string): string[] => ran.filter(({ line }) => line === tool).map(({ stdin }) => stdin)
  return { clock, server, ran, refused, answers, told, events, start, inputs, repaired, status: () => opened! }
}
const word = (line: string): string => line.split(' ')[0]!

describe('startProxy', () => {
  it('writes the rules of its mode, then takes those of others away', async () => {
    const { start, ran } = arrange()
    expect(await start('nftables')).toBe('nftables')
    const lines = ran.map(({ line }) => line)
    expect(lines.indexOf('nft -f -')).toBeGreaterThan(0)
    expect(lines.indexOf('iptables-save -t nat')).toBeGreaterThan(lines.indexOf('nft -f -'))
  })

  it('joins changes of a moment in one write', async () => {
    const { start, server, clock, inputs } = arrange()
    await start('nftables')
    server.put(refs.services, service('one', '10.96.1.2'))
    server.put(refs.services, service('two', '10.96.1.3'))
    await advance(clock, 100)
    expect(inputs('nft -f -')).toHaveLength(2)
    expect(inputs('nft -f -')[1]).toContain('{ 10.96.1.2, 10.96.1.3 }')
  })

  it('tries again what failed, whole', async () => {
    const { start, server, clock, inputs, refused, told } = arrange()
    await start()
    refused.add('iptables-restore')
    server.put(refs.services, service('one', '10.96.1.2'))
    await advance(clock, 100)
    expect(told.at(-1)).toBe('proxy: Error: iptables-restore is refused')
    refused.clear()
    await advance(clock, 1_100)
    expect(
      inputs('iptables-restore --noflush -w 5').some(
        (input) => input.includes('10.96.1.2') && input.includes(':KUBE-FORWARD'),
      ),
    ).toBe(true)
  })

  it('finds within half a minute that its rules were flushed, writes them again, and has policies take the first place', async () => {
    const { start, clock, inputs, told, repaired } = arrange()
    await start()
    await advance(clock, 1_000)
    const before = inputs('iptables-restore --noflush -w 5').length
    // The kernel of this test has nothing of what it was given.
    await advance(clock, 29_000)
    const again = inputs('iptables-restore --noflush -w 5').slice(before)
    expect(again[0]).toContain('-A KUBE-POSTROUTING')
    expect(again.join()).toContain('10.96.1.1')
    expect(told.at(-1)).toMatch(
      /^proxy: rules that were written are missing and are written again: KUBE-MARK-MASQ, .* and \d+ more$/,
    )
    expect(repaired.count).toBe(1)
  })

  it('tells since when a change waits that cannot be written', async () => {
    const { start, server, clock, refused, status } = arrange()
    await start('nftables')
    expect(status().mode).toBe('nftables')
    // What was there already is heard again as handlers come.
    await advance(clock, 100)
    const { lastUpdated } = status().facts()
    const began = clock.now()
    expect(status().facts()).toMatchObject({
      lastUpdated: expect.any(Number),
      pendingSince: undefined,
      node: { metadata: { name: 'n1' } },
    })
    refused.add('nft')
    server.put(refs.services, service('one', '10.96.1.2'))
    await advance(clock, 5_000)
    expect(status().facts()).toMatchObject({ now: began + 5_000, lastUpdated, pendingSince: began })
    refused.clear()
    await advance(clock, 2_000)
    expect(status().facts().pendingSince).toBeUndefined()
  })

  it('counts what it does, and measures from when that happened which endpoints changed for', async () => {
    const { start, server, clock, refused, status } = arrange()
    await start()
    await advance(clock, 100)
    const { metrics } = status()
    const value = (name: string, ...labels: string[]): number | undefined =>
      [...metrics()]
        .flatMap((metric) => metric.samples.map((sample) => ({ ...sample, name: metric.name + (sample.suffix ?? '') })))
        .find((sample) => sample.name === name && labels.every((one) => Object.values(sample.labels).includes(one)))
        ?.value
    const writes = value('kubeproxy_sync_proxy_rules_duration_seconds_count')!
    const happened = new Date(clock.now()).toISOString()
    await advance(clock, 700)
    server.put(refs.endpointSlices, {
      metadata: {
        name: 'web-1',
        namespace: 'shop',
        labels: { 'kubernetes.io/service-name': 'web' },
        annotations: { 'endpoints.kubernetes.io/last-change-trigger-time': happened },
      },
      addressType: 'IPv4',
      endpoints: [{ addresses: ['10.244.0.5'] }],
      ports: [{ port: 80, protocol: 'TCP' }],
    })
    await advance(clock, 100)
    expect(value('kubeproxy_sync_proxy_rules_duration_seconds_count')).toBe(writes + 1)
    expect(value('kubeproxy_network_programming_duration_seconds_sum')).toBeCloseTo(0.73)
    expect(value('kubeproxy_sync_proxy_rules_iptables_last', 'nat')).toBeGreaterThan(0)
    expect(value('kubeproxy_sync_proxy_rules_endpoint_changes_total')).toBe(1)
    refused.add('iptables-restore')
    server.put(refs.services, service('one', '10.96.1.2'))
    await advance(clock, 100)
    expect(value('kubeproxy_sync_proxy_rules_iptables_restore_failures_total')).toBe(1)
  })

  it('leaves addresses of IPv6 out, which its rules could not hold', async () => {
    const { start, server, inputs } = arrange()
    const spec = {
      type: 'LoadBalancer',
      clusterIP: '10.96.1.2',
      ports: [{ port: 80, protocol: 'TCP' }],
      externalIPs: ['2001:db8::1', '192.0.2.1'],
      loadBalancerSourceRanges: ['2001:db8::/64', ' 198.51.100.0/24 '],
    }
    const loadBalancer = { ingress: [{ ip: '2001:db8::2' }, { ip: '192.0.2.2' }] }
    server.put(refs.services, { metadata: { name: 'six', namespace: 'shop' }, spec, status: { loadBalancer } })
    server.put(refs.endpointSlices, {
      metadata: { name: 'six-1', namespace: 'shop', labels: { 'kubernetes.io/service-name': 'six' } },
      addressType: 'IPv4',
      endpoints: [{ addresses: ['10.244.0.5'] }],
      ports: [{ port: 80, protocol: 'TCP' }],
    })
    const pod = { hostPort: 80, protocol: 'TCP', podIp: '10.244.0.5', containerPort: 80 }
    await start('iptables', [
      { ...pod, hostIp: '2001:db8::3' },
      { ...pod, hostIp: '192.0.2.3' },
    ])
    const written = inputs('iptables-restore --noflush -w 5').join('')
    for (const address of ['192.0.2.3/32', '192.0.2.1/32', '192.0.2.2/32', '-s 198.51.100.0/24 '])
      expect(written).toContain(address)
    expect(written).not.toContain('2001:db8')
  })

  it('says on the node what its kernel lacks, and works with iptables', async () => {
    const { start, refused, events, told } = arrange()
    refused.add('ipvsadm')
    expect(await start('ipvs')).toBe('iptables')
    expect(events).toEqual([
      'Node Warning ProxyModeUnavailable kube-proxy mode ipvs cannot work on this node: its kernel lacks virtual servers (module ip_vs, CONFIG_IP_VS). Using iptables instead.',
    ])
    expect(told[0]).toBe('proxy: mode iptables')
  })

  it('has the kernel remember connections as long as kube-proxy does, after its rules', async () => {
    const { start, ran, refused, told } = arrange()
    refused.add('sysctl -q -w net.netfilter.nf_conntrack_tcp_timeout_established')
    await start()
    const lines = ran.map(({ line }) => line)
    const set = lines.filter((line) => line.startsWith('sysctl'))
    expect(set).toEqual([
      'sysctl -q -w net.ipv4.conf.all.route_localnet=1',
      'sysctl -q -w net.netfilter.nf_conntrack_tcp_timeout_close_wait=3600',
      'sysctl -q -w net.netfilter.nf_conntrack_tcp_timeout_established=86400',
    ])
    expect(lines.indexOf(set[0]!)).toBeGreaterThan(lines.indexOf('iptables-restore --noflush -w 5'))
    expect(told.at(-1)).toBe(
      'proxy: idle connections are remembered as long as the kernel likes: Error: sysctl is refused',
    )
  })

  it('ends what went on to an endpoint that left while nobody looked', async () => {
    const { start, server, ran, answers } = arrange()
    server.put(refs.services, {
      metadata: { name: 'dns', namespace: 'shop' },
      spec: { clusterIP: '10.96.1.2', ports: [{ port: 53, protocol: 'UDP' }] },
    })
    server.put(refs.endpointSlices, {
      metadata: { name: 'dns-1', namespace: 'shop', labels: { 'kubernetes.io/service-name': 'dns' } },
      addressType: 'IPv4',
      endpoints: [{ addresses: ['10.244.0.5'] }],
      ports: [{ port: 53, protocol: 'UDP' }],
    })
    answers.set(
      'conntrack -L -p udp',
      'udp 17 29 src=10.244.0.2 dst=10.96.1.2 sport=4000 dport=53 src=10.244.0.9 dst=10.244.0.2 sport=53 dport=4000 use=1\n',
    )
    await start()
    const ended = ran.map(({ line }) => line).filter((line) => line.startsWith('conntrack -D'))
    expect(ended).toEqual(['conntrack -D -p udp --orig-dst 10.96.1.2 --dst-nat 10.244.0.9'])
  })

  it('goes on where the rules of another mode cannot be taken away', async () => {
    const { start, refused, told } = arrange()
    refused.add('iptables-save')
    expect(await start('nftables')).toBe('nftables')
    expect(told.at(-1)).toContain('rules of another mode are left')
  })
})
