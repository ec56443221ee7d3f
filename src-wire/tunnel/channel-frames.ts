import { type Duplex, Readable, Writable } from 'node:stream'

/** Longest frame written: a reader holds a whole one before it passes it on. */
const MAX_FRAME = 256 * 1024

/**
 * Several byte channels over one duplex stream of the tunnel: `channel (1 byte), length (4 bytes), bytes`. Length 0 ends the
 * channel. Order is kept across channels, so a status that is sent last arrives last.
 */
export class ChannelFrames {
  readonly #stream: Duplex
  readonly #inputs = new Map<number, Readable>()
  #held: Buffer = Buffer.alloc(0)

  constructor(stream: Duplex) {
    this.#stream = stream
    stream.on('data', (chunk: Buffer) => this.#receive(chunk))
    stream.on('error', () => undefined)
    const end = () => {
      for (const input of this.#inputs.values()) input.push(null)
      this.#inputs.clear()
    }
    stream.once('end', end)
    stream.once('close', end)
  }

  /** Ask for inputs before any frame can arrive: frames of unknown channels are dropped. */
  input(channel: number): Readable {
    const input = new Readable({ highWaterMark: 256 * 1024, read: () => this.#stream.resume() })
    this.#inputs.set(channel, input)
    return input
  }

  output(channel: number): Writable {
    const output = new Writable({
      write: (chunk: Buffer, _encoding, done) => this.send(channel, chunk, done),
      final: (done) => this.send(channel, Buffer.alloc(0), done),
    })
    output.on('error', () => undefined)
    return output
  }

  send(channel: number, payload: Buffer, done?: (error?: Error | null) => void): void {
    if (!this.#stream.writable) return done?.(new Error('the node connection is closed'))
    if (payload.length > MAX_FRAME) {
      this.send(channel, payload.subarray(0, MAX_FRAME))
      return this.send(channel, payload.subarray(MAX_FRAME), done)
    }
    const header = Buffer.alloc(5)
    header[0] = channel
    header.writeUInt32BE(payload.length, 1)
    this.#stream.write(payload.length === 0 ? header : Buffer.concat([header, payload]), done)
  }

  #receive(chunk: Buffer): void {
    this.#held = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk])
    let at = 0
    while (this.#held.length - at >= 5) {
      const length = this.#held.readUInt32BE(at + 1)
      if (this.#held.length - at - 5 < length) break
      this.#deliver(this.#held[at]!, this.#held.subarray(at + 5, at + 5 + length))
      at += 5 + length
    }
    this.#held = this.#held.subarray(at)
  }

  #deliver(channel: number, payload: Buffer): void {
    const input = this.#inputs.get(channel)
    if (!input) return
    if (payload.length > 0) {
      if (!input.push(payload)) this.#stream.pause()
      return
    }
    this.#inputs.delete(channel)
    input.push(null)
  }
}
