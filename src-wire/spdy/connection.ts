import type { Duplex } from 'node:stream'
import { FrameReader, controlFrame, dataHeader, FLAG_FIN, frameType, resetCode, words, type Frame } from './frames.ts'
import { HeaderDecoder, HeaderEncoder, type SpdyHeaders } from './header-block.ts'
import { SpdyStream, type Done } from './stream.ts'

const nothing = Buffer.alloc(0)

/** A socket that was upgraded to SPDY/3.1, and who hears of what comes over it. */
export interface SpdyConnectionOptions {
  socket: Duplex
  /** Bytes read after the upgrade's headers. */
  head?: Buffer
  /** The end that answered the upgrade (its streams are even). Default true. */
  server?: boolean
  /** A stream the other end opened; it has been accepted (SYN_REPLY). */
  onStream(stream: SpdyStream): void
  onClose?(): void
}

/** How long the other end may take to close after we have ended. */
const LINGER_TIMEOUT = 10_000

/**
 * SPDY/3.1 over an upgraded connection, as Kubernetes' remote commands and port-forwards use it: streams with a few headers,
 * no HTTP (kubernetes.io knows it as the legacy protocol of `kubectl` before 1.31, KEP-4006).
 *
 * Go's end neither sends nor obeys WINDOW_UPDATE. So data is sent without waiting for windows, credit is granted at once for
 * what was read, and TCP is what holds a fast sender back: while any stream's reader is behind, the socket is not read.
 */
export class SpdyConnection {
  readonly #socket: Duplex
  readonly #options: SpdyConnectionOptions
  readonly #reader = new FrameReader()
  readonly #encoder = new HeaderEncoder()
  readonly #decoder = new HeaderDecoder()
  readonly #streams = new Map<number, SpdyStream>()
  readonly #behind = new Set<number>()
  #nextId: number
  #lastSeen = 0
  #isDraining = false
  #isClosed = false
  #lingering: NodeJS.Timeout | undefined

  constructor(options: SpdyConnectionOptions) {
    this.#options = options
    this.#socket = options.socket
    this.#nextId = options.server === false ? 1 : 2
    this.#socket.on('data', (chunk: Buffer) => this.#receive(chunk))
    this.#socket.on('end', () => this.#lost())
    this.#socket.on('close', () => this.#lost())
    this.#socket.on('error', () => this.#lost())
    if (options.head?.length) this.#receive(options.head)
  }

  /** Opens a stream with these headers. */
  open(headers: SpdyHeaders): SpdyStream {
    const id = this.#nextId
    this.#nextId += 2
    const stream = this.#add(id, headers)
    this.#send(controlFrame(frameType.synStream, 0, words(id, 0), Buffer.alloc(2), this.#encoder.encode(headers)))
    return stream
  }

  /**
   * Leaves the closing to the other end, or to a timer, and sends no GOAWAY: Go's reader drops data it has received but not
   * yet delivered when the connection closes under it.
   */
  end(): void {
    if (this.#isClosed) return
    this.#lingering = setTimeout(() => this.#socket.end(), LINGER_TIMEOUT).unref()
  }

  #add(id: number, headers: SpdyHeaders): SpdyStream {
    const stream = new SpdyStream(id, headers, {
      data: (payload, done) => this.#sendData(dataHeader(id, 0, payload.length), payload, done),
      fin: (done) => this.#sendData(dataHeader(id, FLAG_FIN, 0), nothing, done),
      reset: () => this.#send(controlFrame(frameType.rstStream, 0, words(id, resetCode.cancel))),
      caughtUp: () => this.#caughtUp(id),
      closed: () => {
        this.#streams.delete(id)
        this.#caughtUp(id)
      },
    })
    this.#streams.set(id, stream)
    return stream
  }

  #sendData(header: Buffer, payload: Buffer, done: Done): void {
    if (this.#isClosed) return done(new Error('SPDY connection is closed'))
    this.#socket.cork()
    this.#socket.write(header, payload.length === 0 ? done : undefined)
    if (payload.length > 0) this.#socket.write(payload, done)
    this.#socket.uncork()
  }

  #send(frame: Buffer): void {
    if (!this.#isClosed && this.#socket.writable) this.#socket.write(frame)
  }

  #receive(chunk: Buffer): void {
    this.#reader.push(chunk)
    if (!this.#isDraining) this.#drain().catch(() => this.#fail())
  }

  /** Frames strictly in order, because header blocks share one zlib context. */
  async #drain(): Promise<void> {
    this.#isDraining = true
    try {
      for (let frame = this.#reader.next(); frame && !this.#isClosed; frame = this.#reader.next()) {
        const pending = frame.control ? this.#control(frame) : this.#data(frame)
        if (pending) await pending
      }
    } finally {
      this.#isDraining = false
    }
  }

  #data({ stream: id, flags, payload }: Frame): void {
    const stream = this.#streams.get(id)
    if (payload.length > 0) {
      const credit = (of: number) => controlFrame(frameType.windowUpdate, 0, words(of, payload.length))
      this.#send(stream ? Buffer.concat([credit(id), credit(0)]) : credit(0))
    }
    if (!stream) return
    if (payload.length > 0 && !stream.receive(payload)) {
      this.#behind.add(id)
      this.#socket.pause()
    }
    if (flags & FLAG_FIN) stream.receive(null)
  }

  #control({ type, flags, payload }: Frame): Promise<void> | undefined {
    switch (type) {
      case frameType.synStream:
        return this.#synStream(flags, payload)
      case frameType.synReply:
      case frameType.headers:
        return this.#decoder.decode(payload.subarray(4)).then(() => {
          if (flags & FLAG_FIN) this.#streams.get(payload.readUInt32BE(0))?.receive(null)
        })
      case frameType.rstStream:
        this.#streams.get(payload.readUInt32BE(0))?.resetByPeer()
        return undefined
      case frameType.ping:
        // A ping comes back to the end that sent it; ours have the parity of our streams.
        if (payload.readUInt32BE(0) % 2 !== this.#nextId % 2) this.#send(controlFrame(frameType.ping, 0, payload))
        return undefined
      default:
        return undefined
    }
  }

  async #synStream(flags: number, payload: Buffer): Promise<void> {
    const id = payload.readUInt32BE(0) & 0x7fffffff
    const headers = await this.#decoder.decode(payload.subarray(10))
    if (this.#isClosed) return
    if (id % 2 === this.#nextId % 2 || id <= this.#lastSeen) {
      this.#send(controlFrame(frameType.rstStream, 0, words(id, resetCode.protocolError)))
      return
    }
    this.#lastSeen = id
    const stream = this.#add(id, headers)
    this.#send(controlFrame(frameType.synReply, 0, words(id), this.#encoder.encode({})))
    this.#options.onStream(stream)
    if (flags & FLAG_FIN) stream.receive(null)
  }

  #caughtUp(id: number): void {
    if (this.#behind.delete(id) && this.#behind.size === 0) this.#socket.resume()
  }

  #fail(): void {
    this.#send(controlFrame(frameType.goaway, 0, words(this.#lastSeen, 1)))
    this.#socket.destroy()
    this.#lost()
  }

  #lost(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    clearTimeout(this.#lingering)
    this.#decoder.close()
    for (const stream of this.#streams.values()) stream.resetByPeer()
    this.#socket.end()
    this.#options.onClose?.()
  }
}
