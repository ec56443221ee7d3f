import { ref, shallowRef, type Ref, type ShallowRef } from 'vue'
import type { ActionName, Actions } from '../../src-wire/gateway/actions.ts'
import { channel, decodeFrame, encodeFrame } from '../../src-wire/gateway/frames.ts'
import type {
  CallMessage,
  ClientMessage,
  ClosedMessage,
  ClusterSummary,
  EventsMessage,
  OpenMessage,
  ReplyMessage,
  ServerMessage,
} from '../../src-wire/gateway/messages.ts'

/** What the connection needs of a WebSocket; tests give a fake. */
export interface SocketLike {
  binaryType: string
  send(data: string | Uint8Array<ArrayBuffer>): void
  close(): void
  onopen: (() => void) | null
  onclose: (() => void) | null
  onmessage: ((event: { data: unknown }) => void) | null
}

export interface Reply {
  status: number
  contentType: string
  warnings: string[]
  text: string
}

export interface StreamHandlers {
  /** `port` of this machine, of a port forward. */
  opened?(port?: number): void
  events?(events: EventsMessage['events']): void
  /** Bytes are a view: decode or copy at once. */
  data?(bytes: Uint8Array, channel: number): void
  /** Runs once; after it nothing comes. `lost` when the connection broke, not the stream. */
  closed(end: { status?: unknown; message?: string; lost?: boolean }): void
}

export interface StreamHandle {
  write(bytes: Uint8Array): void
  resize(columns: number, rows: number): void
  close(): void
}

/** The one way out of the renderer: calls, actions and streams, all over one WebSocket that comes back by itself. */
export interface Connection {
  readonly state: Ref<'connecting' | 'open' | 'lost'>
  /** When the connection was lost, milliseconds since the epoch. */
  readonly lostAt: Ref<number | undefined>
  readonly clusters: ShallowRef<readonly ClusterSummary[] | undefined>
  readonly version: Ref<string>
  /** Waits for the connection; rejects with a sentence when it is lost under way or the cluster cannot be reached. */
  call(request: Omit<CallMessage, 'type' | 'id'>): Promise<Reply>
  action<Name extends ActionName>(
    cluster: string,
    action: Name,
    input: Actions[Name]['input'],
    progress?: (text: string) => void,
  ): Promise<Actions[Name]['result']>
  open(
    request: Pick<OpenMessage, 'cluster' | 'stream' | 'path' | 'accept' | 'localPort'>,
    handlers: StreamHandlers,
  ): StreamHandle
  /** Calls back each time the connection stands (again); the result ends that. */
  onOpen(listener: () => void): () => void
  close(): void
}

/** Bytes a stream may be ahead of what its view has taken in. */
const window = 1 << 20

interface Pending {
  message: ClientMessage
  chunks: Uint8Array[]
  reply(message: ReplyMessage, text: string): void
  result(value: unknown): void
  progress(text: string): void
  fail(error: Error): void
}

