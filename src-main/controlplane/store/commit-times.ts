/**
 * When revisions were committed, for as much of the past as is kept. A commit costs one comparison and, when the millisecond is another than
 * the last one's, two numbers; both ways of asking are a binary search.
 */
export class CommitTimes {
  /** First revision of each time; ascending, as the times are. */
  readonly #revisions: number[] = []
  /** Milliseconds since the epoch. */
  readonly #times: number[] = []
  #compacted: number

  constructor(compacted = 0) {
    this.#compacted = compacted
  }

  /** The earliest time that is known. */
  get first(): number | undefined {
    return this.#times[0]
  }

  /** The latest; 0 when none is known. */
  get last(): number {
    return this.#times.at(-1) ?? 0
  }

  /**
   * Revisions from this one on were committed at `time`. They come in order; one that is forgotten already is not noted. A clock that was
   * set back was wrong before: what it called later counts as committed at `time`, for nothing is found by a time that is still to come, and
   * nothing is old for as long as that takes.
   */
  note(revision: number, time: number): void {
    if (revision < this.#compacted) return
    let first = revision
    for (; this.last > time; this.#times.pop()) first = this.#revisions.pop()!
    if (time === this.last) return
    this.#revisions.push(first)
    this.#times.push(time)
  }

  of(revision: number): number | undefined {
    return this.#times[upTo(this.#revisions, revision)]
  }

  /** The newest revision at that time, `newest` being that of all; undefined when it is not known any more. */
  revisionAt(time: number, newest: number): number | undefined {
    const found = upTo(this.#times, time)
    if (found < 0) return undefined
    const next = this.#revisions[found + 1]
    return next === undefined ? newest : next - 1
  }

  /** Forgets what is before `revision`, which itself can still be read. */
  forget(revision: number): void {
    this.#compacted = revision
    const kept = upTo(this.#revisions, revision)
    if (kept < 0) return
    this.#revisions.splice(0, kept)
    this.#times.splice(0, kept)
    this.#revisions[0] = revision
  }
}

/** Index of the last number that is at most `most`; -1 when all are greater. */
function upTo(ascending: readonly number[], most: number): number {
  let low = 0
  let high = ascending.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (ascending[middle]! <= most) low = middle + 1
    else high = middle
  }
  return low - 1
}
