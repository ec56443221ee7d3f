const namedEscapes: Record<string, string> = {
  '"': '\\"',
  '\\': '\\\\',
  '\u0007': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
}

/** What no printer shows as itself: controls, format characters, lone surrogates, unassigned code points, spaces but U+0020. */
const UNPRINTABLE = /["\\]|(?! )[\p{C}\p{Z}]/gu

/** A text in double quotes as Go's `%q` writes it, which is how labels and annotations stand in downward API files. */
export function goQuote(text: string): string {
  const escaped = text.replaceAll(UNPRINTABLE, (character) => {
    const named = namedEscapes[character]
    if (named) return named
    const point = character.codePointAt(0)!
    if (point < 0x80) return `\\x${hex(point, 2)}`
    return point > 0xffff ? `\\U${hex(point, 8)}` : `\\u${hex(point, 4)}`
  })
  return `"${escaped}"`
}

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0')
