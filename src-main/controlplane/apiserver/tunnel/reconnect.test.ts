import { EventEmitter, once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import type { Server } from 'node:https'
import { Duplex, PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { systemClock, type Clock } from '../../../../src-kube/machinery/clock.ts'
import type { NodeServices, PodStreams } from '../../../../src-wire/node/pod-streams.ts'
import { testCertificates as pki } from '../../../../src-wire/testing/certificates.ts'
import { relayTo } from '../../../../src-wire/testing/loopback.ts'
import type { ConnectTunnelOptions } from '../../../../src-wire/tunnel/connect-tunnel.ts'
import { createTunnels, type Tunnels } from './index.ts'
import { dialAsNode, nodeUser, portOf, serveTunnels } from './testing/dialled-server.ts'

type Relay = Awaited<ReturnType<typeof relayTo>>
type Streams = Partial<PodStreams & NodeServices>

let server: Server
let tunnels: Tunnels
let relays: Relay[]
let stop: AbortController
/** `control+` and so on of every connection that an agent made or lost. */
let states: EventEmitter
/** What the tunnels told. */
let told: string[]
const target = { namespace: 'default', pod: 'p', container: 'c' }
const logs = { follow: true, previous: false, timestamps: false }
const forever = new AbortController().signal

beforeEach(async () => {
  told = []
  relays = []
  tunnels = createTunnels({ onChange: (node, connected) => told.push(`${node} ${connected ? 'came' : 'went'}`) })
  server = await serveTunnels(tunnels)
  stop = new AbortController()
  states = new EventEmitter()
})

afterEach(() => {
  stop.abort()
  tunnels.close()
  for (const relay of relays) relay.close()
  server.close()
})

interface Agent {
  relay: Relay
  /** Resolves with both connections. */
  joined: Promise<unknown>
}

/** An agent of the node by a wire of its own. */
async function agent(streams: Streams = {}, options: Partial<ConnectTunnelOptions> = {}): Promise<Agent> {
  const relay = await relayTo(portOf(server))
  relays.push(relay)
  const joined = dialAsNode({
    port: relay.port,
    streams,
    signal: stop.signal,
    onState: (channel, state) => states.emit('state', `${channel} ${state}`),
    ...options,
  })
  return { relay, joined }
}

const says = (words: string): Streams => ({ logs: () => Promise.resolve(PassThrough.from([words])) })
const said = async (): Promise<string> => text(await tunnels.get('n1').logs(target, logs, forever))

describe('a node whose agent dials again', () => {
  it('is served by the new agent at once, while the old one hangs on a wire that is cut', async () => {
    const first = await agent(says('old'))
    await first.joined
    expect(await said()).toBe('old')
    first.relay.freeze()
    const second = await agent(says('new'))
    await second.joined
    expect(await said()).toBe('new')
    // The server told the old connections that they are over; what they tell now, late, is about nothing.
    first.relay.close()
    expect(await said()).toBe('new')
    expect(told).toEqual(['n1 came'])
    expect(tunnels.list()).toEqual(['n1'])
  })

  it('fails what its old connections carried', async () => {
    const first = await agent({ logs: () => Promise.resolve(new PassThrough()) })
    await first.joined
    const node = tunnels.get('n1')
    const following = text(await node.logs(target, logs, forever))
    const asleep = await node.exec(target, {
      stdin: false,
      stdout: true,
      stderr: true,
      tty: false,
      command: ['sleep', '60'],
    })
    first.relay.freeze()
    const lost = Promise.allSettled([following, asleep.exit, node.statsSummary()])
    await agent()
    const failures = (await lost).map((one) => (one.status === 'rejected' ? (one.reason as unknown) : one.value))
    expect(failures).toMatchObject([{ message: 'the node connected anew' }, { code: 502 }, { code: 502 }])
    expect(await node.statsSummary()).toMatchObject({ node: { nodeName: 'n1' } })
    expect(node.closed.aborted).toBe(false)
  })

  it('does not take a log for whole whose connection is lost', async () => {
    const { relay, joined } = await agent({ logs: () => Promise.resolve(new PassThrough()) })
    await joined
    const following = text(await tunnels.get('n1').logs(target, logs, forever))
    relay.reset()
    await expect(following).rejects.toThrow('the connection was closed')
  })

  it('does not end a stream that is lost', async () => {
    const far = new PassThrough()
    const { relay, joined } = await agent({ dial: () => Promise.resolve(far) })
    await joined
    const near = await tunnels.get('n1').dial('10.96.0.1', 80)
    const seen = text(near)
    far.write('half')
    await once(near, 'readable')
    relay.reset()
    await expect(seen).rejects.toThrow('the connection was closed')
  })

  it('tells of the control connection of each agent', async () => {
    const heard: string[] = []
    tunnels.onConnect((node) => heard.push(node))
    const first = await agent()
    await first.joined
    first.relay.freeze()
    const second = await agent()
    await second.joined
    expect(heard).toEqual(['n1', 'n1'])
  })

  it('is gone when its last connection is, though a listener failed when it came', async () => {
    tunnels.onConnect(() => {
      throw new Error('not now')
    })
    const gone = vi.waitUntil(() => told.includes('n1 went'))
    await agent()
    await gone
    expect(told.slice(0, 2)).toEqual(['n1 came', 'n1 went'])
  })
})

/** An upgrade of `channel` with a socket of which nobody is at the other end. */
function upgrade(channel: string): { request: IncomingMessage; socket: Duplex } {
  const url = `/drydock/v1/tunnel?node=n1&channel=${channel}`
  const socket = new Duplex({ read: () => undefined, write: (_chunk, _encoding, done) => setImmediate(done) })
  return { request: { url, headers: { upgrade: 'drydock-node-tunnel.v1' } } as IncomingMessage, socket }
}

describe('the tunnels of a server', () => {
  it('take nobody in once they are closed, nor tell of anybody', async () => {
    const node = upgrade('control')
    const handled = tunnels.handleUpgrade(node.request, node.socket, Buffer.alloc(0), nodeUser)
    tunnels.close()
    await handled
    expect(node.socket.destroyed).toBe(true)
    const late = upgrade('control')
    await tunnels.handleUpgrade(late.request, late.socket, Buffer.alloc(0), nodeUser)
    expect(late.socket.writableEnded).toBe(true)
    expect(told).toEqual([])
    expect(tunnels.has('n1')).toBe(false)
  })

  it('forget whom they had, and say so to those who hold it', async () => {
    const { joined } = await agent()
    await joined
    const { closed } = tunnels.get('n1')
    tunnels.close()
    expect([closed.aborted, tunnels.list(), told]).toEqual([true, [], ['n1 came']])
  })

  it('do not take in an agent that went while it was greeted', async () => {
    const { request, socket } = upgrade('bulk')
    const handled = tunnels.handleUpgrade(request, socket, Buffer.alloc(0), nodeUser)
    setImmediate(() => socket.destroy())
    socket.destroy()
    await handled
    expect(tunnels.has('n1')).toBe(false)
  })
})

describe('an agent', () => {
  /** The machine's clock, which notes how long each next dial waits and lets it begin at once. */
  const impatient = (waits: number[]): Clock => ({
    ...systemClock,
    after(delay, callback) {
      const isDial = delay < 5000
      if (isDial) waits.push(delay)
      return systemClock.after(isDial ? 0 : delay, callback)
    },
  })

  it('waits longer each time its connection does not stand, though it was made', async () => {
    const waits: number[] = []
    const { relay, joined } = await agent({}, { clock: impatient(waits) })
    await joined
    for (let i = 0; i < 3; i++) {
      const connected = new Promise((resolve) => states.on('state', (s) => s === 'control connected' && resolve(s)))
      relay.reset()
      await connected
    }
    expect(Math.max(...waits)).toBeGreaterThanOrEqual(500)
  })

  it('dials again when its certificate could not be read', async () => {
    let reads = 0
    const tls = () => {
      if (++reads <= 2) throw new Error('half written')
      return { ca: pki.ca, ...pki.node }
    }
    const { joined } = await agent({}, { tls, clock: impatient([]) })
    await joined
    expect(reads).toBe(4)
  })
})
