/**
 * Numbers from a closed range, each held once: taken by a write of ours, or held by what is stored, by whomever. Automatic choice starts above the
 * first 1/16 (16 to 256) of the range while that lasts, so that numbers chosen by hand seldom meet it (KEP-3070).
 */
export class NumberPool {
  readonly first: number
  readonly last: number
  readonly #taken = new Set<number>()
  readonly #held = new Set<number>()
  /** Numbers that are not to be had, held or not. */
  readonly #blocked = new Set<number>()
  readonly #random: () => number

  constructor(first: number, last: number, random: () => number = Math.random) {
    this.first = first
    this.last = last
    this.#random = random
  }

  contains(value: number): boolean {
    return Number.isInteger(value) && value >= this.first && value <= this.last
  }

  /** Whether no number of the range is to be had. */
  get full(): boolean {
    if (this.#taken.size + this.#held.size + this.#blocked.size <= this.last - this.first) return false
    for (let value = this.first; value <= this.last; value++) if (this.#isFree(value)) return false
    return true
  }

  /** Keeps a number, of this range or another, from being taken; who holds it goes on holding it. */
  block(value: number): void {
    this.#blocked.add(value)
  }

  unblock(value: number): void {
    this.#blocked.delete(value)
  }

  /** Whether it was free and is now taken. */
  take(value: number): boolean {
    if (!this.#isFree(value)) return false
    this.#taken.add(value)
    return true
  }

  /** Of a write that came to nothing; who holds it by then goes on holding it. */
  giveBack(value: number): void {
    this.#taken.delete(value)
  }

  /** Something stored has it. */
  hold(value: number): void {
    this.#taken.delete(value)
    this.#held.add(value)
  }

  release(value: number): void {
    this.#taken.delete(value)
    this.#held.delete(value)
  }

  /** Any free number, now taken; undefined when the range is full. */
  takeAny(): number | undefined {
    const size = this.last - this.first + 1
    const reserved = size < 32 ? 0 : Math.min(Math.max(16, Math.floor(size / 16)), 256)
    return this.takeFrom(this.first + reserved, this.last) ?? this.takeFrom(this.first, this.first + reserved - 1)
  }

  #isFree(value: number): boolean {
    return !this.#taken.has(value) && !this.#held.has(value) && !this.#blocked.has(value)
  }

  /** Any free number of a range, now taken, which may lie outside of the pool's own. */
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
