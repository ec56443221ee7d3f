/** A byte order mark is a character of a text as any other. */
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/** Reads the wire format of protocol buffers (protobuf.dev, "Encoding"): tags, varints, lengths. Throws RangeError past the end. */
export class ProtobufReader {
  readonly #bytes: Uint8Array
  #at: number
  readonly #end: number

  constructor(bytes: Uint8Array, start = 0, end = bytes.length) {
    this.#bytes = bytes
    this.#at = start
    this.#end = end
  }

  get done(): boolean {
    return this.#at >= this.#end
  }

  /** Field number and wire type of the next field. */
  tag(): { number: number; wire: number } {
    const tag = this.#short() ?? Number(this.varint())
    if (tag >>> 3 === 0) throw new RangeError(`proto: illegal tag 0 (wire type ${tag & 7})`)
    return { number: tag >>> 3, wire: tag & 7 }
  }

  varint(): bigint {
    let value = 0n
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#byte()
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return value
    }
    throw new RangeError('proto: integer overflow')
  }

  /** A signed 64-bit number, as Go's int32 and int64 travel. */
  int(): number {
    return this.#short() ?? Number(BigInt.asIntN(64, this.varint()))
  }

  bytes(): Uint8Array {
    const length = this.#short() ?? Number(this.varint())
    const at = this.#advance(length)
    return this.#bytes.subarray(at, at + length)
  }

  text(): string {
    return decoder.decode(this.bytes())
  }

  /** A number of four bytes at most, as nearly all are; undefined, and nothing read, for a longer one. */
  #short(): number | undefined {
    const bytes = this.#bytes
    const last = Math.min(this.#at + 4, this.#end)
    let value = 0
    for (let at = this.#at, shift = 0; at < last; at++, shift += 7) {
      const byte = bytes[at]!
      value |= (byte & 0x7f) << shift
      if (byte >= 0x80) continue
      this.#at = at + 1
      return value
    }
    return undefined
  }

  double(): number {
    const at = this.#advance(8)
    return new DataView(this.#bytes.buffer, this.#bytes.byteOffset + at, 8).getFloat64(0, true)
  }

  skip(wire: number): void {
    if (wire === 0) this.varint()
    else if (wire === 1) this.#advance(8)
    else if (wire === 2) this.bytes()
    else if (wire === 5) this.#advance(4)
    else throw new RangeError(`proto: illegal wireType ${wire}`)
  }

  #byte(): number {
    return this.#bytes[this.#advance(1)]!
  }

  /** Where the next `count` bytes begin; goes behind them. */
  #advance(count: number): number {
    const at = this.#at
    if (at + count > this.#end) throw new RangeError('unexpected EOF')
    this.#at = at + count
    return at
  }
}
