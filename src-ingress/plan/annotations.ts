const PREFIX = 'nginx.ingress.kubernetes.io/'

/** An annotation whose value makes it unsafe or impossible to route its Ingress. */
export class RejectedAnnotation extends Error {
  override readonly name = 'RejectedAnnotation'
}

/** How a setting is written that is on or off. */
interface FlagOptions {
  /** What is meant when nothing is written, or nothing that can be read. Default: false. */
  byDefault?: boolean
  /** Default: `true`. */
  on?: string
  /** Default: `false`. */
  off?: string
}

/**
 * Reads the annotations that ingress-nginx defines (kubernetes.github.io/ingress-nginx, "Annotations"). A value that cannot be read is noted and its
 * default taken, but for those that {@link must} asks for: leaving them out would route what must not be.
 */
export class Annotations {
  readonly ignored: string[] = []
  readonly #values: Record<string, string>
  readonly #read = new Set<string>()

  constructor(all: Record<string, string> | undefined) {
    const own = Object.entries(all ?? {}).filter(([name]) => name.startsWith(PREFIX))
    this.#values = Object.fromEntries(own.map(([name, value]) => [name.slice(PREFIX.length), value.trim()]))
  }

  /** What `parse` makes of the value; undefined when there is none, or none that `parse` takes. */
  read<T>(name: string, expected: string, parse: (value: string) => T | undefined): T | undefined {
    return this.#parse(name, parse, (words) => void this.ignored.push(words), expected)
  }

  /** The same; throws `RejectedAnnotation` for a value that `parse` does not take. */
  must<T>(name: string, expected: string, parse: (value: string) => T | undefined): T | undefined {
    const refuse = (words: string): never => {
      throw new RejectedAnnotation(words)
    }
    return this.#parse(name, parse, refuse, expected)
  }

  /** Whether something is to be done: `true` or `false`, or what nginx calls them. */
  flag(name: string, { byDefault = false, on = 'true', off = 'false' }: FlagOptions = {}): boolean {
    const parse = (value: string) => (value === on ? true : value === off ? false : undefined)
    return this.read(name, `${on} or ${off}`, parse) ?? byDefault
  }

  /** A whole number of at least one. */
  count(name: string, expected = 'a whole number'): number | undefined {
    return this.read(name, expected, (value) =>
      /^[1-9]\d{0,8}s?$/.test(value) ? Number.parseInt(value, 10) : undefined,
    )
  }

  matching(name: string, expected: string, pattern: RegExp): string | undefined {
    return this.read(name, expected, (value) => (pattern.test(value) ? value : undefined))
  }

  /** What nobody asked for, in words. */
  unread(): string[] {
    return Object.keys(this.#values)
      .filter((name) => !this.#read.has(name))
      .map((name) => `annotation ${PREFIX}${name} is not supported`)
  }

  #parse<T>(
    name: string,
    parse: (value: string) => T | undefined,
    onInvalid: (words: string) => void,
    expected: string,
  ): T | undefined {
    this.#read.add(name)
    const value = this.#values[name]
    if (value === undefined || value === '') return undefined
    const parsed = parse(value)
    if (parsed === undefined)
      onInvalid(`annotation ${PREFIX}${name}: ${JSON.stringify(value)} is not valid, expected ${expected}`)
    return parsed
  }
}
