import type { Clock, Timer } from '../../../src-kube/machinery/clock.ts'
import type { Store } from './store.ts'

/** How much of the past a store keeps, for reads at a revision and watches that resume. All is optional. */
export interface HistoryOptions {
  /** Milliseconds of history to keep. Default 24 h. */
  keepFor?: number
  /** Bytes of values to keep, history included, before older history goes than asked. Default 200 MB. */
  keepBytes?: number
  /** Milliseconds between two looks at the history. Default 5 min. */
  every?: number
}

const DAY = 24 * 3600_000
const MEGABYTES_200 = 200 * 2 ** 20
const FIVE_MINUTES = 5 * 60_000
/** History that is kept however much it is, for watches to resume. */
const AT_LEAST = 10 * 60_000

/** What compaction goes by: the last revision older than `before` (ms since the epoch) and the bytes of all that is kept. */
export interface HistoryFacts {
  history(before: number): Promise<{ lastBefore: number; bytes: number }>
}

/**
 * Compacts the store again and again: history older than asked goes, and the time that is kept halves at every look that
 * finds too many bytes, from what there is of it. A look that fails changes nothing, the next one tries again; that the disk fails is reported by the
 * writes. Returns the end of it.
 */
export function keepCompact(
  store: Pick<Store, 'compact' | 'revision' | 'compactedRevision' | 'historyBegins'>,
  facts: HistoryFacts,
  clock: Clock,
  options: HistoryOptions = {},
): () => void {
  const { keepFor = DAY, keepBytes = MEGABYTES_200, every = FIVE_MINUTES } = options
  const shortest = Math.min(AT_LEAST, keepFor)
  let window = keepFor
  let timer: Timer | undefined
  let stopped = false
  const look = async (): Promise<void> => {
    const now = clock.now()
    const { lastBefore, bytes } = await facts.history(now - window)
    // Half of a day is no bound for a store that has filled up within an hour.
    const kept = Math.min(window, now - (store.historyBegins ?? now))
    window = bytes > keepBytes ? Math.max(shortest, kept / 2) : Math.min(keepFor, window * 2)
    // A row may be on disk an instant before readers see it: what they do not see yet is not history.
    const revision = Math.min(lastBefore, store.revision)
    if (!stopped && revision > store.compactedRevision) await store.compact(revision)
  }
  const again = (): void => {
    if (!stopped) timer = clock.after(every, () => void look().then(again, again))
  }
  again()
  return () => {
    stopped = true
    timer?.cancel()
  }
}
