import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { informerFactory } from '../../../../src-kube/client/informer-factory.ts'
import { refs } from '../../../../src-kube/client/refs.ts'
import { advance } from '../../../../src-kube/client/testing/advance.ts'
import { FakeTransport } from '../../../../src-kube/client/testing/fake-transport.ts'
import { createClient } from '../../../../src-kube/client/typed-client.ts'
import { FakeClock } from '../../../../src-kube/machinery/clock.ts'
import { partial } from '../../../../src-kube/machinery/testing/partial.ts'
import type { NetworkPolicyDocument } from '../../../../src-wire/node/network-policy.ts'
import type { NodeConnection } from '../../../../src-wire/node/node-connection.ts'
import { NetworkPolicyCompiler } from './index.ts'

let clock: FakeClock
let server: FakeTransport
let abort: AbortController
let compiler: NetworkPolicyCompiler
let nodes: Set<string>
let connect: (node: string) => void
/** What nodes were sent, in order. */
let sent: Array<[node: string, document: NetworkPolicyDocument]>
let logged: string[]
/** What a node does with a document. */
let enforce: (node: string) => Promise<void>

beforeEach(() => {
  clock = new FakeClock()
  server = new FakeTransport({ clock })
  abort = new AbortController()
  nodes = new Set(['n1', 'n2'])
  sent = []
  logged = []
  enforce = () => Promise.resolve()
  server.put(refs.namespaces, { metadata: { name: 'd', labels: { team: 'a' } } })
})
afterEach(() => {
  compiler.stop()
  abort.abort()
})

