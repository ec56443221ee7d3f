import { badRequest } from '../../src-kube/machinery/errors.ts'
import { channel, parseResize, statusText, type CommandChannels, type CommandStreams } from './channels.ts'
import type { Upgrade } from './upgrade.ts'
import { WebSocketChannels } from './websocket-channels.ts'
import { acceptWebSocket } from './websocket.ts'

const protocols = [
  'v5.channel.k8s.io',
  'v4.channel.k8s.io',
  'v4.base64.channel.k8s.io',
  'base64.channel.k8s.io',
  'channel.k8s.io',
]

/** Answers a WebSocket upgrade of `exec` or `attach` (KEP-4006; v5 adds the half-close of stdin). */
export async function acceptWebSocketCommand(upgrade: Upgrade, wanted: CommandStreams): Promise<CommandChannels> {
  const accepted = await acceptWebSocket(upgrade, protocols)
  if (!accepted) throw badRequest('unable to upgrade: no supported WebSocket subprotocol was offered')
  const { protocol } = accepted
  const version = /^v[45]\./.test(protocol) ? Number(protocol[1]) : 1
  const closed = new AbortController()
  const channels = new WebSocketChannels(accepted.socket, {
    base64: protocol.includes('base64'),
    onClosed: () => closed.abort(),
  })
  const stderr = wanted.stderr && !wanted.tty
  // Listened to from the start: kubectl sends the terminal's size at once.
  const resize = channels.input(channel.resize)
  // Tells the client that the session stands, before the command says anything.
  channels.send(wanted.stdout ? channel.stdout : stderr ? channel.stderr : channel.error, Buffer.alloc(0))
  return {
    stdin: wanted.stdin ? channels.input(channel.stdin) : undefined,
    stdout: wanted.stdout ? channels.output(channel.stdout).on('error', () => undefined) : undefined,
    stderr: stderr ? channels.output(channel.stderr).on('error', () => undefined) : undefined,
    closed: closed.signal,
    onResize(listener) {
      resize.on('data', (chunk: Buffer) => {
        const size = parseResize(chunk.toString('utf8'))
        if (size) listener(size.columns, size.rows)
      })
    },
    async finish(status) {
      const text = statusText(status, version)
      if (text) channels.send(channel.error, Buffer.from(text))
      await channels.close()
    },
  }
}
