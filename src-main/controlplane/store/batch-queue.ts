/** How far the reader of a {@link BatchQueue} may fall behind, and how it is woken. */
export interface BatchQueueOptions {
  /** Items that may wait for the reader. */
  most: number
  /** Calls what wakes the reader. Default at once, within the push. */
  wake?: (wakeReader: () => void) => void
}

/**
 * Hands items from a synchronous producer to one asynchronous reader, who gets all that wait at once. Closed by a signal or its reader, failed by the
 * producer. Every event of every watch goes through here.
 */
export class BatchQueue<T> implements AsyncIterable<readonly T[]> {
  #waiting: T[] = []
  /** Ends the reader's wait; undefined while it does not wait. */
  #wakeReader: (() => void) | undefined
  #failure: Error | undefined
  #isClosed = false
  #closing: Array<() => void> = []
  readonly #most: number
  readonly #wake: (wakeReader: () => void) => void

  constructor({ most, wake = (wakeReader) => wakeReader() }: BatchQueueOptions) {
    this.#most = most
    this.#wake = wake
  }

  /** The item that has waited longest. */
  get oldest(): T | undefined {
    return this.#waiting[0]
  }

  /** False, and nothing is taken, when the reader is too far behind. A closed queue swallows what it is given. */
  push(items: readonly T[]): boolean {
    if (this.#isClosed || items.length === 0) return true
    if (this.#waiting.length + items.length > this.#most) return false
    for (const item of items) this.#waiting.push(item)
    if (this.#wakeReader) this.#wake(this.#wakeReader)
    this.#wakeReader = undefined
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

  /** Closes when the signal aborts; at once when it has aborted already. */
  closeWith(signal: AbortSignal): void {
    if (signal.aborted) return this.close()
    const close = (): void => this.close()
    signal.addEventListener('abort', close, { once: true })
    this.onClose(() => signal.removeEventListener('abort', close))
  }

  /** Ends the iteration once what waits is read. */
  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    for (const call of this.#closing.splice(0)) call()
    this.#wakeReader?.()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<readonly T[]> {
    try {
      for (;;) {
        if (this.#waiting.length > 0) {
          const batch = this.#waiting
          this.#waiting = []
          yield batch
        } else if (this.#failure) throw this.#failure
        else if (this.#isClosed) return
        else await new Promise<void>((resolve) => (this.#wakeReader = resolve))
      }
    } finally {
      this.close()
    }
  }
}
