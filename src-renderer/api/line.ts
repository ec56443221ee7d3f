import { ref, type Ref } from 'vue'
import type { ClientMessage } from '../../src-wire/gateway/messages.ts'

/** What the line needs of a WebSocket; tests give a fake. */
export interface SocketLike {
  binaryType: string
  send(data: string | Uint8Array<ArrayBuffer>): void
  close(): void
  onopen: (() => void) | null
  onclose: (() => void) | null
  onmessage: ((event: { data: unknown }) => void) | null
}

/** The socket below a connection, and who hears of it; tests give another socket and clock. */
export interface LineOptions {
  connect(): SocketLike
  delay(milliseconds: number, run: () => void): void
  text(data: string): void
  bytes(data: Uint8Array): void
  /** Whether the gateway is there and does not know this browser; asked after each vain attempt. */
  isRefused(): Promise<boolean>
  /** The line broke: nothing that was under way will be answered. */
  lost(): void
}

/** One WebSocket that comes back by itself. What is sent before it first stands waits; what waits when it breaks is dropped. */
export interface Line {
  readonly state: Ref<'connecting' | 'open' | 'lost'>
  /** Milliseconds since the epoch. */
  readonly lostAt: Ref<number | undefined>
  /** The gateway began anew and takes another link: no attempt helps until this browser was opened by that one. */
  readonly isSignedOut: Ref<boolean>
  send(message: ClientMessage): void
  /** Dropped while the line does not stand. */
  sendBytes(bytes: Uint8Array<ArrayBuffer>): void
  /** Calls back each time the line stands (again); the result ends that. */
  onOpen(listener: () => void): () => void
  start(): void
  close(): void
}

/** A line that is not begun before `start`; after a loss it comes back within 200 ms, then later each time, 5 s at most. */
export function createLine({ connect, delay, text, bytes, isRefused, lost }: LineOptions): Line {
  const standing = createStanding(isRefused)
  const { state } = standing
  const listeners = new Set<() => void>()
  const queue: ClientMessage[] = []
  let socket: SocketLike | undefined
  let attempts = 0
  let isStopped = false

  function opened(current: SocketLike): void {
    attempts = 0
    standing.rise()
    for (const message of queue.splice(0)) current.send(JSON.stringify(message))
    for (const listener of listeners) listener()
  }
  function closed(): void {
    standing.fall()
    queue.length = 0
    lost()
    if (!isStopped) delay(Math.min(5000, 200 * 2 ** attempts++), start)
  }
  function start(): void {
    if (isStopped) return
    const current = connect()
    socket = current
    current.binaryType = 'arraybuffer'
    current.onopen = () => opened(current)
    current.onmessage = ({ data }) =>
      typeof data === 'string' ? text(data) : bytes(new Uint8Array(data as ArrayBuffer))
    current.onclose = closed
  }
  return {
    ...standing.told,
    send: (message) => void (state.value === 'open' ? socket?.send(JSON.stringify(message)) : queue.push(message)),
    sendBytes: (data) => void (state.value === 'open' && socket?.send(data)),
    onOpen(listener) {
      listeners.add(listener)
      if (state.value === 'open') listener()
      return () => listeners.delete(listener)
    },
    start,
    close() {
      isStopped = true
      socket?.close()
    },
  }
}

/** How the line stands, and since when it does not. */
function createStanding(isRefused: LineOptions['isRefused']) {
  const state = ref<'connecting' | 'open' | 'lost'>('connecting')
  const lostAt = ref<number>()
  const isSignedOut = ref(false)
  return {
    state,
    told: { state, lostAt, isSignedOut },
    rise(): void {
      state.value = 'open'
      lostAt.value = undefined
      isSignedOut.value = false
    },
    fall(): void {
      if (state.value === 'open') lostAt.value = Date.now()
      else void isRefused().then((refused) => (isSignedOut.value = refused && state.value !== 'open'))
      state.value = lostAt.value === undefined ? 'connecting' : 'lost'
    },
  }
}
