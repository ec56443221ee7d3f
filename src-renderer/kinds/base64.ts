/** What base64 holds; undefined when that is no text. */
export function textOf(base64: string): string | undefined {
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    return undefined
  }
  // Control characters other than tab and line ends mean bytes that happen to decode.
  // eslint-disable-next-line no-control-regex
  return /[\0-\x08\x0b\x0c\x0e-\x1f]/.test(text) ? undefined : text
}

/** A text as base64, of its UTF-8. */
export const base64Of = (text: string): string =>
  btoa(Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join(''))
