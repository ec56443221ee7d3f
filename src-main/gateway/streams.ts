import type { IncomingMessage } from 'node:http'
import { channel, type Channel } from '../../src-wire/gateway/frames.ts'
import type { OpenMessage, ServerMessage } from '../../src-wire/gateway/messages.ts'
import { createCredit, type Credit } from './credit.ts'
import { createEventBatch, type EventBatch } from './event-batch.ts'
import { execStream } from './exec-stream.ts'
import { forwardStream } from './forward-stream.ts'
import { statusOf } from './refused-answer.ts'
import { unreachable, type Upstream } from './upstream.ts'

/** What a stream needs of its session. */
export interface StreamOutput {
  send(message: ServerMessage): void
  /** Text that is a `ServerMessage` already. */
  sendText(text: string): void
  sendBytes(id: number, to: Channel, payload: Uint8Array): void
}

/** A running stream, as the session steers it. */
export interface Stream {
  grant(bytes: number): void
  close(): void
  input?(payload: Uint8Array): void
  resize?(columns: number, rows: number): void
}

type OnEnd = () => void

/** Opens the stream and returns at once; `onEnd` runs when it has ended, after its `closed` message. */
export function openStream(open: OpenMessage, upstream: Upstream, output: StreamOutput, onEnd: OnEnd): Stream {
  if (open.stream === 'forward') return forwardStream(open, upstream, output, onEnd)
  return open.stream === 'exec'
    ? execStream(open, upstream, output, onEnd)
    : responseStream(open, upstream, output, onEnd)
}

/** Logs and watches: a GET whose body never ends. */
function responseStream(open: OpenMessage, upstream: Upstream, output: StreamOutput, onEnd: OnEnd): Stream {
  const { id } = open
  const abort = new AbortController()
  const batch = createEventBatch({
    send: (lines, bytes) =>
      output.sendText(`{"type":"events","id":${id},"bytes":${bytes},"events":[${lines.join(',')}]}`),
  })
  let credit: Credit | undefined
  let early = 0
  let hasEnded = false
  const end = (extra: { status?: unknown; message?: string } = {}): void => {
    if (hasEnded) return
    hasEnded = true
    batch.flush()
    output.send({ type: 'closed', id, ...extra })
    onEnd()
  }
  const start = async (): Promise<void> => {
    const response = await upstream.request({
      method: 'GET',
      path: open.path,
      accept: open.accept,
      signal: abort.signal,
    })
    if (response.statusCode !== 200) return end({ status: await statusOf(response) })
    credit = createCredit(open.credit + early, response)
    output.send({ type: 'opened', id })
    if (open.stream === 'watch') forwardEvents(response, credit, batch)
    else forwardBytes(id, response, credit, output)
    response.on('end', () => end())
    response.on('error', (error) => end({ message: unreachable(error) }))
    response.on('close', () => end())
  }
  start().catch((error: unknown) => end({ message: unreachable(error) }))
  return {
    grant: (bytes) => (credit ? credit.grant(bytes) : void (early += bytes)),
    close: () => {
      abort.abort()
      batch.stop()
      end()
    },
  }
}

function forwardBytes(id: number, response: IncomingMessage, credit: Credit, output: StreamOutput): void {
  response.on('data', (chunk: Buffer) => {
    output.sendBytes(id, channel.stdout, chunk)
    credit.spend(chunk.length)
  })
}

/** Passes whole lines on as they are: the gateway never parses an event. */
function forwardEvents(response: IncomingMessage, credit: Credit, batch: EventBatch): void {
  let rest: Buffer[] = []
  response.on('data', (chunk: Buffer) => {
    const last = chunk.lastIndexOf(10)
    if (last < 0) return void rest.push(chunk)
    const whole = Buffer.concat([...rest, chunk.subarray(0, last)])
    rest = last + 1 < chunk.length ? [chunk.subarray(last + 1)] : []
    const lines = whole
      .toString('utf8')
      .split('\n')
      .filter((line) => line !== '')
    if (lines.length === 0) return
    credit.spend(whole.length)
    batch.add(lines, whole.length)
  })
}
