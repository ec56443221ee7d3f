import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer, connect, type AddressInfo, type Server } from 'node:net'
import { Duplex } from 'node:stream'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Service } from '#types/core/v1'
import { refs } from '../../../../src-kube/client/refs.ts'
import { datagramFrame, DatagramFrames } from '../../../../src-wire/tunnel/datagrams.ts'
import type { FakeTransport } from '../../../../src-kube/client/testing/fake-transport.ts'
import { partial } from '../../../../src-kube/machinery/testing/partial.ts'
import type { NodeConnection } from '../../../../src-wire/node/node-connection.ts'
import { type Harness, harness } from '../../controllers/testing/harness.ts'
import { desktopPorts } from './index.ts'

let h: Harness
let server: FakeTransport
let dialled: string[]
/** What a node's proxies answer; rejects as a node does that cannot reach an address. */
let answer: (node: string) => Promise<Duplex>
/** A port that another program of the desktop has. */
let taken: Server
let port: number

const node = { metadata: { name: 'n1' }, spec: {} }

beforeEach(async () => {
  dialled = []
  answer = () => Promise.resolve(hello())
  taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  port = (taken.address() as AddressInfo).port
  const dial = (node: string) => (host: string, target: number) => {
    dialled.push(`${node} ${host}:${target}`)
    return answer(node)
  }
  const echo = (node: string) => (host: string, target: number) => {
    dialled.push(`${node} ${host}:${target}`)
    return Promise.resolve(heard(host))
  }
  const tunnels = {
    list: () => ['n1', 'n2'],
    get: (node: string) => partial<NodeConnection>({ dial: dial(node), dialDatagrams: echo(node) }),
  }
  h = harness([desktopPorts(tunnels)])
  server = h.server
  server.put(refs.nodes, node)
  await h.start()
})
afterEach(() => {
  h.finish()
  taken.close()
})

/** Answers the first bytes with them, then ends. */
const hello = (): Duplex => {
  const stream = new Duplex({
    read: () => undefined,
    write(chunk: Buffer, _encoding, done) {
      stream.push(`hello ${chunk.toString()}`)
      stream.push(null)
      done()
    },
  })
  return stream
}

/** Answers each datagram with who it is. */
const heard = (host: string): Duplex => {
  const frames = new DatagramFrames()
  const stream = new Duplex({
    read: () => undefined,
    write(chunk: Buffer, _encoding, done) {
      for (const one of frames.add(chunk)) stream.push(datagramFrame(Buffer.from(`${host} heard ${String(one)}`)))
      done()
    },
  })
  return stream
}

async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const { port: free } = socket.address()
  await new Promise<void>((resolve) => socket.close(resolve))
  return free
}

const put = (spec: object, more: object = {}): void =>
  void server.put(refs.services, {
    metadata: { name: 's', namespace: 'd', ...more },
    spec: { clusterIP: '10.96.0.7', ...spec },
  })
const now = (): Service => server.peek(refs.services, 's', 'd')!
const movedTo = (): number => Number(now().metadata.annotations?.['drydock.dev/desktop-ports']?.split('=')[1])
const reasons = (): string[] => server.all(refs.events).map(({ reason }) => reason!)

async function ask(on: number): Promise<string> {
  const socket = connect(on, '127.0.0.1')
  socket.write('you')
  return text(socket)
}

