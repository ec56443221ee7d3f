import { createServer as createHttpServer, type Server } from 'node:http'
import { connect, createServer, type AddressInfo } from 'node:net'
import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WebSocketServer, type WebSocket } from 'ws'
import type { ServerMessage } from '../../src-wire/gateway/messages.ts'
import { forwardStream } from './forward-stream.ts'
import type { Stream } from './streams.ts'
import { createUpstream, type Upstream } from './upstream.ts'

let http: Server
let sockets: WebSocketServer
let upstream: Upstream
let stream: Stream | undefined
let behave: (socket: WebSocket) => void

const port = Buffer.of(0x1f, 0x90)
const say = (socket: WebSocket, to: number, bytes: Buffer | string): void =>
  socket.send(Buffer.concat([Buffer.of(to), Buffer.from(bytes)]))

/** An API server whose pod gives back what it gets, in capitals, and closes at `bye`. */
beforeEach(async () => {
  behave = (socket) => {
    say(socket, 0, port)
    say(socket, 1, port)
    socket.on('message', (data) => {
      const text = (data as Buffer).subarray(1).toString()
      say(socket, 0, text.toUpperCase())
      if (text === 'bye') socket.close()
    })
  }
  http = createHttpServer()
  sockets = new WebSocketServer({ server: http, handleProtocols: () => 'v4.channel.k8s.io' })
  sockets.on('connection', (socket) => behave(socket))
  await new Promise<void>((done) => http.listen(0, '127.0.0.1', done))
  upstream = createUpstream({ server: `http://127.0.0.1:${(http.address() as AddressInfo).port}` })
})
afterEach(() => {
  stream?.close()
  upstream.close()
  for (const socket of sockets.clients) socket.terminate()
  http.close()
  http.closeAllConnections()
})

/** Opens a forward; resolves when it listens or has ended. */
async function forward(localPort?: number) {
  const told: string[] = []
  const sent: ServerMessage[] = []
  const message = await new Promise<ServerMessage>((resolve) => {
    const open = {
      type: 'open',
      id: 1,
      cluster: 'c',
      stream: 'forward',
      path: '/api/v1/namespaces/a/pods/b/portforward?ports=8080',
      credit: 0,
      ...(localPort ? { localPort } : {}),
    } as const
    const output = {
      send: (one: ServerMessage) => (sent.push(one), resolve(one)),
      sendText: () => undefined,
      sendBytes: (_id: number, _to: number, bytes: Uint8Array) => void told.push(Buffer.from(bytes).toString()),
    }
    stream = forwardStream(open, upstream, output, () => undefined)
  })
  return { told, sent, port: message.type === 'opened' ? message.port! : 0 }
}

async function talk(to: number, ...words: string[]): Promise<string> {
  const socket = connect(to, '127.0.0.1')
  const heard: string[] = []
  socket.on('data', (chunk: Buffer) => heard.push(chunk.toString()))
  socket.on('error', () => undefined)
  for (const word of words) {
    socket.write(word)
    if (word !== 'bye') await once(socket, 'data')
  }
  await once(socket, 'close')
  return heard.join('')
}

describe('a port forward', () => {
  it('carries each connection to the pod and back, without the numbers that channels begin with', async () => {
    const { port: local, told } = await forward()
    expect(await Promise.all([talk(local, 'hello', 'bye'), talk(local, 'again', 'bye')])).toEqual([
      'HELLOBYE',
      'AGAINBYE',
    ])
    expect(told).toEqual([])
  })

  it('takes another port when the wanted one is not free', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const taken = (other.address() as AddressInfo).port
    const { port: local } = await forward(taken)
    expect(local).not.toBe(taken)
    expect(await talk(local, 'bye')).toBe('BYE')
    other.close()
  })

  it('takes over the port that another one is just giving up', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const wanted = (other.address() as AddressInfo).port
    const taking = forward(wanted)
    setImmediate(() => other.close())
    expect((await taking).port).toBe(wanted)
  })

  it("tells the pod's refusal in its own words and closes that connection only", async () => {
    const willing = behave
    behave = (socket) => {
      say(socket, 0, port)
      say(socket, 1, port)
      say(socket, 1, 'connection refused')
    }
    const { port: local, told } = await forward()
    expect(await talk(local)).toBe('')
    expect(told).toEqual(['connection refused'])
    behave = willing
    expect(await talk(local, 'bye')).toBe('BYE')
  })

  it('says when the cluster is gone', async () => {
    const { port: local, told } = await forward()
    sockets.close()
    http.close()
    http.closeAllConnections()
    expect(await talk(local)).toBe('')
    expect(told[0]).toMatch(/not running|does not answer/)
  })

  it('stops listening when it is closed, and its connections with it', async () => {
    const { port: local, sent } = await forward()
    const socket = connect(local, '127.0.0.1')
    socket.write('x')
    await once(socket, 'data')
    stream!.close()
    await once(socket, 'close')
    expect(sent.at(-1)).toEqual({ type: 'closed', id: 1 })
    const late = connect(local, '127.0.0.1')
    const [error] = (await once(late, 'error')) as [NodeJS.ErrnoException]
    expect(error.code).toBe('ECONNREFUSED')
  })
})
