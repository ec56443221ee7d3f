import { Duplex } from 'node:stream'
import type { SpdyHeaders } from './header-block.ts'

/** Called once something was written, or could not be. */
export type Done = (error?: Error | null) => void

/** What a stream needs of its connection. */
export interface SpdyStreamLink {
  data(payload: Buffer, done: Done): void
  /** Nothing more comes from this end. */
  fin(done: Done): void
  reset(): void
  /** The reader has taken what was buffered. */
  caughtUp(): void
  closed(): void
}

/** One stream of a SPDY connection. Ending it half-closes; destroying it while either half is open resets it. */
export class SpdyStream extends Duplex {
  readonly id: number
  readonly headers: SpdyHeaders
  readonly #link: SpdyStreamLink
  #hasRemoteEnded = false
  #hasLocalEnded = false
  #isReset = false

  constructor(id: number, headers: SpdyHeaders, link: SpdyStreamLink) {
    super({ allowHalfOpen: true, readableHighWaterMark: 256 * 1024, emitClose: true })
    this.id = id
    this.headers = headers
    this.#link = link
    // A stream that nobody watches any more must not end the process.
    this.on('error', () => undefined)
  }

  /** Bytes (null: half-close) from the other end; false while the reader is behind. */
  receive(payload: Buffer | null): boolean {
    if (payload === null) this.#hasRemoteEnded = true
    return this.destroyed || this.push(payload)
  }

  /** RST_STREAM, or the connection is gone. */
  resetByPeer(): void {
    this.#isReset = true
    if (!this.#hasRemoteEnded) this.receive(null)
    if (this.readableLength === 0 || !this.readableFlowing) this.destroy()
    else this.once('end', () => this.destroy())
  }

  override _read(): void {
    this.#link.caughtUp()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: Done): void {
    this.#link.data(chunk, done)
  }

  override _final(done: Done): void {
    this.#hasLocalEnded = true
    this.#link.fin(done)
  }

  override _destroy(error: Error | null, done: Done): void {
    if (!this.#isReset && !(this.#hasLocalEnded && this.#hasRemoteEnded)) this.#link.reset()
    this.#link.closed()
    done(error)
  }
}
