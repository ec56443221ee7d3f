/**
 * Numbers from a closed range, each held once. Automatic choice starts above the first 1/16 (16 to 256) of the range while
 * that lasts, so that numbers chosen by hand seldom meet it (KEP-3070).
 */
export class NumberPool {
  readonly first: number
  readonly last: number
  readonly #taken = new Set<number>()
  readonly #random: () => number

  constructor(first: number, last: number, random: () => number = Math.random) {
    this.first = first
    this.last = last
    this.#random = random
  }

  contains(value: number): boolean {
    return Number.isInteger(value) && value >= this.first && value <= this.last
  }

  /** Whether every number of the range is held. */
  get full(): boolean {
    if (this.#taken.size <= this.last - this.first) return false
    for (let value = this.first; value <= this.last; value++) if (!this.#taken.has(value)) return false
    return true
  }

  /** Whether it was free and is now held. */
  take(value: number): boolean {
    if (this.#taken.has(value)) return false
    this.#taken.add(value)
    return true
  }

  release(value: number): void {
    this.#taken.delete(value)
  }

  /** Any free number, now held; undefined when the range is full. */
  takeAny(): number | undefined {
    const size = this.last - this.first + 1
    const reserved = size < 32 ? 0 : Math.min(Math.max(16, Math.floor(size / 16)), 256)
    return this.takeFrom(this.first + reserved, this.last) ?? this.takeFrom(this.first, this.first + reserved - 1)
  }

  /** Any free number of a range, which may lie outside of the pool's own. */
  takeFrom(first: number, last: number): number | undefined {
    const size = last - first + 1
    if (size <= 0) return undefined
    const start = Math.floor(this.#random() * size)
    for (let i = 0; i < size; i++) {
      const value = first + ((start + i) % size)
      if (this.take(value)) return value
    }
    return undefined
  }
}
