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
