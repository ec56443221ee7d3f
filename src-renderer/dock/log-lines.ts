/** The lines of one or more followed logs, the newest last, bounded; batches go in once a frame. */
export interface LogLine {
  /** Counts up for ever: the identity of a line in the view. */
  id: number
  /** `pod` or `pod container`, empty when there is only one source. */
  source: string
  time: string
  text: string
}

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

/** Colours and cursor moves of terminals mean nothing here. */
export const plainText = (text: string): string => text.replaceAll(ansi, '')
const ansi = new RegExp(`${String.fromCharCode(27)}\\[[0-9;?]*[A-Za-z]`, 'g')
