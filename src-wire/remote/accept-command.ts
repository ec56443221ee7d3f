import type { CommandChannels, CommandStreams } from './channels.ts'
import { acceptSpdyCommand } from './spdy-command.ts'
import type { Upgrade } from './upgrade.ts'
import { acceptWebSocketCommand } from './websocket-command.ts'
import { isWebSocketUpgrade } from './websocket.ts'

/**
 * Upgrades a request for `exec` or `attach` to whichever protocol its client speaks. Throws `StatusError` when none fits; when
 * it does, the connection may already be upgraded.
 */
export function acceptCommand(upgrade: Upgrade, wanted: CommandStreams): Promise<CommandChannels> {
  return isWebSocketUpgrade(upgrade.request)
    ? acceptWebSocketCommand(upgrade, wanted)
    : acceptSpdyCommand(upgrade, wanted)
}
