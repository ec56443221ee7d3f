import { BatchQueue } from '../store/batch-queue.ts'

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
 * Wakes a reader after the turn, not within it: the answer to a write is sent before controllers and watchers take up what it changed. A few events
 * in a row go at once; in a stream of them, those of a moment go together, because each waking ends in a write for every watcher.
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

/** Events of the registry's caches for one reader, who is woken after the turn that brought them. */
export class EventQueue<T> extends BatchQueue<T> {
  /** `most`: items that may wait for the reader. */
  constructor(most: number) {
    super({ most, wake: wakeLater })
  }
}
