import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock, type Clock, type Timer } from '../../../src-kube/machinery/clock.ts'
import { openDatabase, readAll } from './database.ts'
import { holdDirectory } from './lock.ts'
import { SequencedStore, type Journal, type TraceEvent } from './sequenced-store.ts'
import { SqliteJournal } from './sqlite-journal.ts'
import type { Store } from './store.ts'
import { VersionedTree } from './versioned-tree.ts'

export { StoreLockedError } from './lock.ts'

export interface OpenStoreOptions {
  /** Made when missing; one writer at a time. */
  directory: string
  clock?: Clock
  /** Milliseconds of history to keep. Default 24 h. */
  keepFor?: number
  /** Bytes of values to keep, history included, before the oldest tenth of an hour goes. Default 200 MB. */
  keepBytes?: number
  trace?: (event: TraceEvent) => void
}

const DAY = 24 * 3600_000
const MEGABYTES_200 = 200 * 2 ** 20
/** Milliseconds between two looks at the history's size. */
const COMPACTION_INTERVAL = 5 * 60_000
/** History that is kept however much it is, for watches to resume. */
const AT_LEAST = 10 * 60_000

/** A store in memory alone: acknowledged writes are gone with the process. */
export function memoryStore(options: { trace?: (event: TraceEvent) => void } = {}): Store {
  const journal: Journal = {
    commit: () => Promise.resolve(),
    compact: () => Promise.resolve(),
    snapshot: () => Promise.reject(new Error('a store in memory has no snapshots')),
    close: () => Promise.resolve(),
  }
  return new SequencedStore({ journal, ...options })
}

/**
 * The embedded store: everything in memory, every write in a SQLite file before it is acknowledged. Throws `StoreLockedError` when
 * another process has the directory, `StoreBrokenError` for a file that cannot be read or is of a newer schema.
 */
export async function openStore(options: OpenStoreOptions): Promise<Store> {
  const { directory, clock = systemClock, trace } = options
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const release = holdDirectory(directory)
  try {
    const file = join(directory, 'store.db')
    const tree = replay(file)
    const journal = new SqliteJournal(file, () => clock.now())
    const store = new SequencedStore({ tree, journal: releasing(journal, release), ...(trace ? { trace } : {}) })
    keepCompact(store, journal, clock, options)
    return store
  } catch (error) {
    release()
    throw error
  }
}

function replay(file: string): VersionedTree {
  const database = openDatabase(file)
  try {
    const { changes, compacted, revision } = readAll(database)
    const tree = new VersionedTree(revision, compacted)
    for (const change of changes) tree.apply(change)
    return tree
  } finally {
    database.close()
  }
}

const releasing = (journal: SqliteJournal, release: () => void): Journal => ({
  commit: (batch) => journal.commit(batch),
  compact: (revision) => journal.compact(revision),
  snapshot: (path) => journal.snapshot(path),
  async close() {
    await journal.close()
    release()
  },
})

/** Forgets history older than asked, and more of it while it is too large. */
function keepCompact(store: SequencedStore, journal: SqliteJournal, clock: Clock, options: OpenStoreOptions): void {
  const { keepFor = DAY, keepBytes = MEGABYTES_200 } = options
  let timer: Timer | undefined
  let window = keepFor
  const look = async (): Promise<void> => {
    const { lastBefore, bytes } = await journal.history(clock.now() - window)
    window = bytes > keepBytes ? Math.max(AT_LEAST, window / 2) : Math.min(keepFor, window * 2)
    if (lastBefore > store.compactedRevision) await store.compact(Math.min(lastBefore, store.revision))
  }
  const again = (): void => {
    timer = clock.after(COMPACTION_INTERVAL, () => {
      // A failing disk is reported by the writes themselves.
      look().then(again, () => timer?.cancel())
    })
  }
  again()
}
