/** Readers to wake when this turn of the event loop is over, or a moment later. */
let sleepers: Array<() => void> = []
/** Wakings that may follow each other at once; a new one comes every {@link PACE} milliseconds. */
const MOST_AT_ONCE = 8
const PACE = 4
let spare = MOST_AT_ONCE
let since = performance.now()

function wakeAll(): void {
  const due = sleepers
  sleepers = []
  for (const call of due) call()
}

/**
 * Wakes a reader after the turn, not within it: who waits for the answer to a write gets it before controllers and watchers take up what it
 * changed. A few events in a row go at once; in a stream of them, those of a moment go together, for each waking ends in a write for every
 * watcher.
 */
function wakeLater(wake: () => void): void {
  sleepers.push(wake)
  if (sleepers.length > 1) return
  const now = performance.now()
  spare = Math.min(MOST_AT_ONCE, spare + (now - since) / PACE)
  since = now
  if (spare < 1) {
    setTimeout(wakeAll, PACE)
    return
  }
  spare--
  setImmediate(wakeAll)
}

/** Batches handed from a synchronous producer to one asynchronous reader. Closed by a signal or its reader, failed by the producer. */
export class EventQueue<T> implements AsyncIterable<readonly T[]> {
  #waiting: T[] = []
  #wake: (() => void) | undefined
  #failure: Error | undefined
  #closed = false
  #closing: Array<() => void> = []
  readonly #most: number

  /** `most`: items that may wait for the reader. */
  constructor(most: number) {
    this.#most = most
  }

  /** False when the reader is too far behind to take more. */
  push(items: readonly T[]): boolean {
    if (this.#closed || items.length === 0) return true
    if (this.#waiting.length + items.length > this.#most) return false
    for (const item of items) this.#waiting.push(item)
    if (this.#wake) wakeLater(this.#wake)
    this.#wake = undefined
    return true
  }

  /** Ends the iteration with an error once what waits is read. */
  fail(error: Error): void {
    this.#failure = error
    this.close()
  }

  /** Runs once when the queue closes. */
  onClose(call: () => void): void {
    this.#closing.push(call)
  }

  /** Closes when the signal aborts, at once when it has. */
  closeWith(signal: AbortSignal): void {
    if (signal.aborted) return this.close()
    const close = (): void => this.close()
    signal.addEventListener('abort', close, { once: true })
    this.onClose(() => signal.removeEventListener('abort', close))
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    for (const call of this.#closing.splice(0)) call()
    this.#wake?.()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<readonly T[]> {
    try {
      for (;;) {
        if (this.#waiting.length > 0) {
          const batch = this.#waiting
          this.#waiting = []
          yield batch
        } else if (this.#failure) throw this.#failure
        else if (this.#closed) return
        else await new Promise<void>((resolve) => (this.#wake = resolve))
      }
    } finally {
      this.close()
    }
  }
}