async function start(): Promise<void> {
  const { signal } = abort
  const informers = informerFactory({ client: createClient(server), clock, signal })
  const listeners = new Set<(node: string) => void>()
  connect = (node) => {
    nodes.add(node)
    for (const listener of listeners) listener(node)
  }
  const tunnels = {
    list: () => [...nodes],
    has: (node: string) => nodes.has(node),
    get: (node: string) => {
      if (!nodes.has(node)) throw new Error(`no connection from ${node}`)
      const enforceNetworkPolicy = (document: NetworkPolicyDocument) => {
        sent.push([node, document])
        return enforce(node)
      }
      return partial<NodeConnection>({ enforceNetworkPolicy })
    },
    onConnect: (listener: (node: string) => void) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
  const log = (message: string, error: unknown) => void logged.push(`${message}: ${String(error)}`)
  compiler = new NetworkPolicyCompiler({ informers, tunnels, clock, log, dnsAddress: '10.96.0.10' })
  await advance(clock, 100)
}

const putPod = (name: string, ip: string, labels: object = { app: name }, status: object = {}): void =>
  void server.put(refs.pods, {
    metadata: { name, namespace: 'd', labels },
    spec: { nodeName: `n${ip.split('.')[2]}`, containers: [] },
    status: { podIP: ip, phase: 'Running', ...status },
  })
const putPolicy = (name: string, spec: object): void =>
  void server.put(refs.networkPolicies, {
    metadata: { name, namespace: 'd' },
    spec: { podSelector: { matchLabels: { app: 'web' } }, policyTypes: ['Ingress'], ...spec },
  })
const take = () => sent.splice(0)
const fromClients = { ingress: [{ from: [{ podSelector: { matchLabels: { app: 'client' } } }] }] }

describe('the documents of nodes', () => {
  it('say once that there is nothing to enforce, and never again whatever pods do', async () => {
    await start()
    const nothing = { peers: {}, ports: {}, rules: {}, pods: [] }
    expect(take()).toEqual([
      ['n1', nothing],
      ['n2', nothing],
    ])
    putPod('web', '10.244.1.2')
    await advance(clock, 1_000)
    expect(take()).toEqual([])
    expect(clock.pending).toBe(0)
  })

  it('follow policies and pods, and reach only the nodes that they concern', async () => {
    putPod('web', '10.244.1.2')
    putPod('client', '10.244.2.2')
    await start()
    take()
    putPolicy('p', fromClients)
    await advance(clock, 100)
    const [[node, document]] = take() as [[string, NetworkPolicyDocument]]
    expect([node, document.pods.map(({ name }) => name), Object.values(document.peers)]).toEqual([
      'n1',
      ['d/web'],
      [['10.244.2.2']],
    ])
    putPod('client-2', '10.244.2.3', { app: 'client' })
    putPod('client', '10.244.2.2', { app: 'client' }, { phase: 'Succeeded' })
    await advance(clock, 100)
    expect(take().map(([to, { peers }]) => [to, Object.values(peers)])).toEqual([['n1', [['10.244.2.3']]]])
    putPod('bystander', '10.244.2.4')
    await advance(clock, 100)
    expect(take()).toEqual([])
    server.remove(refs.pods, 'client-2', 'd')
    await advance(clock, 100)
    expect(take().map(([to, { peers }]) => [to, Object.values(peers)])).toEqual([['n1', [[]]]])
    server.remove(refs.networkPolicies, 'p', 'd')
    await advance(clock, 100)
    expect(take()).toEqual([['n1', { peers: {}, ports: {}, rules: {}, pods: [] }]])
  })

  it('follow the labels of namespaces, and namespaces that go', async () => {
    putPod('web', '10.244.1.2')
    putPolicy('p', { ingress: [{ from: [{ namespaceSelector: { matchLabels: { team: 'b' } } }] }] })
    await start()
    take()
    server.put(refs.namespaces, { metadata: { name: 'd', labels: { team: 'b' } } })
    await advance(clock, 100)
    expect(take().map(([, { peers }]) => Object.values(peers))).toEqual([[['10.244.1.2']]])
    server.remove(refs.namespaces, 'd')
    await advance(clock, 100)
    expect(take().map(([, { peers }]) => Object.values(peers))).toEqual([[[]]])
  })

  it('count what the node itself answers as the pods of the cluster’s DNS', async () => {
    server.put(refs.namespaces, { metadata: { name: 'kube-system', labels: { system: 'yes' } } })
    putPod('web', '10.244.1.2')
    const to = [
      {
        namespaceSelector: { matchLabels: { system: 'yes' } },
        podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
      },
    ]
    putPolicy('p', { policyTypes: ['Egress'], egress: [{ to, ports: [{ port: 'dns', protocol: 'UDP' }] }] })
    await start()
    const [, document] = take()[0]!
    expect([Object.values(document.peers), Object.values(document.ports)]).toEqual([
      [['10.96.0.10']],
      [[{ ip: '10.96.0.10', port: 53 }]],
    ])
  })

  it('are as they are now for a node that connects again', async () => {
    putPod('web', '10.244.1.2')
    putPolicy('p', fromClients)
    await start()
    take()
    nodes.delete('n1')
    putPod('client', '10.244.2.2')
    await advance(clock, 100)
    expect(take()).toEqual([])
    connect('n1')
    await advance(clock, 100)
    expect(take().map(([to, { peers }]) => [to, Object.values(peers)])).toEqual([['n1', [['10.244.2.2']]]])
  })

  it('are not made before all pods are known', async () => {
    putPod('web', '10.244.1.2')
    putPolicy('p', fromClients)
    server.intercept = ({ verb, resource }) => {
      if (verb === 'list' && resource.resource === 'pods') throw new Error('not yet')
      return undefined
    }
    await start()
    connect('n1')
    await advance(clock, 100)
    expect(take()).toEqual([])
    server.intercept = undefined
    await advance(clock, 60_000)
    expect(take()).toHaveLength(2)
  })

  it('join a flood of changes', async () => {
    putPolicy('p', { podSelector: {} })
    await start()
    take()
    for (let i = 2; i < 200; i++) putPod(`p${i}`, `10.244.1.${i}`)
    await advance(clock, 100)
    expect(take().map(([, { pods }]) => pods.length)).toEqual([198])
  })

  it('give the address that several claim to the youngest', async () => {
    const [born, earlier] = ['2026-01-01T00:00:00Z', '2025-12-31T23:59:59Z']
    for (const [name, creationTimestamp] of [
      ['young', born],
      ['old', earlier],
    ] as const)
      server.put(refs.pods, {
        metadata: { name, namespace: 'd', labels: { app: 'web' }, creationTimestamp },
        spec: { nodeName: 'n1', containers: [] },
        status: { podIP: '10.244.1.2', phase: 'Running' },
      })
    putPolicy('p', {})
    await start()
    expect(take().flatMap(([, { pods }]) => pods.map(({ name }) => name))).toEqual(['d/young'])
  })

  it('outlive a policy that cannot be read', async () => {
    putPod('web', '10.244.1.2')
    putPolicy('p', {})
    await start()
    take()
    putPolicy('bad', { podSelector: { matchExpressions: [{ key: 'a', operator: 'Near' }] } })
    await advance(clock, 100)
    putPolicy('more', { policyTypes: ['Egress'] })
    await advance(clock, 100)
    expect(take().flatMap(([, { pods }]) => pods)).toMatchObject([
      { name: 'd/web', ingress: expect.any(String), egress: expect.any(String) },
    ])
    expect(logged).toEqual(['network policy d/bad: StatusError: "Near" is not a valid label selector operator'])
    server.remove(refs.networkPolicies, 'more', 'd')
    await advance(clock, 100)
    take()
    server.remove(refs.networkPolicies, 'bad', 'd')
    server.remove(refs.networkPolicies, 'p', 'd')
    await advance(clock, 100)
    expect(take()).toHaveLength(1)
  })
})

describe('delivery', () => {
  beforeEach(async () => {
    putPod('web', '10.244.1.2')
    nodes = new Set(['n1'])
    await start()
    take()
  })

  it('tries again what a node failed to enforce, less and less often, and tells why once', async () => {
    enforce = () => Promise.reject(new Error('no iptables'))
    putPolicy('p', {})
    await advance(clock, 10_000, 100)
    const tries = take().length
    expect(tries).toBeGreaterThan(2)
    expect(tries).toBeLessThan(8)
    expect(logged).toEqual(['network policies on node n1: Error: no iptables'])
    enforce = () => Promise.resolve()
    await advance(clock, 60_000)
    expect(take()).toHaveLength(1)
    await advance(clock, 60_000)
    expect(take()).toEqual([])
  })

  it('has one document under way, and the newest next', async () => {
    let answer = Promise.withResolvers<void>()
    enforce = () => answer.promise
    putPolicy('p', {})
    await advance(clock, 100)
    for (const port of [80, 81]) {
      putPolicy('p', { ingress: [{ ports: [{ port }] }] })
      await advance(clock, 100)
    }
    expect(take()).toHaveLength(1)
    const first = answer
    answer = Promise.withResolvers()
    first.resolve()
    await advance(clock, 100)
    expect(take().map(([, { rules }]) => JSON.stringify(rules))).toEqual([expect.stringContaining('[81,81]')])
  })

  it('takes no answer of an agent for that of the next', async () => {
    const answer = Promise.withResolvers<void>()
    enforce = () => answer.promise
    putPolicy('p', {})
    await advance(clock, 100)
    connect('n1')
    await advance(clock, 100)
    expect(take()).toHaveLength(2)
    answer.reject(new Error('the connection to the node was lost'))
    await advance(clock, 400)
    expect(take()).toEqual([])
    await advance(clock, 1_000)
    expect(take()).toHaveLength(1)
  })

  it('leaves a node alone that has gone', async () => {
    enforce = () => {
      nodes.delete('n1')
      return Promise.reject(new Error('lost'))
    }
    putPolicy('p', {})
    await advance(clock, 100)
    expect(take()).toHaveLength(1)
    await advance(clock, 60_000)
    expect([take(), logged, clock.pending]).toEqual([[], [], 0])
  })

  it('ends with its owner', async () => {
    enforce = () => Promise.reject(new Error('no iptables'))
    putPolicy('p', {})
    await advance(clock, 100)
    compiler.stop()
    putPolicy('q', {})
    take()
    await advance(clock, 60_000)
    expect([take(), clock.pending]).toEqual([[], 0])
  })
})
