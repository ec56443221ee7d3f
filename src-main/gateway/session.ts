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
import type {
  ActionContext,
  ClusterActions,
  ClusterSource,
  HelmActions,
  KubectlActions,
  MachineActions,
  PreferenceActions,
} from './cluster-actions.ts'
import type { Helm } from './helm/helm.ts'
import type { Consoles } from './kubectl/consoles.ts'
import type { Preferences, PreferencesView } from './preferences/preferences.ts'
import { openStream, type Stream, type StreamOutput } from './streams.ts'
import { unreachable, type Upstream } from './upstream.ts'

/** One window's WebSocket and what it may reach. */
export interface SessionOptions {
  socket: WebSocket
  clusters: ClusterSource
  helm: Helm
  consoles: Consoles
  /** Absent where what a person set is the browser's alone. */
  preferences?: Preferences | undefined
  /** The (shared) way to a cluster; throws an Error with the remedy when there is none. */
  upstream(cluster: string): Upstream
  version: string
  log(message: string, details?: Record<string, unknown>): void
}

/** Serves one window: everything it opened ends with its socket, but for what is the gateway's own. */
export function serveSession(options: SessionOptions): void {
  const { socket, log } = options
  const session = new Session(options)
  session.announceAll()
  socket.on('message', (data: RawData, binary: boolean) => {
    if (binary) return session.receiveBytes(data as Buffer)
    const message = parseMessage((data as Buffer).toString('utf8'))
    if (message) session.receive(message)
    else socket.close(1003, 'not a message of this protocol')
  })
  socket.on('error', (error) => log('the connection of a window failed', { error: error.message }))
  socket.on('close', () => session.end())
}

class Session {
  readonly #options: SessionOptions
  readonly #output: StreamOutput
  readonly #streams = new Map<number, Stream>()
  /** Calls and actions that have not been answered. */
  readonly #running = new Map<number, AbortController>()
  readonly #subscriptions: Array<(() => void) | undefined>
  readonly #preferences: PreferencesView | undefined

  constructor(options: SessionOptions) {
    this.#options = options
    this.#output = outputTo(options.socket)
    const { clusters, helm, consoles } = options
    this.#subscriptions = [
      clusters.subscribe(() => this.#announceClusters()),
      clusters.tasks?.subscribe(() => this.#announceTasks()),
      helm.subscribe(() => this.#announceReleases()),
      consoles.enter(),
    ]
    this.#preferences = options.preferences?.enter((message) => this.#output.send(message))
  }

  /** Tasks first: a cluster that is being made is told of as such from its first sight. */
  announceAll(): void {
    this.#announceTasks()
    this.#announceReleases()
    this.#announceClusters()
  }

  receive(message: ClientMessage): void {
    switch (message.type) {
      case 'call':
        return this.#track(message.id, (signal) => call(message, this.#options.upstream, this.#output, signal))
      case 'action':
        return this.#track(message.id, (signal) => act(message, this.#actionsOf(message), this.#output, signal))
      case 'open':
        return this.#open(message)
      case 'credit':
        return this.#streams.get(message.id)?.grant(message.bytes)
      case 'resize':
        return this.#streams.get(message.id)?.resize?.(message.columns, message.rows)
      case 'close':
        this.#streams.get(message.id)?.close()
        return this.#running.get(message.id)?.abort()
    }
  }

  receiveBytes(bytes: Buffer): void {
    const frame = decodeFrame(bytes)
    if (frame?.channel === channel.stdin) this.#streams.get(frame.id)?.input?.(frame.payload)
  }

  end(): void {
    for (const unsubscribe of this.#subscriptions) unsubscribe?.()
    this.#preferences?.end()
    for (const stream of this.#streams.values()) stream.close()
    for (const abort of this.#running.values()) abort.abort()
  }

  #track(id: number, run: (signal: AbortSignal) => Promise<void>): void {
    const abort = new AbortController()
    this.#running.set(id, abort)
    run(abort.signal)
      .catch((error: unknown) => this.#options.log('a request of the app failed', { id, error: String(error) }))
      .finally(() => this.#running.delete(id))
  }

  #open(message: OpenMessage): void {
    const { id } = message
    try {
      this.#streams.set(
        id,
        this.#streamOf(message, () => this.#streams.delete(id)),
      )
    } catch (error) {
      this.#output.send({ type: 'closed', id, message: unreachable(error) })
    }
  }

  /** A console is there whether or not its cluster is reached. */
  #streamOf(message: OpenMessage, onEnd: () => void): Stream {
    const { consoles, upstream } = this.#options
    if (message.stream === 'console') return consoles.attach(message, this.#output, onEnd)
    return openStream(message, upstream(message.cluster), this.#output, onEnd)
  }

  #actionsOf({ cluster, action }: ActionMessage): SomeActions | undefined {
    const { clusters, helm, consoles } = this.#options
    if (action.startsWith('kubectl.')) return consoles.actions(cluster)
    if (action.startsWith('helm.')) return helm.actions(cluster)
    if (action.startsWith('preferences.')) return this.#preferenceActions()
    return cluster === '' ? clusters.machine : clusters.actions(cluster)
  }

  #preferenceActions(): PreferenceActions | undefined {
    const kept = this.#preferences
    return kept && { 'preferences.keep': ({ values }) => kept.keep(values) }
  }

  #announceClusters(): void {
    const { clusters, version } = this.#options
    const canCreate = clusters.machine !== undefined
    this.#output.send({ type: 'clusters', version, clusters: clusters.list(), canCreate })
  }

  #announceTasks(): void {
    this.#output.send({ type: 'tasks', tasks: this.#options.clusters.tasks?.list() ?? [] })
  }

  #announceReleases(): void {
    this.#output.send({ type: 'releases', tasks: this.#options.helm.tasks() })
  }
}

/** What is sent to a window that has gone is dropped. */
function outputTo(socket: WebSocket): StreamOutput {
  const send = (data: string | Uint8Array): void => {
    if (socket.readyState === socket.OPEN) socket.send(data)
  }
  return {
    send: (message: ServerMessage) => send(JSON.stringify(message)),
    sendText: send,
    sendBytes: (id, to, payload) => {
      if (socket.readyState === socket.OPEN) socket.send(encodeFrame(id, to, payload))
    },
  }
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

type SomeActions = ClusterActions | MachineActions | HelmActions | KubectlActions | PreferenceActions

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
function warningsOf(headers: readonly string[]): string[] {
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
