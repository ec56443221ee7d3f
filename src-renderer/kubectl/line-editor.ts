import type { Key, KeyName } from './terminal-keys.ts'

/** What a key came to, where it was no change of the text. */
export type Outcome = 'changed' | 'submit' | 'complete' | 'interrupt' | 'endOfInput' | 'clear'

/** A search backwards through what was written before. */
export interface HistorySearch {
  query: string
  /** What was found and stands in the text; undefined when nothing was. */
  found: number | undefined
}

/**
 * The line at a prompt, edited as in a shell (the keys of GNU readline). Text may have several lines. What was written before is gone
 * through by the arrows: the line that was being written waits at its end.
 */
export class LineEditor {
  text = ''
  /** Letters before the cursor, UTF-16. */
  cursor = 0
  search: HistorySearch | undefined
  readonly #history: () => readonly string[]
  /** Place in the history; its length for the line that is being written. */
  #at: number | undefined
  #draft = ''
  #cut = ''

  /** @param history what was written before, the latest last */
  constructor(history: () => readonly string[]) {
    this.#history = history
  }

  set(text: string, cursor = text.length): void {
    this.text = text
    this.cursor = cursor
  }

  /** Begins an empty line. */
  clear(): void {
    this.set('')
    this.search = undefined
    this.#at = undefined
  }

  insert(text: string): void {
    this.set(this.text.slice(0, this.cursor) + text + this.text.slice(this.cursor), this.cursor + text.length)
  }

  press(key: Key): Outcome {
    if (this.search && this.#searchOn(key)) return 'changed'
    this.search = undefined
    if ('text' in key) this.insert(key.text)
    else {
      const outcome = outcomes[key.name]
      if (outcome) return key.name === 'endOfInput' && this.text !== '' ? this.#run('delete') : outcome
      this.#run(key.name)
    }
    return 'changed'
  }

  #run(name: KeyName): 'changed' {
    const { text, cursor } = this
    if (name in moves) this.cursor = moves[name]!(text, cursor)
    else if (name in cuts) this.#cutTo(moves[cuts[name]!.to]!(text, cursor), cuts[name]!)
    else if (name === 'cutWord') this.#cutTo(blankLeft(text, cursor), { keeps: true })
    else if (name === 'yank') this.insert(this.#cut)
    else if (name === 'up') this.#vertical(-1)
    else if (name === 'down') this.#vertical(1)
    else if (name === 'search') this.search = { query: '', found: undefined }
    return 'changed'
  }

  /** Takes out what is between the cursor and another place; `keeps`: to be yanked. */
  #cutTo(place: number, { keeps }: { keeps: boolean }): void {
    const [from, to] = [Math.min(this.cursor, place), Math.max(this.cursor, place)]
    if (keeps && to > from) this.#cut = this.text.slice(from, to)
    this.set(this.text.slice(0, from) + this.text.slice(to), from)
  }

  /** To the line above or below where the text has one, else through the history. */
  #vertical(by: -1 | 1): void {
    const begin = lineBegin(this.text, this.cursor)
    const end = lineEnd(this.text, this.cursor)
    const column = this.cursor - begin
    if (by < 0 && begin > 0) {
      const above = lineBegin(this.text, begin - 1)
      this.cursor = Math.min(above + column, begin - 1)
    } else if (by > 0 && end < this.text.length) this.cursor = Math.min(end + 1 + column, lineEnd(this.text, end + 1))
    else this.#recall(by)
  }

  #recall(by: -1 | 1): void {
    const history = this.#history()
    const from = this.#at ?? history.length
    const to = from + by
    if (to < 0 || to > history.length) return
    if (from === history.length) this.#draft = this.text
    this.#at = to === history.length ? undefined : to
    this.set(to === history.length ? this.#draft : history[to]!)
  }

  /** False when the key ends the search and does what it does. */
  #searchOn(key: Key): boolean {
    const { query, found } = this.search!
    if ('text' in key) this.#find(query + key.text, found ?? Infinity)
    else if (key.name === 'backspace') this.#find(query.slice(0, -1), Infinity)
    else if (key.name === 'search') this.#find(query, (found ?? Infinity) - 1)
    else if (key.name === 'cancel') this.clear()
    else return false
    return true
  }

  #find(query: string, latest: number): void {
    const found = query === '' ? -1 : this.#history().findLastIndex((line, at) => at <= latest && line.includes(query))
    if (found >= 0) this.set(this.#history()[found]!)
    this.search = { query, found: found < 0 ? undefined : found }
  }
}

const outcomes: Partial<Record<KeyName, Outcome>> = {
  enter: 'submit',
  tab: 'complete',
  interrupt: 'interrupt',
  endOfInput: 'endOfInput',
  clear: 'clear',
}

type Move = (text: string, cursor: number) => number

const lineBegin: Move = (text, cursor) => (cursor === 0 ? 0 : text.lastIndexOf('\n', cursor - 1) + 1)
const lineEnd: Move = (text, cursor) => {
  const end = text.indexOf('\n', cursor)
  return end < 0 ? text.length : end
}
/** Letters that are written as two units are passed at once. */
const left: Move = (text, cursor) =>
  cursor - (/[\uD800-\uDBFF][\uDC00-\uDFFF]$/.test(text.slice(0, cursor)) ? 2 : Math.min(1, cursor))
const right: Move = (text, cursor) =>
  cursor + (text.codePointAt(cursor) === undefined ? 0 : text.codePointAt(cursor)! > 0xffff ? 2 : 1)
const wordLeft: Move = (text, cursor) => text.slice(0, cursor).search(/[\p{L}\p{N}]+[^\p{L}\p{N}]*$/u)
const blankLeft: Move = (text, cursor) => Math.max(0, text.slice(0, cursor).search(/\S+\s*$/))
const wordRight: Move = (text, cursor) => cursor + /^[^\p{L}\p{N}]*[\p{L}\p{N}]*/u.exec(text.slice(cursor))![0].length

const moves: Partial<Record<KeyName, Move>> = {
  left,
  right,
  home: lineBegin,
  end: lineEnd,
  wordLeft: (text, cursor) => Math.max(0, wordLeft(text, cursor)),
  wordRight,
}

/** What is removed from the cursor to where a move leads; a whole part can be put in elsewhere. */
const cuts: Partial<Record<KeyName, { to: KeyName; keeps: boolean }>> = {
  backspace: { to: 'left', keeps: false },
  delete: { to: 'right', keeps: false },
  cutToEnd: { to: 'end', keeps: true },
  cutToBegin: { to: 'home', keeps: true },
  cutWordLeft: { to: 'wordLeft', keeps: true },
  cutWordRight: { to: 'wordRight', keeps: true },
}
