import { once } from 'node:events'
import type { Server } from 'node:https'
import { createServer as createTcpServer } from 'node:net'
import { PassThrough, type Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { SkippingClock } from '../../../../src-kube/machinery/testing/skipping-clock.ts'
import type { NodeConnection } from '../../../../src-wire/node/node-connection.ts'
import { listen, relayTo } from '../../../../src-wire/testing/loopback.ts'
import { createTunnels, type Tunnels } from './index.ts'
import { dialAsNode, portOf, serveTunnels } from './testing/dialled-server.ts'

const PING_INTERVAL = 60_000
/** Milliseconds that a busy machine may take; less than a test may. */
const PATIENCE = 15_000
const target = { namespace: 'default', pod: 'p', container: 'c' }
const shell = { stdin: true, stdout: true, stderr: true, tty: false, command: ['cat'] }

let clock: SkippingClock
let server: Server
let tunnels: Tunnels
let relay: Awaited<ReturnType<typeof relayTo>>
let stop: AbortController
/** What the tunnels told of whether the node is there. */
let told: string[]
/** What the container writes. */
let output: PassThrough

beforeEach(async () => {
  clock = new SkippingClock()
  told = []
  output = new PassThrough()
  tunnels = createTunnels({ clock, pingInterval: PING_INTERVAL, onChange: (_, isThere) => told.push(String(isThere)) })
  server = await serveTunnels(tunnels)
  relay = await relayTo(portOf(server))
  stop = new AbortController()
})

afterEach(() => {
  stop.abort()
  tunnels.close()
  relay.close()
  server.close()
})

/** Resolves when the next control connection stands at the server's end. */
const arrival = (): Promise<string> => new Promise((resolve) => tunnels.onConnect(resolve))

/** A node that has both its connections. */
async function join(): Promise<NodeConnection> {
  const streams = { logs: () => Promise.resolve(output) }
  await Promise.all([arrival(), dialAsNode({ port: relay.port, streams, signal: stop.signal })])
  return tunnels.get('n1')
}

const follow = (node: NodeConnection): Promise<Readable> =>
  node.logs(target, { follow: true, previous: false, timestamps: false }, new AbortController().signal)

/** The machine is frozen, and the server hears that it says nothing. */
async function freeze(): Promise<void> {
  relay.hold()
  const isGone = (): boolean => {
    clock.skip(PING_INTERVAL)
    return !tunnels.has('n1')
  }
  await vi.waitUntil(isGone, { timeout: PATIENCE })
}

describe('a node that is frozen', () => {
  it('goes on with a log and a shell where they stood when it is thawed', async () => {
    const node = await join()
    const log = await follow(node)
    const { stdin, stdout } = await node.exec(target, shell)
    await freeze()
    output.write('after the thaw\n')
    stdin!.write('typed while it was frozen\n')
    expect(() => tunnels.get('n1')).toThrow('no connection from node "n1"')
    relay.release()
    expect(String((await once(log, 'data'))[0])).toBe('after the thaw\n')
    expect(String((await once(stdout!, 'data'))[0])).toBe('typed while it was frozen\n')
  })

  it('takes another connection to a port that was forwarded before, and none of anybody else', async () => {
    const echo = createTcpServer((socket) => socket.pipe(socket))
    const node = await join()
    await freeze()
    const forwarded = node.portForward(target, await listen(echo))
    expect(() => tunnels.get('n1')).toThrow('no connection from node "n1"')
    relay.release()
    const connection = await forwarded
    connection.write('hello')
    expect(String((await once(connection, 'data'))[0])).toBe('hello')
    connection.destroy()
    echo.close()
  })

  it('fails what waits for an answer', async () => {
    const node = await join()
    relay.hold()
    const asked = node.statsSummary().catch((error: Error) => error.message)
    await freeze()
    expect(await asked).toBe('the connection to the node was lost: the other end does not answer pings')
    await expect(node.statsSummary()).rejects.toThrow('no connection from node "n1"')
  })

  it('is there again when it is thawed, and that is told as of one that came', async () => {
    await follow(await join())
    await freeze()
    expect(tunnels.list()).toEqual([])
    told = []
    const back = arrival()
    relay.release()
    expect(await back).toBe('n1')
    expect(told).toContain('true')
    expect(await tunnels.get('n1').statsSummary()).toMatchObject({ node: { nodeName: 'n1' } })
  })

  it('fails its log when its agent began anew meanwhile', async () => {
    const node = await join()
    const failed = text(await follow(node)).catch((error: Error) => error.message)
    await freeze()
    const frozen = relay
    relay = await relayTo(portOf(server))
    await join()
    frozen.close()
    expect(await failed).toBe('the node connected anew')
  })
})
