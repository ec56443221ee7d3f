import { createServer as createHttpServer } from 'node:http'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, expect, it } from 'vitest'
import { SpdyConnection } from '../spdy/connection.ts'
import { servePortForward } from './port-forward.ts'

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
  server.on('upgrade', (request, socket, head) => void servePortForward(request, socket, head, [], dial))
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