describe('services on the desktop', () => {
  it('answer for their node port, on the next free one where it is taken, and say so', async () => {
    put({ type: 'NodePort', ports: [{ port: 80, nodePort: port }] })
    await vi.waitUntil(movedTo)
    expect(movedTo()).not.toBe(port)
    await expect(ask(movedTo())).resolves.toBe('hello you')
    expect(dialled).toEqual(['n1 10.96.0.7:80'])
    await vi.waitUntil(() => reasons().includes('DesktopPort'))
    expect(now().status?.loadBalancer?.ingress).toBeUndefined()
  })

  it('go to another node when one cannot reach them, and end the connection when none can', async () => {
    put({ type: 'NodePort', ports: [{ port: 80, nodePort: port }] })
    await vi.waitUntil(movedTo)
    answer = (node) => (node === 'n1' ? Promise.reject(new Error('refused')) : Promise.resolve(hello()))
    await expect(ask(movedTo())).resolves.toBe('hello you')
    answer = () => Promise.reject(new Error('refused'))
    await expect(ask(movedTo())).rejects.toThrow(/ECONNRESET|EPIPE/)
  })

  it('go to an endpoint by way of its own node', async () => {
    server.put(refs.endpointSlices, {
      metadata: { name: 's-1', namespace: 'd', labels: { 'kubernetes.io/service-name': 's' } },
      addressType: 'IPv4',
      ports: [{ port: 8080 }],
      endpoints: [{ addresses: ['10.244.2.5'], conditions: { ready: true }, nodeName: 'n2' }],
    })
    put({ type: 'NodePort', ports: [{ port: 80, nodePort: port }] })
    await vi.waitUntil(movedTo)
    await expect(ask(movedTo())).resolves.toBe('hello you')
    expect(dialled).toEqual(['n2 10.244.2.5:8080'])
  })

  it('do not let an answer pass for whole that was cut', async () => {
    put({ type: 'NodePort', ports: [{ port: 80, nodePort: port }] })
    await vi.waitUntil(movedTo)
    const cut = new Duplex({
      read: () => undefined,
      write(_chunk, _encoding, done) {
        cut.push('half')
        done()
      },
    })
    answer = () => Promise.resolve(cut)
    const socket = connect(movedTo(), '127.0.0.1')
    socket.write('you')
    await once(socket, 'data')
    const failed = once(socket, 'error')
    cut.destroy()
    expect(await failed).toMatchObject([{ code: 'ECONNRESET' }])
  })

  it('have the desktop as their balancer, with an address that nodes leave alone', async () => {
    put({ type: 'LoadBalancer', ports: [{ port }, { port: 53, protocol: 'SCTP' }] })
    await vi.waitUntil(() => now().status?.loadBalancer?.ingress)
    expect(now().status!.loadBalancer!.ingress).toEqual([
      {
        ip: '127.0.0.1',
        ipMode: 'Proxy',
        ports: [
          { port, protocol: 'TCP' },
          { port: 53, protocol: 'SCTP', error: 'drydock.dev/NoSCTP' },
        ],
      },
    ])
    expect(reasons()).toContain('EnsuredLoadBalancer')
    await expect(ask(movedTo())).resolves.toBe('hello you')
  })

  it('answer datagrams too, from the endpoint of each client as long as it is one', async () => {
    const ready = (address: string) => ({ addresses: [address], conditions: { ready: true }, nodeName: 'n2' })
    const slice = (...endpoints: object[]): void =>
      void server.put(refs.endpointSlices, {
        metadata: { name: 's-1', namespace: 'd', labels: { 'kubernetes.io/service-name': 's' } },
        addressType: 'IPv4',
        ports: [{ port: 5353, protocol: 'UDP' }],
        endpoints,
      })
    slice(ready('10.244.2.5'))
    const free = await freeUdpPort()
    put({ type: 'LoadBalancer', ports: [{ port: free, protocol: 'UDP' }] })
    await vi.waitUntil(() => now().status?.loadBalancer?.ingress)
    expect(now().status!.loadBalancer!.ingress).toEqual([{ ip: '127.0.0.1', ipMode: 'Proxy' }])
    const client = createSocket('udp4')
    const say = async (words: string): Promise<string> => {
      client.send(words, free, '127.0.0.1')
      return String((await once(client, 'message'))[0])
    }
    expect(await say('a')).toBe('10.244.2.5 heard a')
    expect(await say('b')).toBe('10.244.2.5 heard b')
    expect(dialled).toEqual(['n2 10.244.2.5:5353'])
    slice(ready('10.244.2.6'))
    await vi.waitUntil(async () => (await say('c')) === '10.244.2.6 heard c')
    client.close()
  })

  it('leave the address alone that another balancer has told', async () => {
    const theirs = [{ ip: '192.0.2.1' }]
    server.put(refs.services, {
      metadata: { name: 's', namespace: 'd' },
      spec: { type: 'LoadBalancer', clusterIP: '10.96.0.7', ports: [{ port }] },
      status: { loadBalancer: { ingress: theirs } },
    })
    await vi.waitUntil(movedTo)
    expect(now().status!.loadBalancer!.ingress).toEqual(theirs)
  })

  it('stop answering when they are gone, or exposed no more, and lose the address', async () => {
    put({ type: 'LoadBalancer', ports: [{ port }] })
    await vi.waitUntil(() => now().status?.loadBalancer?.ingress)
    const moved = movedTo()
    put({ type: 'ClusterIP', ports: [{ port }] }, { annotations: now().metadata.annotations })
    await vi.waitUntil(() => !movedTo())
    await expect(ask(moved)).rejects.toThrow('ECONNREFUSED')
    put({ type: 'NodePort', ports: [{ port: 80, nodePort: port }] })
    await vi.waitUntil(movedTo)
    const again = movedTo()
    server.remove(refs.services, 's', 'd')
    await vi.waitUntil(async () =>
      ask(again).then(
        () => false,
        (error: Error) => error.message.includes('ECONNREFUSED'),
      ),
    )
  })

  it('do not answer in a cluster without nodes, and keep what was noted until it has one', async () => {
    put({ type: 'LoadBalancer', ports: [{ port }] })
    await vi.waitUntil(() => now().status?.loadBalancer?.ingress)
    const moved = movedTo()
    const refuses = async (): Promise<boolean> =>
      ask(moved).then(
        () => false,
        (error: Error) => error.message.includes('ECONNREFUSED'),
      )
    server.remove(refs.nodes, 'n1')
    await vi.waitUntil(refuses)
    expect(movedTo()).toBe(moved)
    server.put(refs.nodes, node)
    await vi.waitUntil(async () => !(await refuses()))
    await expect(ask(moved)).resolves.toBe('hello you')
  })

  it('come back on the port that was noted', async () => {
    const free = createServer().listen(0, '127.0.0.1')
    await once(free, 'listening')
    const kept = (free.address() as AddressInfo).port
    await new Promise((resolve) => free.close(resolve))
    put(
      { type: 'NodePort', ports: [{ port: 80, nodePort: port }] },
      { annotations: { 'drydock.dev/desktop-ports': `${port}=${kept}` } },
    )
    await vi.waitUntil(async () =>
      ask(kept).then(
        (said) => said === 'hello you',
        () => false,
      ),
    )
  })
})
