/** The lines of one or more followed logs, the newest last, bounded; batches go in once a frame. */
export interface LogLine {
  /** Counts up for ever: the identity of a line in the view. */
  id: number
  /** `pod` or `pod container`, empty when there is only one source. */
  source: string
  time: string
  text: string
}

/** Lines of a log that are kept; the oldest go. */
export const maxLines = 50_000

/** Cuts a byte stream into lines; a rest without newline waits for more. */
export function lineSplitter(onLine: (line: string) => void): (bytes: Uint8Array) => void {
  const decoder = new TextDecoder()
  let rest = ''
  return (bytes) => {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) onLine(line)
  }
}

/** `2026-01-01T00:00:00.1Z text` → its time and its text. */
export function splitTimestamp(line: string): { time: string; text: string } {
  const space = line.indexOf(' ')
  const time = space > 0 ? line.slice(0, space) : ''
  return /^\d{4}-\d\d-\d\dT/.test(time) ? { time, text: line.slice(space + 1) } : { time: '', text: line }
}

/**
 * What a terminal would show of a line: without colours, titles and cursor moves (ECMA-48), and of what is written over itself by carriage returns,
 * as progress is, what was written last.
 */
export const plainText = (text: string): string =>
  text.includes('\r') ? text.split('\r').reduce(written, '') : withoutSequences(text)

const [escape, bell] = [String.fromCharCode(27), String.fromCharCode(7)]
/** Commands with numbers, strings such as a window's title, and what remains: one letter, perhaps with a sign before it. */
const sequences = new RegExp(
  [
    `${escape}\\[[0-?]*[ -/]*[@-~]`,
    `${escape}[\\]PX^_][^${bell}${escape}]*(?:${bell}|${escape}\\\\)?`,
    `${escape}[ -/]*[0-~]`,
  ].join('|'),
  'g',
)
const withoutSequences = (text: string): string => (text.includes(escape) ? text.replaceAll(sequences, '') : text)

/** To the end of the line, or all of it, is erased. */
const erasing = new RegExp(`${escape}\\[[02]?K`)

/** What stands in a line when a text is written over it from the beginning on; what is longer shows behind it. */
function written(line: string, over: string): string {
  const plain = withoutSequences(over)
  return erasing.test(over) ? plain : plain + line.slice(plain.length)
}

/** Seconds without a fraction come before those with one. */
const sortable = (time: string): string => (time.endsWith('Z') ? time.slice(0, -1) : time)

/** Puts lines in the order of their times, after those from `from` on were added; lines of one time keep their order. */
export function inOrder(lines: LogLine[], from: number): void {
  let before = lines[from - 1]?.time ?? ''
  const isLate = (line: LogLine): boolean => {
    const late = sortable(line.time) < sortable(before)
    before = line.time
    return late
  }
  if (!lines.slice(from).some(isLate)) return
  const keyed = lines.map((line) => ({ line, key: sortable(line.time) }))
  keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.line.id - b.line.id))
  for (const [at, { line }] of keyed.entries()) lines[at] = line
}
