/**
 * What is wrong with a text that is known not to parse as JSON: its first fault, in the words of Go's decoder (encoding/json), which users of kubectl
 * know and scripts look for.
 */
export function jsonFault(text: string): string {
  try {
    const scan = new Scan(text)
    scan.value()
    scan.skipSpace()
    if (!scan.atEnd()) scan.fail('after top-level value')
  } catch (error) {
    if (error instanceof Fault) return error.message
    throw error
  }
  return 'exceeded max depth'
}

class Fault extends Error {
  override readonly name = 'Fault'
}

/** Deeper levels are not searched: nobody writes them by hand, and the walk is recursive. */
const MOST_DEEP = 1000

class Scan {
  readonly #text: string
  #at = 0
  #depth = 0

  constructor(text: string) {
    this.#text = text
  }

  atEnd(): boolean {
    return this.#at >= this.#text.length
  }

  fail(where: string): never {
    if (this.atEnd()) throw new Fault('unexpected end of JSON input')
    throw new Fault(`invalid character ${quoted(String.fromCodePoint(this.#text.codePointAt(this.#at)!))} ${where}`)
  }

  skipSpace(): void {
    while (' \t\r\n'.includes(this.#text[this.#at] ?? 'x')) this.#at++
  }

  value(): void {
    this.skipSpace()
    const char = this.#text[this.#at] ?? ''
    if (char === '{') return this.#nested(() => this.#object())
    if (char === '[') return this.#nested(() => this.#array())
    if (char === '"') return this.#string()
    if (/[-0-9]/.test(char)) return this.#number()
    const word = { t: 'true', f: 'false', n: 'null' }[char]
    return word ? this.#literal(word) : this.fail('looking for beginning of value')
  }

  #nested(inner: () => void): void {
    if (++this.#depth > MOST_DEEP) throw new Fault('exceeded max depth')
    this.#at++
    inner()
    this.#at++
    this.#depth--
  }

  #object(): void {
    this.skipSpace()
    if (this.#text[this.#at] === '}') return
    for (;;) {
      this.skipSpace()
      if (this.#text[this.#at] !== '"') this.fail('looking for beginning of object key string')
      this.#string()
      this.skipSpace()
      if (this.#text[this.#at] !== ':') this.fail('after object key')
      this.#at++
      this.value()
      this.skipSpace()
      if (this.#text[this.#at] === '}') return
      if (this.#text[this.#at] !== ',') this.fail('after object key:value pair')
      this.#at++
    }
  }

  #array(): void {
    this.skipSpace()
    if (this.#text[this.#at] === ']') return
    for (;;) {
      this.value()
      this.skipSpace()
      if (this.#text[this.#at] === ']') return
      if (this.#text[this.#at] !== ',') this.fail('after array element')
      this.#at++
    }
  }

  #string(): void {
    for (this.#at++; this.#text[this.#at] !== '"'; this.#at++) {
      const char = this.#text[this.#at] ?? ''
      if (char < ' ') this.fail('in string literal')
      if (char === '\\') this.#escape()
    }
    this.#at++
  }

  #escape(): void {
    const char = this.#text[++this.#at] ?? ''
    if (char === '' || !'bfnrt\\/"u'.includes(char)) this.fail('in string escape code')
    if (char !== 'u') return
    for (let i = 0; i < 4; i++)
      if (!/[0-9a-fA-F]/.test(this.#text[++this.#at] ?? '')) this.fail('in \\u hexadecimal character escape')
  }

  #number(): void {
    if (this.#text[this.#at] === '-') this.#at++
    if (this.#text[this.#at] === '0') this.#at++
    else this.#digits('in numeric literal')
    if (this.#text[this.#at] === '.') {
      this.#at++
      this.#digits('after decimal point in numeric literal')
    }
    if (!/[eE]/.test(this.#text[this.#at] ?? '')) return
    this.#at++
    if (/[-+]/.test(this.#text[this.#at] ?? '')) this.#at++
    this.#digits('in exponent of numeric literal')
  }

  #digits(where: string): void {
    const digit = (): boolean => /[0-9]/.test(this.#text[this.#at] ?? '')
    if (!digit()) this.fail(where)
    while (digit()) this.#at++
  }

  #literal(word: string): void {
    for (const char of word) {
      if (this.#text[this.#at] !== char) this.fail(`in literal ${word} (expecting '${char}')`)
      this.#at++
    }
  }
}

/** A character as Go quotes it alone. */
function quoted(char: string): string {
  if (char === "'") return "'\\''"
  if (char === '"') return `'"'`
  return `'${JSON.stringify(char).slice(1, -1)}'`
}
