/** Bytes before each message: whether it is compressed, and its length (grpc.io, "gRPC over HTTP2": Length-Prefixed-Message). */
const HEAD = 5

/** A message as it travels. */
export function frame(message: Uint8Array): Buffer {
  const framed = Buffer.allocUnsafe(HEAD + message.length)
  framed[0] = 0
  framed.writeUInt32BE(message.length, 1)
  framed.set(message, HEAD)
  return framed
}

/** Messages out of a stream of bytes that is cut anywhere. */
export class FrameReader {
  #chunks: Buffer[] = []
  #size = 0

  /** Bytes that are no whole message yet. */
  get pending(): number {
    return this.#size
  }

  /** The messages that are whole with this chunk; views of it where it holds them whole. Throws for a compressed one: none was asked for. */
  push(chunk: Buffer): Buffer[] {
    this.#chunks.push(chunk)
    this.#size += chunk.length
    const messages: Buffer[] = []
    for (;;) {
      const length = this.#nextLength()
      if (length === undefined || this.#size < HEAD + length) return messages
      const bytes = this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks)
      messages.push(bytes.subarray(HEAD, HEAD + length))
      const rest = bytes.subarray(HEAD + length)
      this.#chunks = rest.length > 0 ? [rest] : []
      this.#size = rest.length
    }
  }

  /** Of the message that begins here; undefined while its head is not whole. Long messages of many chunks are put together once, at their end. */
  #nextLength(): number | undefined {
    if (this.#size < HEAD) return undefined
    if (this.#chunks[0]!.length < HEAD) this.#chunks = [Buffer.concat(this.#chunks)]
    const head = this.#chunks[0]!
    if (head[0] !== 0) throw new RangeError('a compressed message came, which was not asked for')
    return head.readUInt32BE(1)
  }
}
