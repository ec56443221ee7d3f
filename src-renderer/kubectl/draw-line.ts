/** How a line that is edited looks in a terminal, and where things stand in it. Pure. */

export interface DrawnLine {
  /** As it is shown: may hold colours. */
  prompt: string
  text: string
  /** Letters of the text before the cursor. */
  cursor: number
}

/** Rows and columns of a terminal. */
export interface Size {
  columns: number
  rows: number
}

/** How a line that may be longer than the terminal is wide is brought onto it. */
export interface Drawing {
  /** What draws it, from the beginning of an empty row on; the cursor ends where it is in the text. */
  output: string
  /** Rows between the first one and that of the cursor. */
  row: number
}

/** Stands before every line of a text but the first. */
export const continuation = '> '

/** A text that is longer than the screen is shown from where it fits. */
export function drawLine({ prompt, text, cursor }: DrawnLine, { columns, rows }: Size): Drawing {
  const shown = fitting({ prompt, text, cursor }, { columns, rows })
  const whole = shown.prompt + shown.text.replaceAll('\n', `\n${continuation}`)
  const before = shown.prompt + shown.text.slice(0, shown.cursor).replaceAll('\n', `\n${continuation}`)
  const end = endOf(whole, columns)
  const here = endOf(before, columns)
  // A terminal wraps a full row only with the next letter.
  const wrap = end.row > 0 && end.column === 0 && !whole.endsWith('\n') ? ' \r' : ''
  const up = end.row - here.row
  const output = `${whole.replaceAll('\n', '\r\n')}${wrap}${up > 0 ? `\x1b[${up}A` : ''}\r${here.column > 0 ? `\x1b[${here.column}C` : ''}`
  return { output, row: here.row }
}

function fitting(line: DrawnLine, { columns, rows }: Size): DrawnLine {
  const end = line.text.indexOf('\n')
  const lines = endOf(line.prompt + line.text.replaceAll('\n', `\n${continuation}`), columns).row + 1
  if (lines <= rows || end < 0 || line.cursor <= end) return line
  return fitting({ prompt: '⋮ ', text: line.text.slice(end + 1), cursor: line.cursor - end - 1 }, { columns, rows })
}

/** Where the cursor is behind a text that begins in the first column; colours take no room. */
export function endOf(text: string, columns: number): { row: number; column: number } {
  let [row, column] = [0, 0]
  for (const letter of text.replaceAll(/\p{Cc}\[[\d;]*m/gu, '')) {
    const width = widthOf(letter)
    const isFull = column + width > columns
    row += letter === '\n' || isFull ? 1 : 0
    column = letter === '\n' ? 0 : isFull ? width : column + width
  }
  return column === columns ? { row: row + 1, column: 0 } : { row, column }
}

const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1f64f}\u{1f900}-\u{1f9ff}\u{20000}-\u{3fffd}]/u

/** Columns that a letter takes in a terminal (Unicode, "East Asian Width"). */
export const widthOf = (letter: string): number =>
  /^[\p{Mn}\p{Me}\p{Cf}]/u.test(letter) || letter < ' ' ? 0 : wide.test(letter) ? 2 : 1
