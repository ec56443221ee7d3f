import { channel, encodeFrame } from '../../src-wire/gateway/frames.ts'
import type { ClosedMessage, EventsMessage, OpenedMessage } from '../../src-wire/gateway/messages.ts'
import type { Connection, StreamHandlers } from './connection.ts'
import type { Line } from './line.ts'

/** Bytes a stream may be ahead of what its view has taken in. */
const window = 1 << 20
/** Bytes taken in before the gateway is told: a word for each of a thousand events would cost more than they do. */
const told = window / 4

/** Watches, logs, terminals and forwards that stand. */
export interface Streams extends Pick<Connection, 'open'> {
  receive(message: EventsMessage | OpenedMessage | ClosedMessage): void
  receiveBytes(id: number, channel: number, bytes: Uint8Array): void
  /** Ends all of them as lost. */
  lose(): void
}

interface Open {
  handlers: StreamHandlers
  /** Bytes taken in that the gateway was not told of. */
  taken: number
}

/** Streams in flight, by their number; what is taken of each is told to the server, which sends a window beyond it and no more. */
export function createStreams(
  nextId: () => number,
  line: Pick<Line, 'send' | 'sendBytes'>,
  words: (text: string) => string,
): Streams {
  const streams = new Map<number, Open>()
  const take = (id: number, bytes: number): void => {
    const stream = streams.get(id)
    if (!stream) return
    stream.taken += bytes
    if (stream.taken < told) return
    line.send({ type: 'credit', id, bytes: stream.taken })
    stream.taken = 0
  }
  const end = ({ id, status, message }: ClosedMessage, { lost = false } = {}): void => {
    const stream = streams.get(id)
    streams.delete(id)
    stream?.handlers.closed({
      ...(status ? { status } : {}),
      ...(message ? { message: words(message) } : {}),
      ...(lost ? { lost } : {}),
    })
  }
  return {
    open(request, handlers) {
      const id = nextId()
      streams.set(id, { handlers, taken: 0 })
      line.send({ type: 'open', id, credit: window, ...request })
      return writing(id, streams, line)
    },
    receive(message) {
      if (message.type === 'closed') return end(message)
      const { handlers } = streams.get(message.id) ?? {}
      if (message.type === 'opened') return handlers?.opened?.(message.port)
      handlers?.events?.(message.events)
      take(message.id, message.bytes)
    },
    receiveBytes(id, from, bytes) {
      streams.get(id)?.handlers.data?.(bytes, from)
      take(id, bytes.byteLength)
    },
    lose() {
      // Who is told may open anew at once: that one is not lost.
      const lost = [...streams.keys()]
      for (const id of lost) end({ type: 'closed', id }, { lost: true })
    },
  }
}

/** What a view does with a stream of its own. */
const writing = (
  id: number,
  streams: Map<number, Open>,
  line: Pick<Line, 'send' | 'sendBytes'>,
): ReturnType<Streams['open']> => ({
  write: (bytes) => line.sendBytes(encodeFrame(id, channel.stdin, bytes)),
  resize: (columns, rows) => streams.has(id) && line.send({ type: 'resize', id, columns, rows }),
  close() {
    if (streams.delete(id)) line.send({ type: 'close', id })
  },
})
