const encoder = new TextEncoder()

/** Bytes of UTF-8 that a unit of a string takes at most. */
const LONGEST_CHARACTER = 3
const SHORT = 64

/** Writes the wire format of protocol buffers (protobuf.dev, "Encoding") into a buffer that grows. */
export class ProtobufWriter {
  #bytes = new Uint8Array(256)
  #length = 0

  /** What was written so far; a view that the next write may outdate. */
  get written(): Uint8Array {
    return this.#bytes.subarray(0, this.#length)
  }

  raw(bytes: ArrayLike<number>): void {
    const at = this.#reserve(bytes.length)
    this.#bytes.set(bytes, at)
  }

  /** A signed 64-bit number, as Go's int32, int64 and bool travel. */
  int(field: number, value: number): void {
    this.#varint(field * 8)
    this.#varint(value)
  }

  double(field: number, value: number): void {
    this.#varint(field * 8 + 1)
    const at = this.#reserve(8)
    new DataView(this.#bytes.buffer).setFloat64(at, value, true)
  }

  bytes(field: number, value: Uint8Array): void {
    this.#varint(field * 8 + 2)
    this.#varint(value.length)
    this.raw(value)
  }

  text(field: number, value: string): void {
    this.#varint(field * 8 + 2)
    const { length } = value
    const at = this.#reserve(1)
    const from = this.#reserve(length * LONGEST_CHARACTER)
    const written = length < SHORT ? this.#ascii(value, from) : 0
    this.#length = from + (written === length ? length : encoder.encodeInto(value, this.#bytes.subarray(from)).written)
    this.#setLength(at)
  }

  /** Most text is short and plain: writing it here costs less than by the encoder. How many characters of it are so. */
  #ascii(value: string, from: number): number {
    const bytes = this.#bytes
    for (let i = 0; i < value.length; i++) {
      const code = value.charCodeAt(i)
      if (code >= 0x80) return i
      bytes[from + i] = code
    }
    return value.length
  }

  message(field: number, write: (into: ProtobufWriter) => void): void {
    const at = this.begin(field)
    write(this)
    this.end(at)
  }

  /** Opens a message: what is written until {@link end} is in it. Returns what `end` wants. */
  begin(field: number): number {
    this.#varint(field * 8 + 2)
    return this.#reserve(1)
  }

  end(at: number): void {
    this.#setLength(at)
  }

  /** Puts the length of what was written behind `at` there: one byte is free, what is longer moves up. */
  #setLength(at: number): void {
    const end = this.#length
    const length = end - at - 1
    if (length < 0x80) {
      this.#bytes[at] = length
      return
    }
    let more = 0
    for (let rest = length >>> 7; rest > 0; rest >>>= 7) more++
    this.#reserve(more)
    this.#bytes.copyWithin(at + 1 + more, at + 1, end)
    this.#length = at
    this.#varint(length)
    this.#length = end + more
  }

  #varint(value: number): void {
    if (value < 0) {
      let rest = BigInt.asUintN(64, BigInt(value))
      for (; rest >= 0x80n; rest >>= 7n) this.#byte(Number(rest & 0x7fn) | 0x80)
      this.#byte(Number(rest))
      return
    }
    let rest = value
    for (; rest > 0x7fff_ffff; rest = Math.floor(rest / 0x80)) this.#byte((rest % 0x80) | 0x80)
    for (; rest >= 0x80; rest >>>= 7) this.#byte((rest & 0x7f) | 0x80)
    this.#byte(rest)
  }

  #byte(value: number): void {
    const at = this.#reserve(1)
    this.#bytes[at] = value
  }

  /** Makes room behind what was written, and says where. */
  #reserve(count: number): number {
    const at = this.#length
    this.#length += count
    if (this.#length > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(this.#length, this.#bytes.length * 2))
      larger.set(this.#bytes)
      this.#bytes = larger
    }
    return at
  }
}
