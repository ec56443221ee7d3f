/** Where the keys of a JSON document stand, by their paths (`spec.containers[0].name`). */
export interface KeyPlaces {
  /** Keys that an object has more than once, each told of at its second place, in the order of the document. */
  readonly duplicates: ReadonlyArray<{ path: string; at: number }>
  /** Numbers that are written with a fraction or an exponent, which parsers do not tell from others of the same value. */
  readonly fractions: readonly WrittenNumber[]
  /** Offset of the first key of a path; undefined for a path that the document does not have. */
  placeOf(path: string): number | undefined
}

/** A number as it stands in a document: `spec.replicas`, `2.0`. */
export interface WrittenNumber {
  readonly path: string
  readonly written: string
}

/**
 * Whether a document may have a key twice, from the value that was parsed of it, which has fewer keys then; or a field with a number that is written
 * with a fraction or an exponent. Never false when it has; what is quoted in strings may make it true when it has not. Costs a tenth of what parsing does.
 */
export function mayNeedPlaces(text: string, value: unknown): boolean {
  let left = countKeys(value)
  for (let i = text.indexOf(':'); i >= 0; i = text.indexOf(':', i + 1)) {
    let before = i - 1
    while (spaces.has(text.charCodeAt(before))) before--
    if (text.charCodeAt(before) !== QUOTE) continue
    if (--left < 0 || (text.charCodeAt(i + 1) !== QUOTE && isFraction(text, i + 1))) return true
  }
  return false
}

const QUOTE = 0x22
const [ZERO, NINE, MINUS, POINT, SMALL_E, LARGE_E] = [0x30, 0x39, 0x2d, 0x2e, 0x65, 0x45]
const spaces: ReadonlySet<number> = new Set([0x20, 0x0a, 0x0d, 0x09])

function isFraction(text: string, from: number): boolean {
  let at = from
  while (spaces.has(text.charCodeAt(at))) at++
  if (text.charCodeAt(at) === MINUS) at++
  const begins = at
  while (text.charCodeAt(at) >= ZERO && text.charCodeAt(at) <= NINE) at++
  if (at === begins) return false
  const next = text.charCodeAt(at)
  return next === POINT || next === SMALL_E || next === LARGE_E
}

function countKeys(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  let count = 0
  if (Array.isArray(value)) {
    for (const item of value) if (typeof item === 'object') count += countKeys(item)
    return count
  }
  for (const key in value) {
    count++
    const below = (value as Record<string, unknown>)[key]
    if (typeof below === 'object') count += countKeys(below)
  }
  return count
}

/** Documents deeper than this are read no further: nothing of the API is. */
const DEEPEST = 500
const STRING = /"(?:[^"\\]|\\.)*"/y
const FRACTION = /^-?\d+[.eE]/
const PLAIN = /[^\s,\]}]+/y
const SPACE = /\s*/y

/** Reads the keys of a document that is JSON: of others it may not find all. Parsers keep the last of equal keys and do not tell. */
export function keyPlaces(text: string): KeyPlaces {
  const reader = new KeyReader(text)
  reader.readValue('')
  return { duplicates: reader.duplicates, fractions: reader.fractions, placeOf: (path) => reader.first.get(path) }
}

class KeyReader {
  /** Offset of the first key of every path. */
  readonly first = new Map<string, number>()
  readonly duplicates: Array<{ path: string; at: number }> = []
  readonly fractions: WrittenNumber[] = []
  /** Paths among the duplicates. */
  readonly #told = new Set<string>()
  readonly #text: string
  #at = 0
  #depth = 0

  constructor(text: string) {
    this.#text = text
  }

  readValue(path: string): void {
    const begins = this.#next()
    if (this.#depth > DEEPEST) this.#at = this.#text.length
    else if (begins === '{' || begins === '[') {
      this.#depth++
      if (begins === '{') this.#readObject(path)
      else this.#readList(path)
      this.#depth--
    } else if (begins === '"') this.#take(STRING)
    else this.#readPlain(path)
  }

  #readPlain(path: string): void {
    const written = this.#take(PLAIN)
    if (FRACTION.test(written)) this.fractions.push({ path, written })
  }

  #readObject(path: string): void {
    const seen = new Set<string>()
    this.#at++
    while (this.#next() === '"' || this.#text.charAt(this.#at) === ',') {
      if (this.#text.charAt(this.#at) === ',') {
        this.#at++
        continue
      }
      const place = this.#at
      const key = JSON.parse(this.#take(STRING)) as string
      const here = path === '' ? key : `${path}.${key}`
      this.#note(here, place, seen.has(key))
      seen.add(key)
      if (this.#next() === ':') this.#at++
      this.readValue(here)
    }
    this.#at++
  }

  #readList(path: string): void {
    this.#at++
    for (let i = 0; this.#at < this.#text.length && this.#next() !== ']'; i++) {
      this.readValue(`${path}[${i}]`)
      if (this.#next() === ',') this.#at++
    }
    this.#at++
  }

  #note(path: string, at: number, isRepeated: boolean): void {
    if (!this.first.has(path)) this.first.set(path, at)
    if (!isRepeated || this.#told.has(path)) return
    this.#told.add(path)
    this.duplicates.push({ path, at })
  }

  /** The character that stands next, beyond space. */
  #next(): string {
    this.#take(SPACE)
    return this.#text.charAt(this.#at)
  }

  #take(pattern: RegExp): string {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#text)?.[0] ?? ''
    this.#at += found.length
    return found
  }
}
