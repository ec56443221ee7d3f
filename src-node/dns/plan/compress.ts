const HEADER = 12
/** What a question has after its name (type, class), and a record (type, class, time to live, length of its data). */
const [AFTER_QUESTION, AFTER_RECORD] = [4, 10]
const LENGTH_AT = 8
/** The highest place that a pointer can name, and the bits that make a length a pointer. */
const [LAST_PLACE, POINTER] = [0x3fff, 0xc000]
const POINTER_SIZE = 2

/**
 * The same message with every name of a record that the message had before as a pointer to it (RFC 1035 §4.1.4); a name that differs in case alone
 * becomes what was asked for. Data is left as it is: others may not know what is a name in it (RFC 3597 §4). `message` must not have pointers. Pure.
 */
export function compressed(message: Uint8Array): Uint8Array {
  const from = Buffer.from(message.buffer, message.byteOffset, message.byteLength)
  const parts: Buffer[] = [from.subarray(0, HEADER)]
  const places = new Map<string, number>()
  let [read, written] = [HEADER, HEADER]
  const put = (part: Buffer): void => {
    parts.push(part)
    written += part.length
  }
  const putName = (): void => {
    const name = from.subarray(read, endOfName(from, read))
    read += name.length
    const key = name.toString('latin1').toLowerCase()
    const place = places.get(key)
    if (place !== undefined) return put(pointerTo(place))
    if (written <= LAST_PLACE && name.length > POINTER_SIZE) places.set(key, written)
    put(name)
  }
  const putNext = (size: number): void => {
    put(from.subarray(read, read + size))
    read += size
  }
  const [questions = 0, ...records] = [4, 6, 8, 10].map((at) => from.readUInt16BE(at))
  for (let i = 0; i < questions; i++) {
    putName()
    putNext(AFTER_QUESTION)
  }
  const count = records.reduce((sum, n) => sum + n, 0)
  for (let i = 0; i < count; i++) {
    putName()
    putNext(AFTER_RECORD + from.readUInt16BE(read + LENGTH_AT))
  }
  return Buffer.concat(parts)
}

function endOfName(from: Buffer, start: number): number {
  let at = start
  while (from[at] !== 0) at += 1 + from.readUInt8(at)
  return at + 1
}

function pointerTo(place: number): Buffer {
  const pointer = Buffer.alloc(POINTER_SIZE)
  pointer.writeUInt16BE(POINTER | place)
  return pointer
}
