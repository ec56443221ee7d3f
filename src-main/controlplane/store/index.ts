import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock, type Clock } from '../../../src-kube/machinery/clock.ts'
import { keepCompact, type HistoryOptions } from './compaction.ts'
import type { DatabaseSync } from 'node:sqlite'
import { compactedRevision, newestRevision, openDatabase, readLog, valueReader } from './database.ts'
import { KeptValue, type Archive } from './kept-value.ts'
import { lockDirectory } from './lock.ts'
import { SequencedStore, type Journal, type TraceEvent } from './sequenced-store.ts'
import { placeBytes } from './slab.ts'
import { SqliteJournal } from './sqlite-journal.ts'
import { writeState } from './state-copy.ts'
import type { Store } from './store.ts'
import { takeOverLog } from './take-over.ts'
import { VersionedTree } from './versioned-tree.ts'

export { StoreLockedError } from './lock.ts'
export type { HistoryOptions } from './compaction.ts'

/** The folder of a durable store. */
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
 * The embedded store: what is newest in memory, every write in a commit log before it is acknowledged and soon after in a SQLite file, and the past there. Throws `StoreLockedError` when
 * another process has the directory, `StoreBrokenError` for a file that cannot be read or is of a newer schema.
 */
export async function openStore(options: OpenStoreOptions): Promise<Store> {
  const { directory, clock = systemClock, trace } = options
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const release = lockDirectory(directory)
  let database: DatabaseSync | undefined
  try {
    const file = join(directory, 'store.db')
    database = openDatabase(file)
    takeOverLog(database, file)
    const read = valueReader(database)
    const tree = replay(database, { read, has: (revision) => revision <= journal.settled })
    const journal = new SqliteJournal(file)
    const owning = releasing(journal, {
      before: () => stopCompacting(),
      after: () => {
        database?.close()
        release()
      },
    })
    const store = new SequencedStore({ tree, journal: owning, now: () => clock.now(), ...(trace ? { trace } : {}) })
    const stopCompacting = keepCompact(store, journal, clock, options)
    return store
  } catch (error) {
    database?.close()
    release()
    throw error
  }
}

/** What the file holds; it stays open for reading what memory lets go of. */
function replay(database: DatabaseSync, archive: Archive): VersionedTree {
  const tree = new VersionedTree(newestRevision(database), compactedRevision(database), archive)
  for (const { revision, deleted, time, ...row } of readLog(database)) {
    const writtenAt = deleted ? tree.get(row.key)?.modRevision : revision
    tree.apply(
      new KeptValue({ ...row, modRevision: revision }, undefined, writtenAt, archive),
      deleted ? 'delete' : 'put',
    )
    tree.times.note(revision, time)
  }
  for (const value of tree.newest()) value.hold(placeBytes)
  return tree
}

/**
 * The journal with what ends before it, and what ends after it, also when the file does not close: whoever closes it last holds it alone for a moment, in
 * which the writer's thread could not open it if it were still at its beginning.
 */
const releasing = (journal: SqliteJournal, { before, after }: { before(): void; after(): void }): Journal => ({
  commit: (batch, time) => journal.commit(batch, time),
  compact: (revision) => journal.compact(revision),
  snapshot: (path) => journal.snapshot(path),
  async close() {
    before()
    try {
      await journal.close()
    } finally {
      after()
    }
  },
})
