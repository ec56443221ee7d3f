import type { IncomingMessage } from 'node:http'
import type { RawData, WebSocket } from 'ws'
import { channel, type Channel } from '../../src-wire/gateway/frames.ts'
import type { OpenMessage, ServerMessage } from '../../src-wire/gateway/messages.ts'
import { forwardStream } from './forward-stream.ts'
import { createCredit, type Credit } from './credit.ts'
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
  let credit: Credit | undefined
  let early = 0
  let ended = false
  const end = (extra: { status?: unknown; message?: string } = {}): void => {
    if (ended) return
    ended = true
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
    if (open.stream === 'watch') forwardEvents(id, response, credit, output)
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
function forwardEvents(id: number, response: IncomingMessage, credit: Credit, output: StreamOutput): void {
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
    output.sendText(`{"type":"events","id":${id},"bytes":${whole.length},"events":[${lines.join(',')}]}`)
    credit.spend(whole.length)
  })
}

/** Exec and attach over the API's WebSocket protocol v5 (KEP-4006): the first byte of a message is its channel. */
function execStream(open: OpenMessage, upstream: Upstream, output: StreamOutput, onEnd: OnEnd): Stream {
  const { id } = open
  let ended = false
  let status: unknown
  const end = (message?: string): void => {
    if (ended) return
    ended = true
    output.send({ type: 'closed', id, ...(status ? { status } : {}), ...(message ? { message } : {}) })
    onEnd()
  }
  let socket: WebSocket
  try {
    socket = upstream.connect(open.path, 'v5.channel.k8s.io')
  } catch (error) {
    queueMicrotask(() => end(unreachable(error)))
    return { grant: () => undefined, close: () => end() }
  }
  const credit = createCredit(open.credit, socket)
  const waiting: Buffer[] = []
  const write = (message: Buffer): void => {
    if (socket.readyState === socket.OPEN) socket.send(message)
    else if (socket.readyState === socket.CONNECTING) waiting.push(message)
  }
  socket.on('open', () => {
    for (const message of waiting.splice(0)) socket.send(message)
    output.send({ type: 'opened', id })
  })
  socket.on('message', (data: RawData) => {
    const bytes = data as Buffer
    if (bytes[0] === 3) status = parseJson(bytes.subarray(1).toString('utf8'))
    if (bytes.length < 2 || (bytes[0] !== channel.stdout && bytes[0] !== channel.stderr)) return
    output.sendBytes(id, bytes[0], bytes.subarray(1))
    credit.spend(bytes.length)
  })
  socket.on('unexpected-response', (_request, response) => {
    statusOf(response).then(
      (found) => {
        status = found
        end()
      },
      (error: unknown) => end(unreachable(error)),
    )
  })
  socket.on('error', (error) => end(unreachable(error)))
  socket.on('close', () => end())
  return {
    grant: (bytes) => credit.grant(bytes),
    close: () => {
      socket.terminate()
      end()
    },
    input: (payload) => write(Buffer.concat([Buffer.of(channel.stdin), payload])),
    resize: (columns, rows) =>
      write(Buffer.concat([Buffer.of(4), Buffer.from(JSON.stringify({ Width: columns, Height: rows }))])),
  }
}

/** The `Status` a refused request answered with, or one made from its text. */
async function statusOf(response: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk as Buffer)
  const text = Buffer.concat(chunks).toString('utf8')
  const parsed = parseJson(text)
  if (parsed && typeof parsed === 'object' && (parsed as { kind?: string }).kind === 'Status') return parsed
  return {
    kind: 'Status',
    apiVersion: 'v1',
    status: 'Failure',
    message: text.trim() || response.statusMessage,
    code: response.statusCode,
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
