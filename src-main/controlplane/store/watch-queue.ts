import { CompactedError, type StoreEvent, type Watch } from './store.ts'

/** Events a slow reader may leave waiting before it is cut off: it then resumes, or lists anew. */
const MOST_WAITING = 100_000

/** One watcher's end: events are pushed in order and taken in batches. */
export class WatchQueue implements Watch {
  #waiting: StoreEvent[] = []
  #wake: (() => void) | undefined
  #closed = false
  #failure: Error | undefined
  readonly #onClose: () => void

  constructor(onClose: () => void) {
    this.#onClose = onClose
  }

  push(events: readonly StoreEvent[]): void {
    if (this.#closed || events.length === 0) return
    if (this.#waiting.length + events.length > MOST_WAITING) {
      return this.fail(new CompactedError(this.#waiting[0]!.current.modRevision, events[0]!.current.modRevision))
    }
    this.#waiting.push(...events)
    this.#wake?.()
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

  async [Symbol.asyncDispose](): Promise<void> {
    this.close()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<readonly StoreEvent[]> {
    try {
      for (;;) {
        if (this.#waiting.length > 0) {
          const batch = this.#waiting
          this.#waiting = []
          yield batch
        } else if (this.#failure) throw this.#failure
        else if (this.#closed) return
        else {
          await new Promise<void>((resolve) => {
            this.#wake = resolve
          })
          this.#wake = undefined
        }
      }
    } finally {
      this.close()
    }
  }
}
