/** What programs write to terminals beside text (ECMA-48): colours, titles, links, moves of the cursor. Here it is told from the text. */
const [escape, bell] = [String.fromCharCode(27), String.fromCharCode(7)]

/**
 * A sequence with numbers (1: the numbers, 2: its last letters); a string such as a title or a link, up to its end; and what remains, mostly one
 * letter. Of a sequence that breaks off only what belongs to it is meant, so that text behind it is kept.
 */
const sequence = new RegExp(
  [
    `${escape}\\[([0-?]*)((?: q|[!-/]+[@-~]|[@-~])?)`,
    `${escape}[\\]PX^_](?:[^${bell}${escape}]*(?:${bell}|${escape}\\\\)|(?<=\\])\\d+;)?`,
    `${escape}(?:[!-/]+[0-~]| [F-N]|[0-~])?`,
  ].join('|'),
  'g',
)

/** To the end of the line, or all of it, is erased. */
const erasing = new RegExp(`${escape}\\[[02]?K`)

/** Whether a text has anything in it that is not shown as it stands: colours, titles, moves of the cursor, carriage returns. */
export const hasSequences = (text: string): boolean => text.includes(escape) || text.includes('\r')

/** Whether the rest of a line is erased before a text is written. */
export const isErasing = (text: string): boolean => erasing.test(text)

/** A stretch of text, and the numbers of the SGR sequence (`31;1` of `ESC[31;1m`) that follows it. */
export interface Stretch {
  text: string
  /** Undefined at the end of the text. */
  sgr?: string
}

/** Cuts a text at its SGR sequences; all other sequences are dropped. Only digits, `;` and `:` are numbers of an SGR: others are private. */
export function stretches(text: string): Stretch[] {
  const found: Stretch[] = []
  let plain = ''
  let from = 0
  for (const { 0: whole, 1: numbers = '', 2: end, index } of text.matchAll(sequence)) {
    plain += text.slice(from, index)
    from = index + whole.length
    if (end !== 'm' || !/^[\d;:]*$/.test(numbers)) continue
    found.push({ text: plain, sgr: numbers })
    plain = ''
  }
  found.push({ text: plain + text.slice(from) })
  return found
}

/**
 * What a terminal would show of a line: without colours, titles and cursor moves, and of what is written over itself by carriage returns, as
 * progress is, what was written last.
 */
export const plainText = (text: string): string =>
  text.includes('\r') ? text.split('\r').reduce(written, '') : withoutSequences(text)

const withoutSequences = (text: string): string => (text.includes(escape) ? text.replaceAll(sequence, '') : text)

/** What stands in a line when a text is written over it from the beginning on; what is longer shows behind it. */
function written(line: string, over: string): string {
  const plain = withoutSequences(over)
  return isErasing(over) ? plain : plain + line.slice(plain.length)
}
