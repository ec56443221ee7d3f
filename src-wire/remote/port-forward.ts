import type { Duplex } from 'node:stream'
import { createWebSocketStream } from 'ws'
import { badRequest } from '../../src-kube/machinery/errors.ts'
import { SpdyConnection } from '../spdy/connection.ts'
import type { SpdyStream } from '../spdy/stream.ts'
import { switchProtocols } from './switch-protocols.ts'
import type { Upgrade } from './upgrade.ts'
import { WebSocketChannels } from './websocket-channels.ts'
import { acceptWebSocket, isWebSocketUpgrade } from './websocket.ts'

/** Opens a connection to a port of the pod; fails with the words for the client. */
export type PortDialer = (port: number) => Promise<Duplex>

/**
 * Milliseconds after the pod's end until the whole connection is over: clients wait for that before they let their own peers know, and those may
 * never say more.
 */
const LAST_WORDS = 100

const TUNNELLED = 'SPDY/3.1+portforward.k8s.io'
const channelled = ['v4.channel.k8s.io', 'v4.base64.channel.k8s.io']

/**
 * Upgrades a port-forward and serves it until the client goes: SPDY with `portforward.k8s.io`, the same tunnelled in WebSocket
 * messages (KEP-4006), or two WebSocket channels for each port of `ports` (the API's older WebSocket form).
 */
export async function servePortForward(upgrade: Upgrade, ports: readonly number[], dial: PortDialer): Promise<void> {
  const { request, socket, head } = upgrade
  if (!isWebSocketUpgrade(request)) {
    await switchProtocols(socket, { upgrade: 'SPDY/3.1', 'x-stream-protocol-version': 'portforward.k8s.io' })
    return serveSpdy(socket, head, dial)
  }
  const accepted = await acceptWebSocket(upgrade, [TUNNELLED, ...channelled])
  if (!accepted) throw badRequest('unable to upgrade: no supported WebSocket subprotocol was offered')
  if (accepted.protocol === TUNNELLED) {
    return serveSpdy(createWebSocketStream(accepted.socket, { highWaterMark: 256 * 1024 }), Buffer.alloc(0), dial)
  }
  const channels = new WebSocketChannels(accepted.socket, { base64: accepted.protocol.includes('base64') })
  // Clients end their own side by it: channels of one WebSocket have no ends of their own here.
  const ended = ports.map((port, index) => serveChannels(channels, index, port, dial))
  void Promise.all(ended).then(() => channels.close())
}

/** The streams of one forwarded connection. */
interface Forwarded {
  data: SpdyStream
  /** Ends with the words of what went wrong. */
  error: SpdyStream
}

/** Each connection is a pair of streams with one `requestID`: `error` first, then `data`. */
function serveSpdy(socket: Duplex, head: Buffer, dial: PortDialer): void {
  const waiting = new Map<string, Partial<Forwarded>>()
  const open = new Set<Duplex>()
  new SpdyConnection({
    socket,
    head,
    onStream(stream) {
      const { streamtype, port = '' } = stream.headers
      const id = `${port}/${stream.headers['requestid'] ?? ''}`
      const pair = waiting.get(id) ?? {}
      waiting.set(id, pair)
      if (streamtype === 'error') pair.error = stream
      else if (streamtype === 'data') pair.data = stream
      if (!pair.error || !pair.data) return
      waiting.delete(id)
      forward({ data: pair.data, error: pair.error }, dial(Number(port)), open)
    },
    onClose() {
      for (const far of open) far.destroy()
    },
  })
}

/** Joins the two streams of a client with what is dialled, which stands in `open` while it lasts. */
function forward({ data, error }: Forwarded, dialled: Promise<Duplex>, open: Set<Duplex>): void {
  error.resume()
  dialled.then(
    (far) => {
      open.add(far)
      far.once('close', () => {
        open.delete(far)
        if (!data.writableEnded) data.end()
        error.end()
      })
      far.on('error', () => data.destroy())
      far.once('end', () => setTimeout(() => far.destroy(), LAST_WORDS).unref())
      data.once('close', () => far.destroy())
      data.pipe(far)
      far.pipe(data)
    },
    (failure: unknown) => {
      error.end(failure instanceof Error ? failure.message : String(failure))
      data.resume()
      data.end()
    },
  )
}

/** Resolves when the pod has closed its side and all that it sent is sent on, or when it cannot be reached. */
function serveChannels(channels: WebSocketChannels, index: number, port: number, dial: PortDialer): Promise<void> {
  const [dataId, errorId] = [index * 2, index * 2 + 1]
  const announce = Buffer.alloc(2)
  announce.writeUInt16LE(port)
  channels.send(dataId, announce)
  channels.send(errorId, announce)
  const input = channels.input(dataId)
  return dial(port).then(
    (far) =>
      new Promise((resolve) => {
        const output = channels.output(dataId)
        output.on('error', () => far.destroy()).once('close', resolve)
        far.on('error', (error) => channels.send(errorId, Buffer.from(error.message)))
        far.once('close', () => output.end())
        input.pipe(far)
        far.pipe(output)
      }),
    (failure: unknown) => {
      input.resume()
      channels.send(errorId, Buffer.from(failure instanceof Error ? failure.message : String(failure)))
    },
  )
}
