import type { Archive, KeptValue } from './kept-value.ts'

/** Bytes of the past that stay in memory: watchers on their way through the latest changes find them there. */
const HELD = 2 ** 20

/** What was superseded, in the order in which that happened: the latest megabyte is held, what was before is let go of once the archive has it. */
export class PastValues {
  readonly #archive: Archive
  #values: KeptValue[] = []
  /** Where in {@link #values} those begin that are held. */
  #first = 0
  #held = 0

  constructor(archive: Archive) {
    this.#archive = archive
  }

  add(value: KeptValue): void {
    // What was read from the file at the start has no bytes to let go of.
    if (value.held === 0) return
    this.#values.push(value)
    this.#held += value.held
    while (this.#held > HELD) {
      const oldest = this.#values[this.#first]!
      if (!this.#archive.has(oldest.modRevision)) break
      this.#first++
      this.#held -= oldest.held
      oldest.release(this.#archive)
    }
    if (this.#first > this.#values.length / 2) {
      this.#values = this.#values.slice(this.#first)
      this.#first = 0
    }
  }
}
