/**
 * A port of a pod on this machine: a listener on loopback, and for each of its connections one WebSocket with two channels, data and
 * error, each beginning with the port's number (the API's WebSocket form of `pods/portforward`). That form cannot say that one side
 * has no more to send, so a client that closes its half keeps receiving until the pod closes; whole connections end together.
 */
import { once } from 'node:events'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import type { RawData, WebSocket } from 'ws'
import { channel } from '../../src-wire/gateway/frames.ts'
import type { OpenMessage } from '../../src-wire/gateway/messages.ts'
import type { Stream, StreamOutput } from './streams.ts'
import { unreachable, type Upstream } from './upstream.ts'

const LOOPBACK = '127.0.0.1'
const DATA = 0
const ERROR = 1
/** Bytes of the port's number that each channel begins with. */
const PORT_BYTES = 2
/** Bytes that may wait for the cluster before the client is asked to pause. */
const MOST_WAITING = 1 << 20

/** How often a port is asked for that is taken, and milliseconds between. */
const [MOST_TRIES, PAUSE] = [6, 50]

/** Listens on the wanted local port, or on any free one when that is taken; what goes wrong with single connections is told on the error channel. */
export function forwardStream(open: OpenMessage, upstream: Upstream, output: StreamOutput, onEnd: () => void): Stream {
  const { id } = open
  const sockets = new Set<Socket>()
  let hasEnded = false
  const tell = (text: string): void => output.sendBytes(id, channel.stderr, Buffer.from(text))
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    relay(socket, () => upstream.connect(open.path, 'v4.channel.k8s.io'), tell)
  })
  const end = (message?: string): void => {
    if (hasEnded) return
    hasEnded = true
    server.close()
    for (const socket of sockets) socket.destroy()
    output.send({ type: 'closed', id, ...(message ? { message } : {}) })
    onEnd()
  }
  listen(server, open.localPort ?? 0).then(
    (port) => (hasEnded ? void server.close() : output.send({ type: 'opened', id, port })),
    (error: unknown) => end(`No port of this machine can be listened on: ${(error as Error).message}`),
  )
  return { grant: () => undefined, close: () => end() }
}

/** The wanted port is asked for a few times: another window that held it may be closing right now. */
async function listen(server: Server, wanted: number): Promise<number> {
  for (let tries = 0; wanted !== 0 && tries < MOST_TRIES; tries++) {
    try {
      return await listenOn(server, wanted)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'EACCES') break
      if (code !== 'EADDRINUSE') throw error
      await setTimeout(PAUSE)
    }
  }
  return listenOn(server, 0)
}

async function listenOn(server: Server, port: number): Promise<number> {
  server.listen(port, LOOPBACK)
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

function relay(socket: Socket, connect: () => WebSocket, tell: (text: string) => void): void {
  const fail = (message: string): void => {
    if (socket.destroyed) return
    tell(message)
    socket.destroy()
  }
  let far: WebSocket
  try {
    far = connect()
  } catch (error) {
    return fail(unreachable(error))
  }
  socket.pause()
  socket.on('error', () => socket.destroy())
  socket.on('close', () => far.terminate())
  far.on('open', () => socket.resume())
  far.on('unexpected-response', (_request, response) => {
    response.resume()
    fail(`The cluster refused the connection: HTTP ${response.statusCode}.`)
    far.terminate()
  })
  far.on('error', (error) => fail(unreachable(error)))
  far.on('close', () => socket.end(() => socket.destroy()))
  socket.on('data', (chunk: Buffer) => {
    far.send(Buffer.concat([Buffer.of(DATA), chunk]), () => socket.resume())
    if (far.bufferedAmount > MOST_WAITING) socket.pause()
  })
  const begun = new Set<number>()
  far.on('message', (data: RawData) => {
    const message = data as Buffer
    const to = message[0]!
    const bytes = message.subarray(begun.has(to) ? 1 : 1 + PORT_BYTES)
    begun.add(to)
    if (to === ERROR && bytes.length > 0) return fail(bytes.toString('utf8'))
    if (to !== DATA || bytes.length === 0 || socket.write(bytes)) return
    far.pause()
    socket.once('drain', () => far.resume())
  })
}
