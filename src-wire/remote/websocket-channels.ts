import { Readable, Writable } from 'node:stream'
import type { WebSocket } from 'ws'

/** Bytes a slow client may leave unsent before the sender waits. */
const MAX_BUFFERED = 1 << 20

/**
 * Numbered channels over one WebSocket: a message's first byte is the channel, the rest its bytes. With `base64` the
 * channel is an ASCII digit and the rest base64 text, for clients without binary messages.
 */
export class WebSocketChannels {
  readonly #socket: WebSocket
  readonly #base64: boolean
  readonly #inputs = new Map<number, Readable>()
  readonly #behind = new Set<number>()

  constructor(socket: WebSocket, options: { base64: boolean; onClosed?: () => void }) {
    this.#socket = socket
    this.#base64 = options.base64
    socket.on('message', (data: Buffer) => this.#receive(Buffer.isBuffer(data) ? data : Buffer.from(data)))
    socket.once('close', () => {
      for (const input of this.#inputs.values()) input.push(null)
      options.onClosed?.()
    })
  }

  /** What the client sends on a channel. */
  input(channel: number): Readable {
    const stream = new Readable({
      highWaterMark: 256 * 1024,
      read: () => {
        if (this.#behind.delete(channel) && this.#behind.size === 0) this.#socket.resume()
      },
    })
    this.#inputs.set(channel, stream)
    return stream
  }

  output(channel: number): Writable {
    return new Writable({
      write: (chunk: Buffer, _encoding, done) => this.send(channel, chunk, done),
    })
  }

  /** One message; `done` is called at once while the client keeps up, else when the bytes have left. */
  send(channel: number, payload: Buffer, done?: (error?: Error | null) => void): void {
    const socket = this.#socket
    if (socket.readyState !== socket.OPEN) return done?.(new Error('the WebSocket is closed'))
    const wait = socket.bufferedAmount > MAX_BUFFERED
    const sent = (error?: Error | null) => {
      if (wait || error) done?.(error)
    }
    if (this.#base64) socket.send(String(channel) + payload.toString('base64'), { binary: false }, sent)
    else socket.send(Buffer.concat([Buffer.from([channel]), payload]), { binary: true }, sent)
    if (!wait) done?.()
  }

  /** Flushes what was sent, then closes with 1000. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#socket.readyState === this.#socket.CLOSED) return resolve()
      this.#socket.once('close', () => resolve())
      this.#socket.close(1000)
    })
  }

  /** Half-closes a channel that the client said it has finished (v5). */
  endInput(channel: number): void {
    const stream = this.#inputs.get(channel)
    this.#inputs.delete(channel)
    stream?.push(null)
  }

  #receive(message: Buffer): void {
    if (message.length === 0) return
    const id = this.#base64 ? message[0]! - 48 : message[0]!
    if (id === 255) {
      if (message.length > 1) this.endInput(message[1]!)
      return
    }
    const payload = this.#base64 ? Buffer.from(message.toString('latin1', 1), 'base64') : message.subarray(1)
    const stream = this.#inputs.get(id)
    if (!stream || payload.length === 0 || stream.push(payload)) return
    this.#behind.add(id)
    this.#socket.pause()
  }
}
