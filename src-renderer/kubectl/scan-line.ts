/** A line as a shell would split it, without what a shell would do: words, operators, and documents that stand behind a line. Pure. */

/** What only a shell could do. */
export type ShellWish = 'expansion' | 'redirect' | 'background' | 'or' | 'source'

/** A part of a line, with quotes and backslashes taken away. */
export interface Token {
  /** A `document` is what stands between `<<EOF` and `EOF`. */
  kind: 'word' | 'operator' | 'document'
  text: string
  /** Where it begins. */
  start: number
  /** Of a document: where its last line ends. */
  end?: number
}

/** The parts of a line, or of several that belong together. */
export interface Scan {
  tokens: Token[]
  /** Its end is missing: a quote is open, a backslash stands last, a document has no end. */
  isOpen: boolean
  wish?: ShellWish
}

const operator = /\n|&&|\|\||[|;&]|\d?>>?(?:&\d)?|</y
const heredoc = /<<(-?)[ \t]*(?:'([^'\n]+)'|"([^"\n]+)"|([^\s'"|;&<>]+))/y
const blank = /(?:[ \t\r]|\\\n)+/y
const comment = /#[^\n]*/y
/** What a shell would put something else for. */
const expansion = /[`]|\$(?:[A-Za-z_{(?!#@*$0-9]|')/

interface Pending {
  token: Token
  end: string
  /** Tabs before its lines are no part of it. */
  isIndented: boolean
  isPlain: boolean
}

/** @param home stands for `~` at the beginning of a word */
export function scanLine(text: string, home: string): Scan {
  return new Scanner(text, home).scan()
}

class Scanner {
  readonly #text: string
  readonly #home: string
  readonly #tokens: Token[] = []
  #pending: Pending[] = []
  #at = 0
  #isOpen = false
  #wish: ShellWish | undefined

  constructor(text: string, home: string) {
    this.#text = text
    this.#home = home
  }

  scan(): Scan {
    while (this.#at < this.#text.length) this.#next()
    const isOpen = this.#isOpen || this.#pending.length > 0
    return { tokens: this.#tokens, isOpen, ...(this.#wish ? { wish: this.#wish } : {}) }
  }

  #next(): void {
    if (this.#match(blank) || this.#match(comment)) return
    const start = this.#at
    const document = this.#match(heredoc)
    if (document) return this.#awaitDocument(document, start)
    const found = this.#match(operator)
    if (!found) return this.#word()
    this.#tokens.push({ kind: 'operator', text: found[0], start })
    if (found[0] === '\n') this.#readDocuments()
  }

  #match(form: RegExp): RegExpExecArray | null {
    form.lastIndex = this.#at
    const found = form.exec(this.#text)
    if (found) this.#at = form.lastIndex
    return found
  }

  #awaitDocument([, dash, single, double, bare]: RegExpExecArray, start: number): void {
    const token: Token = { kind: 'document', text: '', start }
    this.#tokens.push(token)
    const end = single ?? double ?? bare ?? ''
    this.#pending.push({ token, end, isIndented: dash === '-', isPlain: bare === undefined })
  }

  #readDocuments(): void {
    while (this.#pending.length > 0) {
      const { token, end, isIndented, isPlain } = this.#pending[0]!
      const lines = this.#text.slice(this.#at).split('\n')
      const stripped = isIndented ? lines.map((line) => line.replace(/^\t+/, '')) : lines
      const last = stripped.findIndex((line) => line.replace(/\r$/, '') === end)
      if (last < 0) return void (this.#at = this.#text.length)
      token.text = stripped
        .slice(0, last)
        .map((line) => `${line}\n`)
        .join('')
      if (!isPlain && expansion.test(token.text)) this.#wish ??= 'expansion'
      this.#at += lines.slice(0, last + 1).join('\n').length
      token.end = this.#at
      this.#pending.shift()
    }
  }

  #word(): void {
    const start = this.#at
    let word = ''
    while (this.#at < this.#text.length && !/[\s|;&<>]/.test(this.#text[this.#at]!)) word += this.#part(start)
    this.#tokens.push({ kind: 'word', text: word, start })
  }

  #part(start: number): string {
    const letter = this.#text[this.#at]!
    if (letter === "'") return this.#single()
    if (letter === '"') return this.#double()
    if (letter === '\\') return this.#escaped()
    if (expansion.test(this.#text.slice(this.#at, this.#at + 2)) && (letter === '$' || letter === '`'))
      this.#wish ??= 'expansion'
    this.#at++
    const isHome =
      letter === '~' && this.#at === start + 1 && /^(\/|\s|$)/.test(this.#text.slice(this.#at, this.#at + 1))
    return isHome ? this.#home : letter
  }

  #single(): string {
    const end = this.#text.indexOf("'", this.#at + 1)
    this.#isOpen ||= end < 0
    const inner = this.#text.slice(this.#at + 1, end < 0 ? undefined : end)
    this.#at = end < 0 ? this.#text.length : end + 1
    return inner
  }

  #double(): string {
    const found = /"((?:[^"\\]|\\[^])*)("?)/y
    const [, inner = '', quote] = this.#match(found) ?? []
    if (quote !== '"') {
      this.#isOpen = true
      this.#at = this.#text.length
    }
    if (expansion.test(inner.replaceAll(/\\[^]/g, ''))) this.#wish ??= 'expansion'
    return inner.replaceAll(/\\(["\\$`])|\\\n/g, '$1')
  }

  #escaped(): string {
    const next = this.#text[this.#at + 1]
    this.#at += 2
    if (next === undefined) this.#isOpen = true
    return next === '\n' ? '' : (next ?? '')
  }
}
