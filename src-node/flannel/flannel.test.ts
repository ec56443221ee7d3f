import { EventEmitter } from 'node:events'
import { PassThrough } from 'node:stream'
import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import { afterEach, describe, expect, it } from 'vitest'
import { informerFactory } from '../../src-kube/client/informer-factory.ts'
import { refs } from '../../src-kube/client/refs.ts'
import { advance } from '../../src-kube/client/testing/advance.ts'
import { FakeTransport } from '../../src-kube/client/testing/fake-transport.ts'
import { createClient } from '../../src-kube/client/typed-client.ts'
import { FakeClock } from '../../src-kube/machinery/clock.ts'
import { partial } from '../../src-kube/machinery/testing/partial.ts'
import { type Backend, startFlannel } from './index.ts'
import { overlayRules } from './plan/masquerade.ts'
import { leaseAnnotations, macFor } from './plan/peers.ts'

const stop: AbortController[] = []
afterEach(() => stop.splice(0).forEach((one) => one.abort()))

const node = (number: number, backend?: Backend) => {
  const publicIp = `172.28.0.1${number}`
  const mac = backend === 'vxlan' ? macFor(publicIp) : undefined
  return {
    metadata: {
      name: `n${number}`,
      ...(backend && { annotations: leaseAnnotations({ backend, publicIp, mac, vni: 1 }) }),
    },
    spec: { podCIDR: `10.244.${number}.0/24` },
  }
}

function arrange(links: string[]) {
  const clock = new FakeClock()
  const server = new FakeTransport({ clock })
  const ending = new AbortController()
  stop.push(ending)
  const { signal } = ending
  const client = createClient(server)
  const nodes = informerFactory({ client, clock, signal, onError: () => undefined }).informer(refs.nodes)
  const ran: string[] = []
  const told: string[] = []
  const refused = new Set<string>()
  const routes = [
    { dst: 'default', gateway: '172.28.0.1' },
    { dst: '10.244.7.0/24', gateway: '172.28.0.17' },
  ]
  const said: Record<string, unknown> = {
    'ip -j -d link show': links.map((ifname) => ({ ifname })),
    'ip -j addr show': [{ ifname: 'eth0', mtu: 1500, addr_info: [{ local: '172.28.0.11' }] }],
    'ip -j route show dev eth0': routes,
  }
  const host = {
    run(command: string, args: readonly string[], { stdin = '' }: { stdin?: string } = {}) {
      const line = [command, ...args].join(' ')
      ran.push(...(line.endsWith('-batch -') ? stdin.trim().split('\n') : [line]))
      if (refused.has(line)) return Promise.reject(new Error(`${line} is refused`))
      if (command.startsWith('iptables')) return Promise.resolve({ stdout: (said[line] as string | undefined) ?? '' })
      return Promise.resolve({ stdout: JSON.stringify(said[line] ?? []) })
    },
    spawn: () =>
      partial<ChildProcessWithoutNullStreams>(
        Object.assign(new EventEmitter(), {
          stdout: new PassThrough(),
          kill: () => true,
        }),
      ),
  }
  const log = (message: string): void => void told.push(message)
  const start = (backend?: Backend) =>
    startFlannel({
      client,
      nodes,
      host,
      nodeName: 'n1',
      nodeIp: '172.28.0.11',
      clusterCidr: '10.244.0.0/16',
      backend,
      clock,
      signal,
      log,
    })
  return { clock, server, ran, told, said, refused, start }
}

