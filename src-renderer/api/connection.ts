import type { Ref, ShallowRef } from 'vue'
import type { ActionName, Actions } from '../../src-wire/gateway/actions.ts'
import { channel, decodeFrame } from '../../src-wire/gateway/frames.ts'
import type { ClusterTask } from '../../src-wire/gateway/clusters.ts'
import type { ReleaseTask } from '../../src-wire/gateway/helm.ts'
import type {
  CallMessage,
  ClusterSummary,
  EventsMessage,
  OpenMessage,
  ServerMessage,
} from '../../src-wire/gateway/messages.ts'
import type { PreferencesMessage } from '../../src-wire/gateway/preferences.ts'
import { createAnnounced } from './announced.ts'
import { createCalls } from './calls.ts'
import { createLine, type SocketLike } from './line.ts'
import { createStreams } from './streams.ts'

/** A cluster's answer, whatever its status; `warnings` are those of its Warning headers. */
export interface Reply {
  status: number
  contentType: string
  warnings: string[]
  text: string
}

/** Who hears of a stream: a watch's events, or the bytes of a log, shell or port forward. */
export interface StreamHandlers {
  /** `port` of this machine, of a port forward. */
  opened?(port?: number): void
  events?(events: EventsMessage['events']): void
  /** Bytes are a view: decode or copy at once. */
  data?(bytes: Uint8Array, channel: number): void
  /** Runs once; after it nothing comes. `lost` when the connection broke, not the stream. */
  closed(end: { status?: unknown; message?: string; lost?: boolean }): void
}

/** The app's end of a stream; terminals alone are resized. */
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
  /** Lost for good: the gateway began anew, and this browser has to be opened by its new link. */
  readonly isSignedOut: Ref<boolean>
  readonly clusters: Readonly<Ref<readonly ClusterSummary[] | undefined>>
  /** Whether new clusters can be made here. */
  readonly canCreate: Ref<boolean>
  /** What is being done to clusters, or has failed. */
  readonly tasks: Readonly<Ref<readonly ClusterTask[]>>
  /** What helm is doing to releases, or has failed to do. */
  readonly releaseTasks: Readonly<Ref<readonly ReleaseTask[]>>
  readonly version: Ref<string>
  /** What was set in other windows, as the gateway tells of it; undefined where it keeps nothing. */
  readonly preferences: ShallowRef<PreferencesMessage | undefined>
  /** Something to do to a cluster, or with an empty id to the machine itself. Rejects with what went wrong and the remedy. */
  action<Name extends ActionName>(
    cluster: string,
    action: Name,
    input: Actions[Name]['input'],
    progress?: (text: string) => void,
  ): Promise<Actions[Name]['result']>
  /** Waits for the connection; rejects with a sentence when it is lost under way or the cluster cannot be reached. */
  call(request: Omit<CallMessage, 'type' | 'id'>): Promise<Reply>
  open(
    request: Pick<OpenMessage, 'cluster' | 'stream' | 'path' | 'accept' | 'localPort'>,
    handlers: StreamHandlers,
  ): StreamHandle
  /** Calls back each time the connection stands (again); the result ends that. */
  onOpen(listener: () => void): () => void
  close(): void
}

/** What a connection asks of the app around it. */
export interface ConnectionOptions {
  /** Whether the gateway knows this browser no more; it does by default. */
  isRefused?: () => Promise<boolean>
  /** What the gateway says, in the language of the app: failures, remedies, progress. As it is by default. */
  words?: (text: string) => string
}

/** Numbers everything it starts; an id is never used twice. */
export function createConnection(
  connect: () => SocketLike,
  delay = (ms: number, run: () => void) => void setTimeout(run, ms),
  { isRefused = () => Promise.resolve(false), words = (text) => text }: ConnectionOptions = {},
): Connection {
  const announced = createAnnounced(words)
  let ids = 0
  const nextId = (): number => ++ids
  const line = createLine({
    connect,
    delay,
    isRefused,
    text: (data) => receive(JSON.parse(data) as ServerMessage),
    bytes: receiveBytes,
    lost() {
      calls.lose()
      streams.lose()
    },
  })
  const calls = createCalls(nextId, line.send, words)
  const streams = createStreams(nextId, line, words)

  function receive(message: ServerMessage): void {
    switch (message.type) {
      case 'clusters':
      case 'tasks':
      case 'releases':
      case 'preferences':
        return announced.receive(message)
      case 'events':
      case 'opened':
      case 'closed':
        return streams.receive(message)
      default:
        return calls.receive(message)
    }
  }
  function receiveBytes(bytes: Uint8Array): void {
    const frame = decodeFrame(bytes)
    if (frame?.channel === channel.body) calls.receiveBody(frame.id, frame.payload)
    else if (frame) streams.receiveBytes(frame.id, frame.channel, frame.payload)
  }
  line.start()
  const { state, lostAt, isSignedOut, onOpen, close } = line
  const { call, action } = calls
  return { state, lostAt, isSignedOut, ...announced.state, call, action, open: streams.open, onOpen, close }
}
