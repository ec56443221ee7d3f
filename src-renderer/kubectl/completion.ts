/** What becomes of a line when kubectl or helm has said what could stand in it. Pure. */
import type { Completion } from '../../src-wire/gateway/kubectl.ts'
import { quoted, type UnfinishedWord } from './command-line.ts'
import { widthOf } from './draw-line.ts'

/** What Tab makes of a line. */
export interface Completed {
  /** The text before the cursor as it is then. */
  text: string
  /** What there is to choose from, when it is more than one. */
  choices: Completion['candidates']
}

/** As much is written as all candidates have in common. */
export function completed(
  before: string,
  word: Pick<UnfinishedWord, 'words' | 'start'>,
  { candidates, goesOn }: Completion,
): Completed {
  const written = word.words.at(-1)!
  // Of `--flag=value` the value alone is offered.
  const flag = /^--?[\w-]+=/.exec(written)?.[0] ?? ''
  const isValue = flag !== '' && candidates.every(({ text }) => !text.startsWith(flag))
  const value = isValue ? written.slice(flag.length) : written
  const fitting = candidates.filter(({ text }) => text.startsWith(value))
  const common = commonBegin(fitting.map(({ text }) => text))
  if (fitting.length === 0 || (fitting.length > 1 && common.length <= value.length))
    return { text: before, choices: fitting }
  const isOver = fitting.length === 1 && !goesOn && !/[=/]$/.test(common)
  const text = before.slice(0, word.start) + (isValue ? flag : '') + quoted(common) + (isOver ? ' ' : '')
  return { text, choices: fitting.length === 1 ? [] : fitting }
}

function commonBegin([first = '', ...others]: readonly string[]): string {
  let length = first.length
  for (const other of others) while (!other.startsWith(first.slice(0, length))) length--
  return first.slice(0, length)
}

/** Candidates that are listed. */
const most = 120

/** Choices side by side, in as many lines as there is room for. */
export interface ChoiceTable {
  lines: string[]
  /** Candidates that found no place. */
  left: number
}

/** Candidates as lines for a terminal: one each with what it is, if there is room, else in columns. */
export function tableOf(choices: Completion['candidates'], columns: number, rows: number): ChoiceTable {
  const shown = choices.slice(0, most)
  const width = Math.max(...shown.map(({ text }) => lengthOf(text))) + 2
  const left = choices.length - shown.length
  const pad = (text: string): string => text + ' '.repeat(width - lengthOf(text))
  if (shown.length <= Math.max(8, rows / 2) && shown.some(({ description }) => description !== ''))
    return {
      lines: shown.map(({ text, description }) => (pad(text) + description).slice(0, columns - 1).trimEnd()),
      left,
    }
  const across = Math.max(1, Math.floor((columns - 1) / width))
  const height = Math.ceil(shown.length / across)
  const lines = Array.from({ length: height }, (_, row) =>
    shown
      .filter((_one, at) => at % height === row)
      .map(({ text }) => pad(text))
      .join('')
      .trimEnd(),
  )
  return { lines, left }
}

const lengthOf = (text: string): number => Array.from(text).reduce((sum, letter) => sum + widthOf(letter), 0)
