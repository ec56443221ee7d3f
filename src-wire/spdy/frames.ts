/** Types of control frames (SPDY protocol draft 3.1, section 2.6). */
export const frameType = {
  synStream: 1,
  synReply: 2,
  rstStream: 3,
  settings: 4,
  ping: 6,
  goaway: 7,
  headers: 8,
  windowUpdate: 9,
} as const

/** `FLAG_FIN`: the sender half-closes the stream. */
export const FLAG_FIN = 1

export const resetCode = { protocolError: 1, refusedStream: 3, cancel: 5 } as const

/** A frame as it stands on the wire; `stream` is set for data, `type` for control. */
export interface Frame {
  control: boolean
  type: number
  stream: number
  flags: number
  payload: Buffer
}

/** A control frame of SPDY/3.1: its type, its flags in the upper byte of the length, its payload. */
export function controlFrame(type: number, flags: number, ...payload: Buffer[]): Buffer {
  const body = Buffer.concat(payload)
  const header = Buffer.alloc(8)
  header.writeUInt16BE(0x8003, 0)
  header.writeUInt16BE(type, 2)
  header.writeUInt32BE(((flags << 24) | body.length) >>> 0, 4)
  return Buffer.concat([header, body])
}

/** Only the eight bytes before the data, which is written as it is. */
export function dataHeader(stream: number, flags: number, length: number): Buffer {
  const header = Buffer.alloc(8)
  header.writeUInt32BE(stream, 0)
  header.writeUInt32BE(((flags << 24) | length) >>> 0, 4)
  return header
}

/** Numbers as 32-bit words in network order: what control frames are made of. */
export function words(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4)
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value >>> 0, index * 4)
  return bytes
}

/** Cuts a byte stream, given in any pieces, into frames. */
export class FrameReader {
  #chunks: Buffer[] = []
  #held = 0

  push(chunk: Buffer): void {
    this.#chunks.push(chunk)
    this.#held += chunk.length
  }

  /** The next whole frame, or undefined until more bytes came. */
  next(): Frame | undefined {
    if (this.#held < 8) return undefined
    const head = this.#peek(8)
    const length = head.readUInt32BE(4) & 0xffffff
    if (this.#held < 8 + length) return undefined
    const bytes = this.#peek(8 + length)
    this.#drop(8 + length)
    const control = (bytes[0]! & 0x80) !== 0
    return {
      control,
      type: control ? bytes.readUInt16BE(2) : 0,
      stream: control ? 0 : bytes.readUInt32BE(0),
      flags: bytes[4]!,
      payload: bytes.subarray(8),
    }
  }

  #peek(length: number): Buffer {
    if (this.#chunks.length > 1 && this.#chunks[0]!.length < length) this.#chunks = [Buffer.concat(this.#chunks)]
    return this.#chunks[0]!.subarray(0, length)
  }

  #drop(length: number): void {
    const rest = this.#chunks[0]!.subarray(length)
    this.#held -= length
    if (rest.length > 0) this.#chunks[0] = rest
    else this.#chunks.shift()
  }
}
