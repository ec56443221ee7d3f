/** Bytes that stored values share: many small allocations of their own would cost half as much again. */
const SLAB = 64 * 1024
const encoder = new TextEncoder()
let slab = Buffer.alloc(0)

/** The text as UTF-8, in the current slab or, when it is long, by itself. */
export function placeText(text: string): Buffer {
  if (text.length > SLAB / 4) return Buffer.from(text)
  // Of a text that is not ASCII more may be needed than this, which is seen when it does not fit.
  if (text.length > slab.length) slab = Buffer.allocUnsafeSlow(SLAB)
  const { read, written } = encoder.encodeInto(text, slab)
  return read === text.length ? taken(written) : Buffer.from(text)
}

/** As {@link placeText}, of texts and bytes one behind the other. */
export function placeParts(parts: ReadonlyArray<string | Uint8Array>): Buffer {
  let length = 0
  for (const part of parts) length += part.length
  if (length > SLAB / 4) return joined(parts)
  if (length > slab.length) slab = Buffer.allocUnsafeSlow(SLAB)
  let at = 0
  for (const part of parts) {
    if (typeof part === 'string') {
      const { read, written } = encoder.encodeInto(part, at === 0 ? slab : slab.subarray(at))
      if (read !== part.length) return joined(parts)
      at += written
    } else {
      if (at + part.length > slab.length) return joined(parts)
      slab.set(part, at)
      at += part.length
    }
  }
  return taken(at)
}

const joined = (parts: ReadonlyArray<string | Uint8Array>): Buffer =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)))

/** The bytes in the current slab, or as they are when they are many. */
export function placeBytes(bytes: Uint8Array): Uint8Array {
  if (bytes.length > SLAB / 4) return bytes
  if (bytes.length > slab.length) slab = Buffer.allocUnsafeSlow(SLAB)
  slab.set(bytes)
  return taken(bytes.length)
}

function taken(length: number): Buffer {
  const bytes = slab.subarray(0, length)
  slab = slab.subarray(length)
  return bytes
}
