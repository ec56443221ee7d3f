/** Batches handed from a synchronous producer to one asynchronous reader. Closed by the reader's signal, failed by the producer. */
export class EventQueue<T> implements AsyncIterable<readonly T[]> {
  #waiting: T[] = []
  #wake: (() => void) | undefined
  #failure: Error | undefined
  #closed = false
  readonly #most: number
  readonly #onClose: () => void

  constructor(options: { signal: AbortSignal; most: number; onClose: () => void }) {
    this.#most = options.most
    this.#onClose = options.onClose
    if (options.signal.aborted) this.close()
    else options.signal.addEventListener('abort', () => this.close(), { once: true })
  }

  /** False when the reader is too far behind to take more. */
  push(items: readonly T[]): boolean {
    if (this.#closed || items.length === 0) return true
    if (this.#waiting.length + items.length > this.#most) return false
    for (const item of items) this.#waiting.push(item)
    this.#wake?.()
    return true
  }

  fail(error: Error): void {
    this.#failure = error
    this.close()
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#onClose()
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
