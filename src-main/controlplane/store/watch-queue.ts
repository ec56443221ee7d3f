import { BatchQueue } from './batch-queue.ts'
import { CompactedError, type StoreEvent, type Watch } from './store.ts'

/** Events a slow reader may leave waiting before it is cut off: it then resumes, or lists anew. */
const MOST_WAITING = 100_000

/** One watcher's end: events are pushed in order and taken in batches. A reader that falls too far behind gets a `CompactedError`. */
export class WatchQueue extends BatchQueue<StoreEvent> implements Watch {
  constructor(onClose: () => void) {
    super({ most: MOST_WAITING })
    this.onClose(onClose)
  }

  override push(events: readonly StoreEvent[]): boolean {
    const isTaken = super.push(events)
    if (!isTaken) this.#cutOff(events[0]!)
    return isTaken
  }

  #cutOff(next: StoreEvent): void {
    const { current } = this.oldest ?? next
    this.fail(new CompactedError(current.modRevision, next.current.modRevision))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close()
  }
}
