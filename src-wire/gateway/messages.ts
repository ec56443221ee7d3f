/**
 * What the renderer and the gateway say to each other over their one WebSocket.
 *
 * Text frames carry the JSON messages below; bytes (bodies of replies, logs, terminals) travel in binary frames (`frames.ts`).
 * The renderer numbers everything it starts; an id is never used twice on a connection. Streams are flow-controlled: the
 * gateway sends at most as many bytes as the renderer granted, and reads no further from the cluster until it grants more.
 */
import type { ActionName } from './actions.ts'
import type { ClusterTask } from './clusters.ts'
import type { ReleaseTask } from './helm.ts'
import type { PreferencesMessage } from './preferences.ts'

/** How a cluster stands, as the rail shows it. */
export type ClusterState = 'running' | 'starting' | 'stopping' | 'stopped' | 'failed' | 'unknown'

/** A cluster as the list of clusters shows it. */
export interface ClusterSummary {
  /** Unique among all clusters, fit for a URL. */
  id: string
  name: string
  /** True for clusters that Drydock itself runs; the others come from kubeconfig. */
  own: boolean
  state: ClusterState
  /** It is a control plane alone: it runs, and no node can join it. */
  alone?: true
  /** That of the kubeconfig's context, where it names one. */
  namespace?: string
  /** One sentence with the remedy when something is wrong. */
  message?: string
}

/** One request to a cluster's API; answered by body frames and a `reply`. */
export interface CallMessage {
  type: 'call'
  id: number
  cluster: string
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Path and query, from `/api` or `/apis` on. */
  path: string
  accept?: string
  contentType?: string
  body?: string
}

/** One request to Drydock itself; answered by any number of `progress` and a `result` or `failed`. */
export interface ActionMessage {
  type: 'action'
  id: number
  /** Empty for actions of the machine itself. */
  cluster: string
  action: ActionName
  input: unknown
}

/**
 * `forward` listens on this machine and carries connections to a pod's port; its bytes go past the renderer. `console` looks at a console of
 * kubectl (`kubectl.ts`).
 */
export type StreamKind = 'watch' | 'log' | 'exec' | 'forward' | 'console'

/** Opens a stream of bytes or of watch events under an id of the app's. */
export interface OpenMessage {
  type: 'open'
  id: number
  cluster: string
  stream: StreamKind
  path: string
  accept?: string
  /** Bytes the gateway may send before it must wait. */
  credit: number
  /** Of a `forward`: the port of this machine that is wanted; another is taken when it is not free. */
  localPort?: number
}

/** The reader of stream `id` has taken up so many bytes: as many more may be sent to it. */
export interface CreditMessage {
  type: 'credit'
  id: number
  bytes: number
}

/** The terminal of stream `id` has another size, in characters. */
export interface ResizeMessage {
  type: 'resize'
  id: number
  columns: number
  rows: number
}

/** Ends a stream or abandons a call; harmless when it has ended already. */
export interface CloseMessage {
  type: 'close'
  id: number
}

/** What the app sends, as JSON; bytes of streams go in frames. */
export type ClientMessage = CallMessage | ActionMessage | OpenMessage | CreditMessage | ResizeMessage | CloseMessage

/** The answer to a call, whole: status, headers that matter and text. */
export interface ReplyMessage {
  type: 'reply'
  id: number
  /** HTTP status; 0 when the cluster could not be reached, `message` then says why. */
  status: number
  contentType: string
  /** Texts of `Warning` headers, in order (deprecations, unknown fields). */
  warnings: string[]
  message?: string
}

/** A line to show while the action `id` goes on; any number of them, before its one result or failure. */
export interface ProgressMessage {
  type: 'progress'
  id: number
  text: string
}

/** The action `id` is done; `value` is of the shape that the table of actions gives it. */
export interface ResultMessage {
  type: 'result'
  id: number
  value: unknown
}

/** The action `id` could not be done; `message` is for people and holds the remedy. */
export interface FailedMessage {
  type: 'failed'
  id: number
  message: string
}

/** The stream stands; for watches the server answered 200. */
export interface OpenedMessage {
  type: 'opened'
  id: number
  /** Of a `forward`: the port of 127.0.0.1 that it listens on. */
  port?: number
}

/** Watch events, as the API server wrote them; `bytes` is what they cost of the credit. */
export interface EventsMessage {
  type: 'events'
  id: number
  bytes: number
  events: Array<{ type: string; object: unknown }>
}

/** The stream has ended; `status` is the API's own `Status` object when there is one. */
export interface ClosedMessage {
  type: 'closed'
  id: number
  status?: unknown
  message?: string
}

/** The clusters, sent on connecting and whenever one changes. */
export interface ClustersMessage {
  type: 'clusters'
  version: string
  clusters: ClusterSummary[]
  /** Whether new clusters can be made from here. */
  canCreate: boolean
}

/** What is being done to clusters, sent on connecting and whenever something of it changes. */
export interface TasksMessage {
  type: 'tasks'
  tasks: ClusterTask[]
}

/** What helm is doing, sent on connecting and whenever something of it changes. */
export interface ReleaseTasksMessage {
  type: 'releases'
  tasks: ReleaseTask[]
}

/** What the gateway sends, as JSON; bytes of streams come in frames. */
export type ServerMessage =
  | ReplyMessage
  | ProgressMessage
  | ResultMessage
  | FailedMessage
  | OpenedMessage
  | EventsMessage
  | ClosedMessage
  | ClustersMessage
  | TasksMessage
  | ReleaseTasksMessage
  | PreferencesMessage
