/** Most bytes of one datagram: what its length before it can say. */
const LONGEST = 0xffff

/**
 * A datagram as it stands in a stream of the tunnel: `length (2 bytes), bytes`. Streams keep order and lose nothing, which datagrams do not ask for but
 * may have. Throws a `RangeError` for more than 65,535 bytes, which no datagram of IPv4 has.
 */
export function datagramFrame(datagram: Uint8Array): Buffer {
  if (datagram.length > LONGEST) throw new RangeError(`a datagram of ${datagram.length} bytes`)
  const frame = Buffer.allocUnsafe(2 + datagram.length)
  frame.writeUInt16BE(datagram.length, 0)
  frame.set(datagram, 2)
  return frame
}

/** Takes a stream apart into the datagrams that {@link datagramFrame} put into it, however its bytes arrive. */
export class DatagramFrames {
  #held: Buffer = Buffer.alloc(0)

  /** The datagrams that are whole with these bytes. */
  add(chunk: Buffer): Buffer[] {
    this.#held = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk])
    const whole: Buffer[] = []
    let at = 0
    while (this.#held.length - at >= 2) {
      const length = this.#held.readUInt16BE(at)
      if (this.#held.length - at - 2 < length) break
      whole.push(this.#held.subarray(at + 2, at + 2 + length))
      at += 2 + length
    }
    this.#held = this.#held.subarray(at)
    return whole
  }
}
