import { jsonParts, type JsonPart } from './json-line.ts'
import type { LogLine } from './log-lines.ts'
import { cutAt, isHit } from './log-search.ts'
import { spansOf } from './styled-text.ts'
import type { TextStyle } from './text-style.ts'

/** A piece of a line that looks one way. */
export interface LogPiece {
  text: string
  /** How the program wanted it. */
  style?: TextStyle
  /** What it is of a JSON object. */
  as?: JsonPart['as']
  /** It is a find, or a part of one. */
  hit?: boolean
}

/** How lines are shown. */
export interface LogView {
  colours: boolean
  /** Lines that are one JSON object are shown in words. */
  json: boolean
}

/** What is drawn of a line. It is worked out when the line is on screen, not before. */
export function piecesOf(line: LogLine, view: LogView, pattern: RegExp | undefined): LogPiece[] {
  const words = view.json ? wordsOf(line, pattern) : undefined
  const pieces = words ?? (view.colours && line.styled ? spansOf(line.styled) : [{ text: line.text }])
  return pattern ? marked(pieces, pattern) : pieces
}

/** A find that only the line itself shows, such as `"level":`, is shown there. */
function wordsOf({ text }: LogLine, pattern: RegExp | undefined): LogPiece[] | undefined {
  const parts = jsonParts(text)
  const isHidden = parts && pattern && isHit(text, pattern) && !isHit(textOf(parts), pattern)
  return isHidden ? undefined : parts
}

const textOf = (pieces: readonly LogPiece[]): string => pieces.map(({ text }) => text).join('')

/** Cuts pieces where a find begins and ends; finds are looked for in the whole line, over all of its colours. */
function marked(pieces: readonly LogPiece[], pattern: RegExp): LogPiece[] {
  const cut: LogPiece[] = []
  const rest = pieces.map((piece) => ({ ...piece }))
  for (const { text, hit } of cutAt(textOf(pieces), pattern)) {
    for (let left = text.length; left > 0;) {
      const first = rest[0]!
      const taken = first.text.slice(0, left)
      cut.push({ ...first, text: taken, hit })
      left -= taken.length
      first.text = first.text.slice(taken.length)
      if (first.text === '') rest.shift()
    }
  }
  return cut
}
