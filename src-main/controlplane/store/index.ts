import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock, type Clock } from '../../../src-kube/machinery/clock.ts'
import { keepCompact, type HistoryOptions } from './compaction.ts'
import { openDatabase, readAll } from './database.ts'
import { lockDirectory } from './lock.ts'
import { SequencedStore, type Journal, type TraceEvent } from './sequenced-store.ts'
import { SqliteJournal } from './sqlite-journal.ts'
import { writeState } from './state-copy.ts'
import type { Store } from './store.ts'
import { VersionedTree } from './versioned-tree.ts'

export { StoreLockedError } from './lock.ts'
export type { HistoryOptions } from './compaction.ts'

export interface OpenStoreOptions extends HistoryOptions {
  /** Made when missing; one writer at a time. */
  directory: string
  clock?: Clock
  trace?: (event: TraceEvent) => void
}

/** A store in memory alone: acknowledged writes are gone with the process. */
export function memoryStore({
  clock = systemClock,
  ...options
}: { clock?: Clock; trace?: (event: TraceEvent) => void } = {}): Store {
  const tree = new VersionedTree()
  const journal: Journal = {
    commit: () => Promise.resolve(),
    compact: () => Promise.resolve(),
    snapshot: async (path) => void writeState(tree, path),
    close: () => Promise.resolve(),
  }
  return new SequencedStore({ tree, journal, now: () => clock.now(), ...options })
}

/**
 * The embedded store: everything in memory, every write in a SQLite file before it is acknowledged. Throws `StoreLockedError` when
 * another process has the directory, `StoreBrokenError` for a file that cannot be read or is of a newer schema.
 */
export async function openStore(options: OpenStoreOptions): Promise<Store> {
  const { directory, clock = systemClock, trace } = options
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const release = lockDirectory(directory)
  try {
    const file = join(directory, 'store.db')
    const tree = replay(file)
    const journal = new SqliteJournal(file)
    const owning = releasing(journal, release, () => stopCompacting())
    const store = new SequencedStore({ tree, journal: owning, now: () => clock.now(), ...(trace ? { trace } : {}) })
    const stopCompacting = keepCompact(store, journal, clock, options)
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
    for (const { time, ...change } of changes) {
      tree.apply(change)
      tree.times.note(change.revision, time)
    }
    return tree
  } finally {
    database.close()
  }
}

/** The journal with what ends with it: compaction before, the directory's lock after, also when the file does not close. */
const releasing = (journal: SqliteJournal, release: () => void, stopCompacting: () => void): Journal => ({
  commit: (batch, time) => journal.commit(batch, time),
  compact: (revision) => journal.compact(revision),
  snapshot: (path) => journal.snapshot(path),
  async close() {
    stopCompacting()
    try {
      await journal.close()
    } finally {
      release()
    }
  },
})