export function createConnection(
  connect: () => SocketLike,
  delay = (ms: number, run: () => void) => void setTimeout(run, ms),
): Connection {
  const state = ref<'connecting' | 'open' | 'lost'>('connecting')
  const lostAt = ref<number>()
  const clusters = shallowRef<readonly ClusterSummary[]>()
  const version = ref('')
  const pending = new Map<number, Pending>()
  const streams = new Map<number, StreamHandlers>()
  const listeners = new Set<() => void>()
  const queue: ClientMessage[] = []
  let socket: SocketLike | undefined
  let ids = 0
  let attempts = 0
  let stopped = false

  const send = (message: ClientMessage): void => {
    if (state.value === 'open') socket?.send(JSON.stringify(message))
    else queue.push(message)
  }
  const grant = (id: number, bytes: number): void => send({ type: 'credit', id, bytes })
  const closed = ({ id, status, message }: ClosedMessage, lost = false): void => {
    const stream = streams.get(id)
    streams.delete(id)
    stream?.closed({ ...(status ? { status } : {}), ...(message ? { message } : {}), ...(lost ? { lost } : {}) })
  }
  const receive = (message: ServerMessage): void => {
    switch (message.type) {
      case 'clusters':
        clusters.value = message.clusters
        version.value = message.version
        return
      case 'events':
        streams.get(message.id)?.events?.(message.events)
        return grant(message.id, message.bytes)
      case 'opened':
        return streams.get(message.id)?.opened?.(message.port)
      case 'closed':
        return closed(message)
      case 'progress':
        return pending.get(message.id)?.progress(message.text)
      default:
        return finish(pending, message)
    }
  }
  const receiveBytes = (bytes: Uint8Array): void => {
    const frame = decodeFrame(bytes)
    if (!frame) return
    if (frame.channel === channel.body) return void pending.get(frame.id)?.chunks.push(frame.payload)
    const stream = streams.get(frame.id)
    if (!stream) return
    stream.data?.(frame.payload, frame.channel)
    grant(frame.id, frame.payload.byteLength)
  }
  const lose = (): void => {
    if (state.value === 'open') lostAt.value = Date.now()
    state.value = lostAt.value === undefined ? 'connecting' : 'lost'
    queue.length = 0
    for (const [id, waiting] of pending) {
      pending.delete(id)
      waiting.fail(new Error('The connection to Drydock was lost before the answer came.'))
    }
    for (const id of streams.keys()) closed({ type: 'closed', id }, true)
    if (!stopped) delay(Math.min(5000, 200 * 2 ** attempts++), start)
  }
  const start = (): void => {
    if (stopped) return
    const current = connect()
    socket = current
    current.binaryType = 'arraybuffer'
    current.onopen = () => {
      attempts = 0
      state.value = 'open'
      lostAt.value = undefined
      for (const message of queue.splice(0)) current.send(JSON.stringify(message))
      for (const listener of listeners) listener()
    }
    current.onmessage = ({ data }) => {
      if (typeof data === 'string') receive(JSON.parse(data) as ServerMessage)
      else receiveBytes(new Uint8Array(data as ArrayBuffer))
    }
    current.onclose = lose
  }
  const ask = <T>(
    message: ClientMessage,
    settle: (resolve: (value: T) => void, reject: (error: Error) => void) => Partial<Pending>,
  ): Promise<T> =>
    new Promise((resolve, reject) => {
      const ignore = (): void => undefined
      const base = { message, chunks: [], reply: ignore, result: ignore, progress: ignore, fail: reject }
      pending.set(message.id, { ...base, ...settle(resolve, reject) })
      send(message)
    })
  start()
  return {
    state,
    lostAt,
    clusters,
    version,
    call: (request) =>
      ask<Reply>({ type: 'call', id: ++ids, ...request }, (resolve, reject) => ({
        reply: ({ status, contentType, warnings, message }, text) =>
          status === 0 ? reject(new Error(message)) : resolve({ status, contentType, warnings, text }),
      })),
    action: (cluster, action, input, progress) =>
      ask({ type: 'action', id: ++ids, cluster, action, input }, (resolve) => ({
        result: (value) => resolve(value as never),
        ...(progress ? { progress } : {}),
      })),
    open(request, handlers) {
      const id = ++ids
      streams.set(id, handlers)
      send({ type: 'open', id, credit: window, ...request })
      return {
        write: (bytes) => state.value === 'open' && socket?.send(encodeFrame(id, channel.stdin, bytes)),
        resize: (columns, rows) => streams.has(id) && send({ type: 'resize', id, columns, rows }),
        close() {
          if (streams.delete(id)) send({ type: 'close', id })
        },
      }
    },
    onOpen(listener) {
      listeners.add(listener)
      if (state.value === 'open') listener()
      return () => listeners.delete(listener)
    },
    close() {
      stopped = true
      socket?.close()
    },
  }
}

function finish(
  pending: Map<number, Pending>,
  message: ReplyMessage | Extract<ServerMessage, { type: 'result' | 'failed' }>,
): void {
  const waiting = pending.get(message.id)
  if (!waiting) return
  pending.delete(message.id)
  if (message.type === 'reply') waiting.reply(message, decodeChunks(waiting.chunks))
  else if (message.type === 'result') waiting.result(message.value)
  else waiting.fail(new Error(message.message))
}

function decodeChunks(chunks: Uint8Array[]): string {
  const decoder = new TextDecoder()
  return chunks.map((chunk) => decoder.decode(chunk, { stream: true })).join('') + decoder.decode()
}
