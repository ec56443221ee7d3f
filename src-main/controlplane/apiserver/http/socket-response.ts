import { ServerResponse, type IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import { acceptWebSocket, isWebSocketUpgrade, offeredProtocols } from '../../../../src-wire/remote/websocket.ts'
import type { Incoming } from './exchange.ts'
import type { RequestInfo } from './request-info.ts'

/** RFC 6455: sixteen bytes, in base64. */
const KEY = /^[+/0-9A-Za-z]{22}==$/

/**
 * Whether a client wants to watch over a WebSocket, one message an event (reference: apiserver/pkg/endpoints/handlers, `WatchServer`), as
 * browsers and Java clients do.
 */
export function isWatchSocket(info: RequestInfo, request: Incoming): boolean {
  const { headers, method } = request as IncomingMessage
  return (
    info.verb === 'watch' &&
    method === 'GET' &&
    isWebSocketUpgrade(request as IncomingMessage) &&
    headers['sec-websocket-version'] === '13' &&
    KEY.test(headers['sec-websocket-key'] ?? '')
  )
}

/** The answer to a request that wants a WebSocket: one of HTTP, after which the connection ends, until it is {@link accept}ed. */
export class SocketResponse extends ServerResponse {
  readonly #connection: Duplex
  readonly #head: Buffer

  constructor(request: IncomingMessage, socket: Duplex, head: Buffer) {
    super(request)
    this.#connection = socket
    this.#head = head
    this.shouldKeepAlive = false
    socket.on('error', () => socket.destroy())
    this.assignSocket(socket as Parameters<ServerResponse['assignSocket']>[0])
    this.once('finish', () => socket.end())
  }

  /** Becomes a WebSocket, of the first protocol that the client offers, whatever it is. Undefined for a client that has left. */
  async accept(): Promise<WebSocket | undefined> {
    const connection = this.#connection
    if (connection.destroyed) return undefined
    this.detachSocket(connection as Parameters<ServerResponse['detachSocket']>[0])
    const left = Promise.withResolvers<undefined>()
    connection.once('close', () => left.resolve(undefined))
    const offered = offeredProtocols(this.req)
    const upgrade = { request: this.req, socket: connection, head: this.#head }
    const accepted = await Promise.race([acceptWebSocket(upgrade, offered), left.promise])
    return accepted?.socket
  }
}
