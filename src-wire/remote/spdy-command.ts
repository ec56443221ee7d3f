import { badRequest } from '../../src-kube/machinery/errors.ts'
import { SpdyConnection } from '../spdy/connection.ts'
import type { SpdyStream } from '../spdy/stream.ts'
import { parseResize, statusText, type CommandChannels, type CommandStreams } from './channels.ts'
import { switchProtocols } from './switch-protocols.ts'
import type { Upgrade } from './upgrade.ts'

/** How long a client may take to open its streams; upstream's default. */
const STREAM_TIMEOUT = 30_000

const versions: Record<string, number> = {
  'v5.channel.k8s.io': 5,
  'v4.channel.k8s.io': 4,
  'v3.channel.k8s.io': 3,
  'v2.channel.k8s.io': 2,
  'channel.k8s.io': 1,
}

/** Answers a SPDY/3.1 upgrade and waits until the client has opened the streams of its command. */
export async function acceptSpdyCommand(
  { request, socket, head }: Upgrade,
  wanted: CommandStreams,
): Promise<CommandChannels> {
  const offered = String(request.headers['x-stream-protocol-version'] ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean)
  const protocol = offered.length === 0 ? 'channel.k8s.io' : offered.find((name) => versions[name])
  if (!protocol) throw badRequest(`unable to upgrade: no supported protocol among ${offered.join(', ')}`)
  const version = versions[protocol] ?? 1
  await switchProtocols(socket, { upgrade: 'SPDY/3.1', 'x-stream-protocol-version': protocol })
  const expected = ['error', ...expectedStreams(wanted, version)]
  const streams = new Map<string, SpdyStream>()
  const closed = new AbortController()
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(badRequest('timed out waiting for client to create streams'))
      connection.end()
    }, STREAM_TIMEOUT)
    const connection = new SpdyConnection({
      socket,
      head,
      onStream(stream) {
        streams.set(stream.headers['streamtype'] ?? '', stream)
        if (!expected.every((name) => streams.has(name))) return
        clearTimeout(timer)
        resolve(channelsOf(streams, connection, closed.signal, version))
      },
      onClose() {
        clearTimeout(timer)
        closed.abort()
        reject(badRequest('the client closed the connection before it created its streams'))
      },
    })
  })
}

function expectedStreams(wanted: CommandStreams, version: number): string[] {
  return [
    ...(wanted.stdin ? ['stdin'] : []),
    ...(wanted.stdout ? ['stdout'] : []),
    ...(wanted.stderr && !wanted.tty ? ['stderr'] : []),
    ...(wanted.tty && version >= 3 ? ['resize'] : []),
  ]
}

function channelsOf(
  streams: Map<string, SpdyStream>,
  connection: SpdyConnection,
  closed: AbortSignal,
  version: number,
): CommandChannels {
  const error = streams.get('error')
  const outputs = [streams.get('stdout'), streams.get('stderr')]
  for (const stream of [error, ...outputs]) stream?.resume()
  return {
    stdin: streams.get('stdin'),
    stdout: outputs[0],
    stderr: outputs[1],
    closed,
    onResize(listener) {
      // Go's encoder ends each value with a newline, but a frame need not hold exactly one.
      let held = ''
      streams.get('resize')?.on('data', (chunk: Buffer) => {
        const values = (held + chunk.toString('utf8')).split('\n')
        held = values.pop() ?? ''
        for (const value of values) {
          const size = parseResize(value)
          if (size) listener(size.columns, size.rows)
        }
      })
    },
    async finish(status) {
      await Promise.all(outputs.map((stream) => ended(stream, '')))
      await ended(error, statusText(status, version))
      connection.end()
    },
  }
}

function ended(stream: SpdyStream | undefined, text: string): Promise<void> {
  if (!stream || stream.destroyed) return Promise.resolve()
  return new Promise((resolve) => {
    stream.once('close', resolve)
    if (text) stream.end(text, resolve)
    else stream.end(resolve)
  })
}
