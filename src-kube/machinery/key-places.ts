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
  const first = new Map<string, number>()
  const duplicates: Array<{ path: string; at: number }> = []
  const told = new Set<string>()
  let at = 0
  let depth = 0
  const take = (pattern: RegExp): string => {
    pattern.lastIndex = at
    const found = pattern.exec(text)?.[0] ?? ''
    at += found.length
    return found
  }
  const next = (): string => {
    take(SPACE)
    return text.charAt(at)
  }

  function value(path: string): void {
    const begins = next()
    if (depth > DEEPEST) at = text.length
    else if (begins === '{' || begins === '[') {
      depth++
      if (begins === '{') object(path)
      else list(path)
      depth--
    } else if (begins === '"') take(STRING)
    else take(PLAIN)
  }

  function object(path: string): void {
    const seen = new Set<string>()
    at++
    while (next() === '"' || text.charAt(at) === ',') {
      if (text.charAt(at) === ',') {
        at++
        continue
      }
      const place = at
      const key = JSON.parse(take(STRING)) as string
      const here = path === '' ? key : `${path}.${key}`
      if (!first.has(here)) first.set(here, place)
      if (seen.has(key) && !told.has(here)) {
        told.add(here)
        duplicates.push({ path: here, at: place })
      }
      seen.add(key)
      if (next() === ':') at++
      value(here)
    }
    at++
  }

  function list(path: string): void {
    at++
    for (let i = 0; at < text.length && next() !== ']'; i++) {
      value(`${path}[${i}]`)
      if (next() === ',') at++
    }
    at++
  }

  value('')
  return { duplicates, placeOf: (path) => first.get(path) }
}
