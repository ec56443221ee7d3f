/** Keys in byte order, in chunks, so that an insertion moves at most a chunk. Keys are compared as UTF-16, which for the ASCII of keys is byte order. */
const MOST = 512

/** Keys in order, in chunks, so that adding one moves few others and a range is found by halving. */
export class SortedKeys {
  #chunks: string[][] = []
  #size = 0

  get size(): number {
    return this.#size
  }

  /** Does nothing when the key is there. */
  add(key: string): void {
    if (this.#chunks.length === 0) {
      this.#chunks.push([key])
      this.#size++
      return
    }
    const c = this.#chunkOf(key)
    const chunk = this.#chunks[c]!
    const i = lowerBound(chunk, key)
    if (chunk[i] === key) return
    chunk.splice(i, 0, key)
    this.#size++
    if (chunk.length > MOST) this.#chunks.splice(c, 1, chunk.slice(0, MOST / 2), chunk.slice(MOST / 2))
  }

  delete(key: string): void {
    if (this.#chunks.length === 0) return
    const c = this.#chunkOf(key)
    const chunk = this.#chunks[c]!
    const i = lowerBound(chunk, key)
    if (chunk[i] !== key) return
    chunk.splice(i, 1)
    this.#size--
    if (chunk.length === 0) this.#chunks.splice(c, 1)
  }

  /** Keys that start with `prefix` and lie strictly after `after`. */
  *from(prefix: string, after: string | undefined): Generator<string> {
    const start = after !== undefined && after >= prefix ? after : prefix
    for (let c = this.#chunks.length === 0 ? 0 : this.#chunkOf(start); c < this.#chunks.length; c++) {
      const chunk = this.#chunks[c]!
      for (let i = lowerBound(chunk, start); i < chunk.length; i++) {
        const key = chunk[i]!
        if (key === after) continue
        if (!key.startsWith(prefix)) return
        yield key
      }
    }
  }

  /** The last chunk whose first key is not after `key`. */
  #chunkOf(key: string): number {
    let low = 0
    let high = this.#chunks.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (this.#chunks[middle]![0]! <= key) low = middle
      else high = middle - 1
    }
    return low
  }
}

function lowerBound(keys: readonly string[], key: string): number {
  let low = 0
  let high = keys.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (keys[middle]! < key) low = middle + 1
    else high = middle
  }
  return low
}
