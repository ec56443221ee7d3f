import type { IncomingMessage } from 'node:http'
import { WebSocketServer, type WebSocket } from 'ws'
import type { Upgrade } from './upgrade.ts'

/** A message may carry a whole write of the client (kubectl cp): no tighter than upstream's SPDY. */
const MAX_PAYLOAD = 64 << 20

/** What {@link acceptWebSocket} agreed on. `protocol` is `` when the client offered none. */
export interface AcceptedWebSocket {
  socket: WebSocket
  protocol: string
}

/** Whether the request asks for a WebSocket (rather than SPDY). */
export function isWebSocketUpgrade(request: IncomingMessage): boolean {
  return request.headers.upgrade?.toLowerCase() === 'websocket'
}

/** Subprotocols the client offers, in its order. Bearer tokens ride among them and are never answered. */
export function offeredProtocols(request: IncomingMessage): string[] {
  return String(request.headers['sec-websocket-protocol'] ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name && !name.startsWith('base64url.bearer.authorization.k8s.io.'))
}

/**
 * Answers a WebSocket upgrade with the first of the client's protocols that is supported. Undefined, with nothing sent, when
 * it offers only others. `ws` refuses protocol names with a slash (`SPDY/3.1+portforward.k8s.io`), so the header is hidden
 * from it and the answer's is added by hand.
 */
export async function acceptWebSocket(
  { request, socket, head }: Upgrade,
  supported: readonly string[],
): Promise<AcceptedWebSocket | undefined> {
  const offered = offeredProtocols(request)
  const protocol = offered.length === 0 ? '' : offered.find((name) => supported.includes(name))
  if (protocol === undefined) return undefined
  delete request.headers['sec-websocket-protocol']
  const server = new WebSocketServer({ noServer: true, maxPayload: MAX_PAYLOAD, perMessageDeflate: false })
  server.on('headers', (headers) => {
    if (protocol) headers.push(`Sec-WebSocket-Protocol: ${protocol}`)
  })
  return new Promise((resolve) => {
    server.handleUpgrade(request, socket, head, (accepted) => {
      accepted.on('error', () => undefined)
      keepAlive(accepted)
      resolve({ socket: accepted, protocol })
    })
  })
}

/** Pings, so that a proxy keeps an idle session and a vanished client is noticed. */
function keepAlive(socket: WebSocket): void {
  let isAnswered = true
  socket.on('pong', () => (isAnswered = true))
  const timer = setInterval(() => {
    if (!isAnswered) return socket.terminate()
    isAnswered = false
    socket.ping()
  }, 30_000)
  timer.unref()
  socket.once('close', () => clearInterval(timer))
}
