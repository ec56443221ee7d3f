/** A binary heap whose items are found by key, so that one can be replaced or taken out; all writes are O(log n). */
export class KeyedHeap<T extends { readonly key: string }> {
  readonly #items: T[] = []
  readonly #at = new Map<string, number>()
  readonly #compare: (a: T, b: T) => number

  /** `compare` is below zero when `a` comes out before `b`. */
  constructor(compare: (a: T, b: T) => number) {
    this.#compare = compare
  }

  get size(): number {
    return this.#items.length
  }

  peek(): T | undefined {
    return this.#items[0]
  }

  get(key: string): T | undefined {
    const at = this.#at.get(key)
    return at === undefined ? undefined : this.#items[at]
  }

  /** Adds an item, or replaces the one with its key. */
  set(item: T): void {
    this.delete(item.key)
    this.#put(this.#items.length, item)
    this.#up(this.#items.length - 1)
  }

  pop(): T | undefined {
    const first = this.#items[0]
    if (first) this.delete(first.key)
    return first
  }

  delete(key: string): T | undefined {
    const at = this.#at.get(key)
    if (at === undefined) return undefined
    const item = this.#items[at]!
    const last = this.#items.pop()!
    this.#at.delete(key)
    if (last !== item) {
      this.#put(at, last)
      this.#up(at)
      this.#down(this.#at.get(last.key)!)
    }
    return item
  }

  #put(at: number, item: T): void {
    this.#items[at] = item
    this.#at.set(item.key, at)
  }

  #up(start: number): void {
    let at = start
    const item = this.#items[at]!
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (this.#compare(item, this.#items[parent]!) >= 0) break
      this.#put(at, this.#items[parent]!)
      at = parent
    }
    this.#put(at, item)
  }

  #down(start: number): void {
    let at = start
    const item = this.#items[at]!
    for (;;) {
      let child = 2 * at + 1
      if (child >= this.#items.length) break
      if (child + 1 < this.#items.length && this.#compare(this.#items[child + 1]!, this.#items[child]!) < 0) child++
      if (this.#compare(this.#items[child]!, item) >= 0) break
      this.#put(at, this.#items[child]!)
      at = child
    }
    this.#put(at, item)
  }
}
