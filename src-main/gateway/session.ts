import type { RawData, WebSocket } from 'ws'
import { UserError } from '../cluster/user-error.ts'
import { channel, decodeFrame, encodeFrame } from '../../src-wire/gateway/frames.ts'
import type {
  ActionMessage,
  CallMessage,
  ClientMessage,
  OpenMessage,
  ServerMessage,
} from '../../src-wire/gateway/messages.ts'
import type { ActionContext, ClusterActions, ClusterSource, HelmActions, MachineActions } from './cluster-actions.ts'
import type { Helm } from './helm/helm.ts'
import { openStream, type Stream, type StreamOutput } from './streams.ts'
import { unreachable, type Upstream } from './upstream.ts'

export interface SessionOptions {
  socket: WebSocket
  clusters: ClusterSource
  helm: Helm
  /** The (shared) way to a cluster; throws an Error with the remedy when there is none. */
  upstream(cluster: string): Upstream
  version: string
  log(message: string, details?: Record<string, unknown>): void
}

/** Serves one window: everything it opened ends with its socket. */
export function serveSession({ socket, clusters, helm, upstream, version, log }: SessionOptions): void {
  const streams = new Map<number, Stream>()
  const running = new Map<number, AbortController>()
  const sendText = (text: string): void => {
    if (socket.readyState === socket.OPEN) socket.send(text)
  }
  const output: StreamOutput = {
    send: (message: ServerMessage) => sendText(JSON.stringify(message)),
    sendText,
    sendBytes: (id, to, payload) => {
      if (socket.readyState === socket.OPEN) socket.send(encodeFrame(id, to, payload))
    },
  }
  const track = (id: number, run: (signal: AbortSignal) => Promise<void>): void => {
    const abort = new AbortController()
    running.set(id, abort)
    run(abort.signal)
      .catch((error: unknown) => log('a request of the app failed', { id, error: String(error) }))
      .finally(() => running.delete(id))
  }
  const open = (message: OpenMessage): void => {
    try {
      const stream = openStream(message, upstream(message.cluster), output, () => streams.delete(message.id))
      streams.set(message.id, stream)
    } catch (error) {
      output.send({ type: 'closed', id: message.id, message: unreachable(error) })
    }
  }
  const actionsOf = ({ cluster, action }: ActionMessage): SomeActions | undefined => {
    if (action.startsWith('helm.')) return helm.actions(cluster)
    return cluster === '' ? clusters.machine : clusters.actions(cluster)
  }
  const handle = (message: ClientMessage): void => {
    switch (message.type) {
      case 'call':
        return track(message.id, (signal) => call(message, upstream, output, signal))
      case 'action':
        return track(message.id, (signal) => act(message, actionsOf(message), output, signal))
      case 'open':
        return open(message)
      case 'credit':
        return streams.get(message.id)?.grant(message.bytes)
      case 'resize':
        return streams.get(message.id)?.resize?.(message.columns, message.rows)
      case 'close':
        streams.get(message.id)?.close()
        return running.get(message.id)?.abort()
    }
  }
  const announce = (): void => {
    const canCreate = clusters.machine !== undefined
    output.send({ type: 'clusters', version, clusters: clusters.list(), canCreate })
  }
  const tellTasks = (): void => output.send({ type: 'tasks', tasks: clusters.tasks?.list() ?? [] })
  const tellReleases = (): void => output.send({ type: 'releases', tasks: helm.tasks() })
  const ends = [clusters.subscribe(announce), clusters.tasks?.subscribe(tellTasks), helm.subscribe(tellReleases)]
  // Tasks first: a cluster that is being made is told of as such from its first sight.
  tellTasks()
  tellReleases()
  announce()
  socket.on('message', (data: RawData, binary: boolean) => {
    if (binary) {
      const frame = decodeFrame(data as Buffer)
      if (frame?.channel === channel.stdin) streams.get(frame.id)?.input?.(frame.payload)
      return
    }
    const message = parseMessage((data as Buffer).toString('utf8'))
    if (message) handle(message)
    else socket.close(1003, 'not a message of this protocol')
  })
  socket.on('error', (error) => log('the connection of a window failed', { error: error.message }))
  socket.on('close', () => {
    for (const end of ends) end?.()
    for (const stream of streams.values()) stream.close()
    for (const abort of running.values()) abort.abort()
  })
}

async function call(
  message: CallMessage,
  upstream: (cluster: string) => Upstream,
  output: StreamOutput,
  signal: AbortSignal,
): Promise<void> {
  const { id, method, path, accept, contentType, body } = message
  try {
    const response = await upstream(message.cluster).request({ method, path, accept, contentType, body, signal })
    for await (const chunk of response) output.sendBytes(id, channel.body, chunk as Buffer)
    output.send({
      type: 'reply',
      id,
      status: response.statusCode ?? 0,
      contentType: response.headers['content-type'] ?? '',
      warnings: warningsOf(response.headersDistinct['warning'] ?? []),
    })
  } catch (error) {
    if (signal.aborted) return
    output.send({ type: 'reply', id, status: 0, contentType: '', warnings: [], message: unreachable(error) })
  }
}

type SomeActions = ClusterActions | MachineActions | HelmActions

async function act(
  message: ActionMessage,
  actions: SomeActions | undefined,
  output: StreamOutput,
  signal: AbortSignal,
): Promise<void> {
  const { id } = message
  try {
    const run = actions && Object.hasOwn(actions, message.action) ? actions[message.action as never] : undefined
    if (!run) throw new Error('Drydock does not run this cluster itself, so it cannot do that to it.')
    const context: ActionContext = { signal, progress: (text: string) => output.send({ type: 'progress', id, text }) }
    const value = await (run as (input: unknown, c: ActionContext) => Promise<unknown>)(message.input, context)
    output.send({ type: 'result', id, value: value ?? null })
  } catch (error) {
    output.send({ type: 'failed', id, message: wordsOf(error) })
  }
}

/** What happened, and the remedy where there is one. */
function wordsOf(error: unknown): string {
  if (error instanceof UserError) return [error.message, error.remedy].filter(Boolean).join(' ')
  return error instanceof Error ? error.message : String(error)
}

/** `299 - "text"` → `text` (RFC 7234 §5.5, as the API server writes it). */
export function warningsOf(headers: readonly string[]): string[] {
  return headers.flatMap((header) =>
    [...header.matchAll(/\d{3} \S+ "((?:[^"\\]|\\.)*)"/g)].map((match) => match[1]!.replaceAll(/\\(.)/g, '$1')),
  )
}

const known = new Set(['call', 'action', 'open', 'credit', 'resize', 'close'])

function parseMessage(text: string): ClientMessage | undefined {
  try {
    const value = JSON.parse(text) as ClientMessage
    return value && typeof value.id === 'number' && known.has(value.type) ? value : undefined
  } catch {
    return undefined
  }
}
