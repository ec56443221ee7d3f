import type { StyledLine } from './styled-text.ts'

/** The lines of one or more followed logs, the newest last, bounded; batches go in once a frame. */
export interface LogLine {
  /** Counts up for ever: the identity of a line in the view. */
  id: number
  /** `pod` or `pod container`, empty when there is only one source. */
  source: string
  time: string
  /** What is searched, copied and saved: without colours. */
  text: string
  /** The line with its colours; absent when it has none. */
  styled?: StyledLine
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
