/** A piece of an encoded object: text of ASCII alone, or bytes that the store holds. */
export type Part = string | Uint8Array

export const lengthOf = (parts: readonly Part[]): number => {
  let length = 0
  for (const part of parts) length += part.length
  return length
}

/** The pieces from `from` up to `to` as one, which they fill. */
export function join(parts: readonly Part[], from = 0, to = parts.length, length = lengthOf(parts)): Buffer {
  const bytes = Buffer.allocUnsafe(length)
  let at = 0
  for (let i = from; i < to; i++) {
    const part = parts[i]!
    if (typeof part === 'string') bytes.write(part, at, 'latin1')
    else bytes.set(part, at)
    at += part.length
  }
  return bytes
}
