import { hasSequences, isErasing, stretches } from './terminal-sequences.ts'
import { plainStyle, styledBy, type TextStyle } from './text-style.ts'

/** Text of one look. */
export interface TextSpan {
  text: string
  style: TextStyle
}

/** A line as it was written, and the look that the lines before it left on. */
export interface StyledLine {
  raw: string
  from: TextStyle
}

/** The spans of a line, none of them empty. Their texts together are its `plainText`. */
export function spansOf({ raw, from }: StyledLine): TextSpan[] {
  let style = from
  let line: TextSpan[] = []
  for (const over of raw.split('\r')) {
    const spans: TextSpan[] = []
    for (const { text, sgr } of stretches(over)) {
      if (text) spans.push({ text, style })
      if (sgr !== undefined) style = styledBy(sgr, style)
    }
    line = isErasing(over) ? spans : [...spans, ...behind(line, lengthOf(spans))]
  }
  return line
}

/** The look that a line leaves on for the next. */
export function styleAfter({ raw, from }: StyledLine): TextStyle {
  if (!hasSequences(raw)) return from
  let style = from
  for (const { sgr } of stretches(raw)) if (sgr !== undefined) style = styledBy(sgr, style)
  return Object.keys(style).length === 0 ? plainStyle : style
}

const lengthOf = (spans: readonly TextSpan[]): number => spans.reduce((sum, { text }) => sum + text.length, 0)

/** What is left of spans behind so many letters. */
function behind(spans: readonly TextSpan[], letters: number): TextSpan[] {
  let left = letters
  return spans.flatMap(({ text, style }) => {
    const rest = text.slice(left)
    left = Math.max(0, left - text.length)
    return rest ? [{ text: rest, style }] : []
  })
}