describe('startFlannel', () => {
  it('with host-gw keeps a route a peer straight to its node, in packets as large as the link takes', async () => {
    const { server, clock, ran, told, start } = arrange(['lo', 'eth0', 'flannel.1'])
    for (const one of [node(1), node(2, 'host-gw'), node(3, 'vxlan')]) server.put(refs.nodes, one)
    expect(await start('host-gw').lease).toEqual({ subnet: '10.244.1.0/24', bridge: '10.244.1.1/24', mtu: 1500 })
    await advance(clock, 10)
    expect(ran).toContain('ip link del flannel.1')
    expect(ran).toContain('route replace 10.244.2.0/24 via 172.28.0.12 dev eth0 onlink')
    expect([...new Set(ran.filter((line) => line.startsWith('route del')))]).toEqual([
      'route del 10.244.7.0/24 dev eth0',
    ])
    expect(told).toEqual(["overlay: n3 is left out: its backend is vxlan, this node's host-gw"])
    expect(await server.request({ verb: 'get', resource: refs.nodes, name: 'n1' })).toMatchObject({
      metadata: { annotations: { 'flannel.alpha.coreos.com/backend-type': 'host-gw' } },
    })
  })

  it('takes in a node whose backend became the same, and tells of others once', async () => {
    const { server, clock, ran, told, start } = arrange(['lo', 'eth0'])
    for (const one of [node(1), node(2, 'vxlan'), node(3, 'vxlan')]) server.put(refs.nodes, one)
    await start('host-gw').lease
    await advance(clock, 10)
    server.put(refs.nodes, node(3, 'host-gw'))
    await advance(clock, 10)
    expect(ran).toContain('route replace 10.244.3.0/24 via 172.28.0.13 dev eth0 onlink')
    expect(told).toHaveLength(2)
    expect(ran).not.toContain('ip link del flannel.1')
  })

  it("with VXLAN takes the routes of host-gw away, and nobody else's", async () => {
    const { server, ran, start } = arrange(['lo', 'eth0'])
    server.put(refs.nodes, node(1))
    expect((await start().lease).mtu).toBe(1450)
    expect(ran.some((line) => line.startsWith('ip link add flannel.1'))).toBe(true)
    expect([...new Set(ran.filter((line) => line.startsWith('route del')))]).toEqual([
      'route del 10.244.7.0/24 dev eth0',
    ])
  })
  it('finds within ten seconds that its routes and rules were flushed', async () => {
    const { server, clock, ran, told, start } = arrange(['lo', 'eth0'])
    for (const one of [node(1), node(2, 'vxlan')]) server.put(refs.nodes, one)
    await start().lease
    await advance(clock, 1_000)
    ran.length = 0
    // The kernel of this test has nothing of what it was given.
    await advance(clock, 9_000)
    const mac = macFor('172.28.0.12')
    for (const line of [
      'route replace 10.244.2.0/24 via 10.244.2.0 dev flannel.1 onlink',
      `fdb append ${mac} dev flannel.1 dst 172.28.0.12 self permanent`,
      'iptables-restore --noflush -w 5',
      'iptables -w 5 -t nat -A POSTROUTING -j FLANNEL-POSTRTG',
    ])
      expect(ran).toContain(line)
    expect(told).toEqual(['overlay: rules that were written are missing and are written again'])
  })

  it('leaves rules alone that are there', async () => {
    const { server, clock, ran, said, start } = arrange(['lo', 'eth0'])
    server.put(refs.nodes, node(1))
    const rules = overlayRules('10.244.0.0/16')
    said['iptables-save -t nat'] = `${rules}-A POSTROUTING -j FLANNEL-POSTRTG`
    said['iptables-save -t filter'] = `${rules}-A FORWARD -j FLANNEL-FWD`
    await start().lease
    await advance(clock, 1_000)
    ran.length = 0
    await advance(clock, 20_000)
    expect(ran.filter((line) => /^iptables(?!-save)/.test(line))).toEqual([])
  })

  it('makes its device anew when the kernel refuses what leads to it', async () => {
    const { server, clock, ran, refused, start } = arrange(['lo', 'eth0'])
    for (const one of [node(1), node(2, 'vxlan')]) server.put(refs.nodes, one)
    await start().lease
    await advance(clock, 1_000)
    ran.length = 0
    refused.add('ip -batch -')
    await advance(clock, 9_000)
    refused.clear()
    await advance(clock, 1_000)
    expect(ran).toContain('ip link set flannel.1 up')
  })
})
