/** Chance that can be repeated: the same seed gives the same values, so that a failing case can be named and run again. */
export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** At least 0, below 1 (a counter through a 32-bit mixing function). */
  next(): number {
    this.#state = (this.#state + 0x9e3779b9) >>> 0
    let mixed = this.#state
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b)
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
    return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32
  }

  /** A whole number from `low` to `high`, both included. */
  int(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1))
  }

  chance(probability: number): boolean {
    return this.next() < probability
  }

  pick<T>(items: readonly T[]): T {
    const item = items[this.int(0, items.length - 1)]
    if (item === undefined) throw new RangeError('nothing to pick from')
    return item
  }

  /** `count` values of a maker; random when absent: none to three. */
  list<T>(make: () => T, count = this.int(0, 3)): T[] {
    return Array.from({ length: count }, make)
  }

  /** One to `most` characters of an alphabet, also beyond ASCII unless another is given. */
  text(most = 8, alphabet = 'abcXYZ019-._/ "\\äß漢😀'): string {
    const characters = Array.from(alphabet)
    return this.list(() => this.pick(characters), this.int(1, most)).join('')
  }
}

/** Runs a property with `count` seeds; a failure names its seed. */
export function forSeeds(count: number, property: (random: Random, seed: number) => void): void {
  for (let seed = 1; seed <= count; seed++) {
    try {
      property(new Random(seed), seed)
    } catch (cause) {
      throw new Error(`fails with seed ${seed}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
    }
  }
}
