import type { RawData, WebSocket } from 'ws'
import { channel } from '../../src-wire/gateway/frames.ts'
import type { OpenMessage } from '../../src-wire/gateway/messages.ts'
import { channel as remote } from '../../src-wire/remote/channels.ts'
import { createCredit, type Credit } from './credit.ts'
import { parseJson, statusOf } from './refused-answer.ts'
import type { Stream, StreamOutput } from './streams.ts'
import { unreachable, type Upstream } from './upstream.ts'

/** Exec and attach over the API's WebSocket protocol v5 (KEP-4006): the first byte of a message is its channel. */
export function execStream(open: OpenMessage, upstream: Upstream, output: StreamOutput, onEnd: () => void): Stream {
  const ending = new Ending(open.id, output, onEnd)
  try {
    return new ExecStream(upstream.connect(open.path, 'v5.channel.k8s.io'), open, output, ending)
  } catch (error) {
    queueMicrotask(() => ending.end(unreachable(error)))
    return { grant: () => undefined, close: () => ending.end() }
  }
}

/** The last message of a stream, sent once. */
class Ending {
  /** How the command ended, or why the request was refused. */
  status: unknown
  readonly #id: number
  readonly #output: StreamOutput
  readonly #onEnd: () => void
  #hasEnded = false

  constructor(id: number, output: StreamOutput, onEnd: () => void) {
    this.#id = id
    this.#output = output
    this.#onEnd = onEnd
  }

  end(message?: string): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    const status = this.status ? { status: this.status } : {}
    this.#output.send({ type: 'closed', id: this.#id, ...status, ...(message ? { message } : {}) })
    this.#onEnd()
  }
}

class ExecStream implements Stream {
  readonly #socket: WebSocket
  readonly #id: number
  readonly #output: StreamOutput
  readonly #ending: Ending
  readonly #credit: Credit
  /** What is sent before the socket is open. */
  readonly #waiting: Buffer[] = []

  constructor(socket: WebSocket, { id, credit }: OpenMessage, output: StreamOutput, ending: Ending) {
    this.#socket = socket
    this.#id = id
    this.#output = output
    this.#ending = ending
    this.#credit = createCredit(credit, socket)
    socket.on('open', () => {
      for (const message of this.#waiting.splice(0)) socket.send(message)
      output.send({ type: 'opened', id })
    })
    socket.on('message', (data: RawData) => this.#receive(data as Buffer))
    socket.on('unexpected-response', (_request, response) => {
      statusOf(response).then(
        (status) => {
          ending.status = status
          ending.end()
        },
        (error: unknown) => ending.end(unreachable(error)),
      )
    })
    socket.on('error', (error) => ending.end(unreachable(error)))
    socket.on('close', () => ending.end())
  }

  grant(bytes: number): void {
    this.#credit.grant(bytes)
  }

  close(): void {
    this.#socket.terminate()
    this.#ending.end()
  }

  input(payload: Uint8Array): void {
    this.#send(remote.stdin, payload)
  }

  resize(columns: number, rows: number): void {
    this.#send(remote.resize, Buffer.from(JSON.stringify({ Width: columns, Height: rows })))
  }

  #receive(bytes: Buffer): void {
    if (bytes[0] === remote.error) this.#ending.status = parseJson(bytes.subarray(1).toString('utf8'))
    if (bytes.length < 2 || (bytes[0] !== channel.stdout && bytes[0] !== channel.stderr)) return
    this.#output.sendBytes(this.#id, bytes[0], bytes.subarray(1))
    this.#credit.spend(bytes.length)
  }

  #send(to: number, payload: Uint8Array): void {
    const message = Buffer.concat([Buffer.of(to), payload])
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.send(message)
    else if (this.#socket.readyState === this.#socket.CONNECTING) this.#waiting.push(message)
  }
}
