/** Readers to wake when this turn of the event loop is over. */
let sleepers: Array<() => void> = []

/**
 * Wakes a reader after the turn, not within it: who waits for the answer to a write gets it before controllers and watchers take up what it
 * changed, and commits of one turn reach a reader together.
 */
function wakeLater(wake: () => void): void {
  if (sleepers.length === 0) {
    setImmediate(() => {
      const due = sleepers
      sleepers = []
      for (const call of due) call()
    })
  }
  sleepers.push(wake)
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
