import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { OpenPort } from './open-port.ts'
import { relayStreams } from './relay-streams.ts'

let open: OpenPort
const clients: Socket[] = []
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy()
  await open.close()
})

/** A connection over a port whose stream does what a test says once it is asked something. */
async function connected(onAsked: (stream: Duplex) => void): Promise<Socket> {
  const dial = () => {
    const stream = new Duplex({
      read: () => undefined,
      write(_chunk, _encoding, done) {
        onAsked(stream)
        done()
      },
    })
    return Promise.resolve(stream)
  }
  open = (await relayStreams('127.0.0.1', 0, dial))!
  const client = connect(open.port, '127.0.0.1')
  client.on('error', () => undefined)
  clients.push(client)
  client.write('?')
  return client
}

describe('a connection on the desktop', () => {
  it('is cut when its stream is, so that nobody takes what came for all', async () => {
    const client = await connected((stream) => {
      stream.push('half')
      setImmediate(() => stream.destroy())
    })
    const [error] = (await once(client, 'error')) as [NodeJS.ErrnoException]
    expect(error.code).toBe('ECONNRESET')
  })

  it('is given back when its stream fails in the moment in which it ends', async () => {
    const sockets = () => process.getActiveResourcesInfo().filter((one) => one === 'TCPSocketWrap').length
    await vi.waitUntil(() => sockets() === 0)
    const client = await connected((stream) => {
      // Once the socket was told that no more comes, and before it knows that it has said so.
      stream.on('end', () => process.nextTick(() => process.nextTick(() => stream.destroy(new Error('lost')))))
      stream.push('all')
      stream.push(null)
    })
    client.resume()
    await once(client, 'close')
    await open.close()
    open = { port: 0, close: () => Promise.resolve() }
    // A socket that is reset while it ends is never closed, nor is the thread that has it.
    await vi.waitUntil(() => sockets() === 0)
  })
})
