import { drawLine, endOf, type DrawnLine } from './draw-line.ts'

/** What a console needs of a terminal. */
export interface ScreenTerminal {
  readonly cols: number
  readonly rows: number
  write(data: string): void
}

/** Letters of an unfinished line that are drawn anew; a longer one is ended first. */
const longest = 1000

/** Output above, a line that is edited below it; what is written takes the line away and its owner shows it again. */
export class ConsoleScreen {
  readonly #terminal: ScreenTerminal
  /** Rows between the first of the line and the cursor; undefined while none is shown. */
  #row: number | undefined
  /** The output's last line, which is not ended. */
  #tail = ''

  constructor(terminal: ScreenTerminal) {
    this.#terminal = terminal
  }

  /** The output's last line if it is not ended: a question, to which the answer is typed behind. */
  get tail(): string {
    return this.#tail
  }

  /** Output, with `\n` or `\r\n` at the ends of lines. */
  say(text: string): void {
    const before = this.#erase() ? this.#tail : ''
    this.#terminal.write((before + text).replaceAll(/\r?\n/g, '\r\n'))
    this.#tail = (this.#tail + text).split(/\n|\r(?!\n)/).at(-1)!
    if (this.#tail.length > longest) this.freshLine()
  }

  /** A sentence of the app's own, in italics; lines end between words. */
  tell(text: string): void {
    this.freshLine()
    const lines = wrapped(text, this.#terminal.cols).map((line) => `\x1b[3m${line}\x1b[0m\n`)
    this.say(lines.join(''))
  }

  /** Ends a line that is not ended. */
  freshLine(): void {
    if (this.#tail !== '') this.say('\n')
  }

  /** Draws the line; a prompt that is the output's last line is drawn where it stands. */
  show(line: DrawnLine): void {
    const isErased = this.#erase()
    if (line.prompt !== this.#tail) this.freshLine()
    const { cols: columns, rows } = this.#terminal
    const above = isErased ? 0 : endOf(this.#tail, columns).row
    const drawing = drawLine(line, { columns, rows })
    this.#terminal.write(`${upBy(above)}\r\x1b[J${drawing.output}`)
    this.#row = drawing.row
  }

  /** Takes the line away. */
  hide(): void {
    if (this.#erase()) this.#terminal.write(this.#tail)
  }

  /** Takes the line away with the output that stands before it on its row, and says whether there was one. */
  #erase(): boolean {
    if (this.#row === undefined) return false
    this.#terminal.write(`${upBy(this.#row)}\r\x1b[J`)
    this.#row = undefined
    return true
  }

  /** The terminal has another size, and has wrapped what it shows anew. */
  resized(line: DrawnLine): void {
    if (this.#row === undefined) return
    const { cols: columns, rows } = this.#terminal
    this.#row = drawLine(line, { columns, rows }).row
  }

  /** The terminal is empty. */
  forget(): void {
    this.#row = undefined
    this.#tail = ''
  }
}

function wrapped(text: string, columns: number): string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const longer = `${lines.at(-1)} ${word}`
    if (lines.length > 0 && endOf(longer, columns).row === 0) lines[lines.length - 1] = longer
    else lines.push(word)
  }
  return lines
}

const upBy = (rows: number): string => (rows > 0 ? `\x1b[${rows}A` : '')
