import { Buffer } from 'node:buffer'
import { connect, type TLSSocket } from 'node:tls'
import type { AdminCredentials } from '../../../src-main/controlplane/protocol.ts'

export interface Answer {
  status: number
  body: Buffer
}

const endOfHead = Buffer.from('\r\n\r\n')
/** Of a chunked body; JSON holds no bare carriage return. */
const lastChunk = Buffer.from('0\r\n\r\n')

/**
 * One client: a connection of its own, HTTP/1.1 with keep-alive (RFC 9112), one request at a time. Written for load: it does so little that what
 * is measured is the server, with which it shares the cores.
 */
export class Connection {
  readonly #socket: TLSSocket
  #head: Buffer | undefined
  #status = 0
  /** Of an answer in chunks, so far. */
  #chunks: Buffer[] = []
  /** Of an answer that tells its length, so far; the next one overwrites it. */
  #body = Buffer.alloc(0)
  #length = 0
  #missing = 0
  #waiting: PromiseWithResolvers<Answer> | undefined
  /** Takes what arrives, once the answer is a stream without end. */
  #stream: ((chunk: Buffer) => void) | undefined

  private constructor(socket: TLSSocket) {
    this.#socket = socket
    socket.on('data', (chunk: Buffer) => (this.#stream ? this.#stream(chunk) : this.#take(chunk)))
    socket.on('error', (error: Error) => this.#waiting?.reject(error))
    socket.on('close', () => this.#waiting?.reject(new Error('the server closed the connection')))
  }

  static async open(port: number, { ca, cert, key }: AdminCredentials): Promise<Connection> {
    const socket = connect({ host: '127.0.0.1', port, ca, cert, key, ALPNProtocols: ['http/1.1'] })
    socket.setNoDelay(true)
    await new Promise<void>((resolve, reject) => {
      socket.once('secureConnect', resolve)
      socket.once('error', reject)
    })
    return new Connection(socket)
  }

  /** The body, until the next request. Rejects when the answer has another status than the one that is wanted. */
  async request(
    wanted: number,
    method: string,
    path: string,
    { body = '', type = 'application/json' }: { body?: string; type?: string } = {},
  ): Promise<Buffer> {
    this.#waiting = Promise.withResolvers<Answer>()
    const sent = body === '' ? '' : `content-type: ${type}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n`
    this.#socket.write(
      `${method} ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\naccept: application/json\r\n${sent}\r\n${body}`,
    )
    const answer = await this.#waiting.promise
    if (answer.status !== wanted) throw new Error(`${answer.status}, not ${wanted}: ${answer.body.toString()}`)
    return answer.body
  }

  /** Starts a request whose answer has no end; resolves with its first bytes' arrival. */
  async stream(path: string, take: (chunk: Buffer) => void): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#stream = (chunk) => {
        resolve()
        take(chunk)
      }
      this.#socket.write(`GET ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\naccept: application/json\r\n\r\n`)
    })
  }

  close(): void {
    this.#waiting = undefined
    this.#socket.destroy()
  }

  #take(chunk: Buffer): void {
    if (this.#missing > 0) return this.#add(chunk)
    const bytes = this.#head ? Buffer.concat([this.#head, chunk]) : chunk
    const end = bytes.indexOf(endOfHead)
    if (end < 0) {
      this.#head = bytes
      return
    }
    const head = bytes.toString('latin1', 0, end)
    this.#head = undefined
    this.#status = Number(head.slice(9, 12))
    const length = /\r\ncontent-length: (\d+)/i.exec(head)?.[1]
    this.#missing = length === undefined ? Infinity : Number(length)
    this.#length = 0
    this.#chunks = []
    this.#add(bytes.subarray(end + endOfHead.length))
  }

  #add(chunk: Buffer): void {
    if (this.#missing === Infinity) return this.#addOfChunked(chunk)
    this.#missing -= chunk.length
    const whole = this.#length + this.#missing + chunk.length
    if (this.#body.length < whole) this.#body = Buffer.allocUnsafeSlow(whole)
    chunk.copy(this.#body, this.#length)
    this.#length += chunk.length
    if (this.#missing > 0) return
    this.#waiting?.resolve({ status: this.#status, body: this.#body.subarray(0, this.#length) })
  }

  #addOfChunked(chunk: Buffer): void {
    this.#chunks.push(chunk)
    if (!this.#hasLastChunk()) return
    this.#missing = 0
    this.#waiting?.resolve({ status: this.#status, body: joined(Buffer.concat(this.#chunks)) })
  }

  /** Whether what has come ends as a chunked body ends. */
  #hasLastChunk(): boolean {
    const end = this.#chunks.at(-1)!
    const tail = end.length >= lastChunk.length ? end : Buffer.concat(this.#chunks.slice(-2))
    return tail.subarray(-lastChunk.length).equals(lastChunk)
  }
}

/** What the chunks of a body hold (RFC 9112, section 7.1). */
function joined(body: Buffer): Buffer {
  const parts: Buffer[] = []
  for (let at = 0; ;) {
    const start = body.indexOf('\r\n', at) + 2
    const size = Number.parseInt(body.toString('latin1', at, start), 16)
    if (!size) return Buffer.concat(parts)
    parts.push(body.subarray(start, start + size))
    at = start + size + 2
  }
}
