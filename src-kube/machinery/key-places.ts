/** Where the keys of a JSON document stand, by their paths (`spec.containers[0].name`). */
export interface KeyPlaces {
  /** Keys that an object has more than once, each told of at its second place, in the order of the document. */
  readonly duplicates: ReadonlyArray<{ path: string; at: number }>
  /** Offset of the first key of a path; undefined for a path that the document does not have. */
  placeOf(path: string): number | undefined
}

/** Documents deeper than this are read no further: nothing of the API is. */
const DEEPEST = 500
const STRING = /"(?:[^"\\]|\\.)*"/y
const PLAIN = /[^\s,\]}]+/y
const SPACE = /\s*/y

/** Reads the keys of a document that is JSON: of others it may not find all. Parsers keep the last of equal keys and do not tell. */
export function keyPlaces(text: string): KeyPlaces {
  const reader = new KeyReader(text)
  reader.readValue('')
  return { duplicates: reader.duplicates, placeOf: (path) => reader.first.get(path) }
}

class KeyReader {
  /** Offset of the first key of every path. */
  readonly first = new Map<string, number>()
  readonly duplicates: Array<{ path: string; at: number }> = []
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
    else this.#take(PLAIN)
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
