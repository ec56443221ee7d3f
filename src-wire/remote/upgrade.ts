import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'

/** What a server is handed when a client asks for another protocol on its connection. */
export interface Upgrade {
  request: IncomingMessage
  socket: Duplex
  /** The first bytes that the client has sent of it. */
  head: Buffer
}
