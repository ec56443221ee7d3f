import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { CommandChannels, CommandStreams } from './channels.ts'
import { acceptSpdyCommand } from './spdy-command.ts'
import { acceptWebSocketCommand } from './websocket-command.ts'
import { isWebSocketUpgrade } from './websocket.ts'

/**
 * Upgrades a request for `exec` or `attach` to whichever protocol its client speaks. Throws `StatusError` when none fits; when
 * it does, the connection may already be upgraded.
 */
export function acceptCommand(
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  wanted: CommandStreams,
): Promise<CommandChannels> {
  return isWebSocketUpgrade(request)
    ? acceptWebSocketCommand(request, socket, head, wanted)
    : acceptSpdyCommand(request, socket, head, wanted)
}
