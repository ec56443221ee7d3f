/** What nearly every value is: whole groups of four, padded at the end only. */
const PLAIN = /^[A-Za-z0-9+/]*={0,2}$/

/**
 * The standard, padded Base64 of JSON byte fields (RFC 4648, section 4), read as Go reads it: line breaks anywhere, bits beyond the last
 * byte ignored. Returns the value without its line breaks, or the position of the first character that does not belong there.
 */
export function checkBase64(value: string): string | number {
  if (value.length % 4 === 0 && PLAIN.test(value)) return value
  let inGroup = 0
  for (let at = 0; at < value.length; at++) {
    const char = value[at]!
    if (isBreak(char)) continue
    if (char === '=') {
      const wrong = wrongPadding(value, at, inGroup)
      return wrong ?? withoutBreaks(value)
    }
    if (!PLAIN.test(char)) return at
    inGroup = (inGroup + 1) % 4
  }
  return inGroup === 0 ? withoutBreaks(value) : value.length - inGroup
}

/** Where padding that begins at `at`, after so many characters of its group, goes wrong; undefined when it ends the value well. */
function wrongPadding(value: string, at: number, inGroup: number): number | undefined {
  if (inGroup < 2) return at
  let next = skipBreaks(value, at + 1)
  if (inGroup === 2) {
    if (next === value.length) return next
    if (value[next] !== '=') return next - 1
    next = skipBreaks(value, next + 1)
  }
  return next < value.length ? next : undefined
}

function skipBreaks(value: string, from: number): number {
  let at = from
  while (at < value.length && isBreak(value[at]!)) at++
  return at
}

const isBreak = (char: string): boolean => char === '\n' || char === '\r'
const withoutBreaks = (value: string): string => value.replaceAll(/[\r\n]/g, '')
