import type { ServerResponse } from 'node:http'
import type { WebSocket } from 'ws'
import { SWITCHED } from '../connect.ts'
import { roomIn, type Exchange } from '../http/exchange.ts'
import { SocketResponse } from '../http/socket-response.ts'
import { jsonLines, type Wire } from './watch-wire.ts'

/** Where the events of a watch go. */
export interface WatchSink {
  /** Sends events that follow one another; what it returns resolves when there is room for more, at once when it is undefined. */
  send(events: readonly Buffer[]): Promise<void> | undefined
  end(): void
}

/**
 * Begins the answer to a watch: the body of a response, or a WebSocket for clients that asked for one.
 *
 * @param left called when the client has gone
 */
export async function openSink(exchange: Exchange, wire: Wire, left: () => void): Promise<WatchSink> {
  const { response } = exchange
  if (!(response instanceof SocketResponse)) return bodySink(exchange, wire)
  const socket = await response.accept()
  response.statusCode = SWITCHED
  exchange.trail?.started(SWITCHED)
  if (!socket) {
    left()
    return { send: () => undefined, end: () => undefined }
  }
  socket.once('close', left)
  // What clients send is of no interest, and must be read all the same.
  socket.on('message', () => undefined)
  return socketSink(socket, wire)
}

function bodySink(exchange: Exchange, wire: Wire): WatchSink {
  const response = exchange.response as ServerResponse
  exchange.begin(200, { 'content-type': wire.contentType })
  response.flushHeaders?.()
  return {
    send: (events) => (response.write(together(events)) ? undefined : roomIn(response)),
    end: () => void response.end(),
  }
}

/** Bytes that may wait for a client of a WebSocket to read them. */
const MOST_WAITING = 2 ** 16
/** RFC 6455: the purpose for which the connection was made has been fulfilled. */
const NORMAL = 1000

function socketSink(socket: WebSocket, wire: Wire): WatchSink {
  const binary = wire !== jsonLines
  return {
    send(events) {
      const last = events.at(-1)!
      for (const event of events) if (event !== last) socket.send(event, { binary })
      // It is called when the bytes have left, or never will.
      const sent = new Promise<void>((resolve) => socket.send(last, { binary }, () => resolve()))
      return socket.bufferedAmount > MOST_WAITING ? sent : undefined
    },
    end: () => socket.close(NORMAL),
  }
}

let joined: { lines: readonly Buffer[]; bytes: Buffer } | undefined

/** Lines as one piece, made once for all watchers of the same, which wake one after the other. */
function together(lines: readonly Buffer[]): Buffer {
  if (lines.length === 1) return lines[0]!
  if (joined?.lines.length === lines.length && joined.lines.every((line, i) => line === lines[i])) return joined.bytes
  joined = { lines, bytes: Buffer.concat(lines) }
  return joined.bytes
}
