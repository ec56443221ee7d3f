import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { SpdyConnection } from '../spdy/connection.ts'
import { type PortDialer, servePortForward } from './port-forward.ts'

const open: Array<{ close(): unknown }> = []
afterEach(() => {
  for (const one of open.splice(0)) one.close()
})

async function listen(server: Server): Promise<number> {
  open.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

/** A client's connection whose port 80 is a server that does this. */
async function forwarded(serve: (socket: Socket) => void) {
  const far = await listen(createServer({ allowHalfOpen: true }, serve))
  const dial = () => Promise.resolve(connect({ host: '127.0.0.1', port: far, allowHalfOpen: true }))
  const server = createHttpServer()
  server.on('upgrade', (request, socket, head) => void servePortForward({ request, socket, head }, [], dial))
  const socket = connect({ host: '127.0.0.1', port: await listen(server), allowHalfOpen: true })
  open.push({ close: () => socket.destroy() })
  socket.write('POST / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n\r\n')
  await new Promise((resolve) => socket.once('data', resolve))
  const connection = new SpdyConnection({ socket, server: false, onStream: () => undefined, onClose: () => undefined })
  const headers = { port: '80', requestid: '0' }
  const [error, data] = ['error', 'data'].map((streamtype) => connection.open({ ...headers, streamtype }))
  return { error: error!, data: data! }
}

it('a pod that closes its side ends the whole connection soon, though the client has not', async () => {
  const { error, data } = await forwarded((socket) => socket.end('bye'))
  expect(await text(data)).toBe('bye')
  expect(await text(error)).toBe('')
})

it('a client that closes its side is still answered', async () => {
  const { error, data } = await forwarded((socket) => {
    text(socket).then(
      (all) => socket.end(`got ${all}`),
      () => socket.destroy(),
    )
  })
  data.end('all of it')
  expect(await text(data)).toBe('got all of it')
  expect(await text(error)).toBe('')
})

/** What a client hears by channel, of the API's older WebSocket form, until the server closes the connection; and how it does. */
async function heard(ports: number[], dial: PortDialer) {
  const server = createHttpServer()
  server.on('upgrade', (request, socket, head) => void servePortForward({ request, socket, head }, ports, dial))
  const client = new WebSocket(`ws://127.0.0.1:${await listen(server)}`, 'v4.channel.k8s.io')
  open.push({ close: () => client.terminate() })
  const channels: string[] = []
  client.on('message', (data: Buffer) => {
    const [channel = 0] = data
    channels[channel] = (channels[channel] ?? '') + data.toString('latin1', 1)
  })
  const [code] = (await once(client, 'close')) as [number]
  return { channels, code }
}

it('a WebSocket of channels is closed once every port of it has ended, after all that they sent', async () => {
  const serve = async (words: string) => {
    const port = await listen(createServer((socket) => socket.end(words)))
    return () => connect({ host: '127.0.0.1', port })
  }
  const [one, two] = await Promise.all(['x'.repeat(100_000), 'bye'].map(serve))
  const told = await heard([80, 81], (port) => Promise.resolve(port === 80 ? one!() : two!()))
  expect(told.channels).toEqual([`P\0${'x'.repeat(100_000)}`, 'P\0', 'Q\0bye', 'Q\0'])
  expect(told.code).toBe(1000)
})

it('a WebSocket of channels is closed when the port cannot be reached, and says why', async () => {
  const told = await heard([80], () => Promise.reject(new Error('connection refused')))
  expect(told).toEqual({ channels: ['P\0', 'P\0connection refused'], code: 1000 })
})
