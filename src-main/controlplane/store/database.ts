import { DatabaseSync } from 'node:sqlite'
import { CompactedError, StoreBrokenError } from './store.ts'
import type { Change } from './versioned-tree.ts'

/** The schema's steps; the version is how many have been run. New steps are appended, none is ever changed. */
const migrations = [
  `CREATE TABLE log (
     revision INTEGER PRIMARY KEY,
     key TEXT NOT NULL,
     value BLOB,
     created INTEGER NOT NULL,
     time INTEGER NOT NULL
   ) STRICT;
   CREATE INDEX log_key ON log (key, revision);
   CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
   INSERT INTO meta VALUES ('compacted', 0), ('revision', 0);`,
  // Compaction alone used it, and every write paid for it.
  `DROP INDEX log_key;`,
  // Of here on a commit log may hold what the file has not (commit-log.ts), which an older Drydock would not look for.
  ``,
]

/**
 * Bytes of a page of a new file: rows come hundreds to a transaction, some ten to a page, which costs a third of what pages of 4 KiB cost (one row
 * of a pod and a half-empty rest) and leaves the file a third smaller. A file that is there keeps its own.
 */
const PAGE = 32 * 2 ** 10
/** Bytes of SQLite's own log at which it is brought into the file. */
const CHECKPOINT = 16 * 2 ** 20

/** Opens the file with the durability the store promises, and brings its schema up to date. A newer schema is refused. */
export function openDatabase(file: string): DatabaseSync {
  const database = new DatabaseSync(file)
  try {
    database.exec(
      `PRAGMA page_size = ${PAGE}; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA fullfsync = 1;`,
    )
    const { page_size: page } = database.prepare('PRAGMA page_size').get() as { page_size: number }
    database.exec(`PRAGMA wal_autocheckpoint = ${CHECKPOINT / page}`)
    migrate(database, file)
    return database
  } catch (cause) {
    database.close()
    if (cause instanceof StoreBrokenError) throw cause
    throw new StoreBrokenError(`${file} cannot be opened: ${(cause as Error).message}`, { cause })
  }
}

/** The newest schema that this program reads, and the one it writes. */
export const schema = migrations.length

/** The schema's version of an open database, by its name there. A newer one than ours is a `StoreBrokenError` that names the file. */
export function checkSchema(database: DatabaseSync, name: 'main' | 'source', file: string): number {
  const { user_version: version } = database.prepare(`PRAGMA ${name}.user_version`).get() as { user_version: number }
  if (version > schema) {
    throw new StoreBrokenError(
      `${file} was written by a newer Drydock (schema ${version}, this one knows ${schema}); update Drydock`,
    )
  }
  return version
}

function migrate(database: DatabaseSync, file: string): void {
  const version = checkSchema(database, 'main', file)
  migrations.slice(version).forEach((sql, i) => {
    database.exec(`BEGIN; ${sql} PRAGMA user_version = ${version + i + 1}; COMMIT;`)
  })
}

/** A row of the log without its value. */
export interface LogRow {
  revision: number
  key: string
  createRevision: number
  deleted: boolean
  /** When it was committed, ms since the epoch. */
  time: number
}

/** Everything that is kept, in revision order. */
export function* readLog(database: DatabaseSync): Generator<LogRow> {
  const rows = database.prepare(
    'SELECT revision, key, created, value IS NULL AS deleted, time FROM log ORDER BY revision',
  )
  for (const row of rows.iterate()) {
    const { revision, key, created, deleted, time } = row as Record<
      'revision' | 'created' | 'deleted' | 'time',
      number
    > & {
      key: string
    }
    yield { revision, key, createRevision: created, deleted: deleted === 1, time }
  }
}

/** The last revision whose history has been forgotten. */
export function compactedRevision(database: DatabaseSync): number {
  return (database.prepare(`SELECT value FROM meta WHERE name = 'compacted'`).get() as { value: number }).value
}

/** The bytes of any revision that is kept. Throws `CompactedError` for others. */
export function valueReader(database: DatabaseSync): (revision: number) => Uint8Array {
  const select = database.prepare('SELECT value FROM log WHERE revision = ?')
  return (revision) => {
    const row = select.get(revision) as { value: Uint8Array | null } | undefined
    if (!row?.value) throw new CompactedError(revision, compactedRevision(database))
    return row.value
  }
}

/** The newest revision ever given, also when compaction has removed its row. */
export function newestRevision(database: DatabaseSync): number {
  const row = database
    .prepare(
      `SELECT max((SELECT max(value) FROM meta WHERE name IN ('compacted', 'revision')),
                  (SELECT coalesce(max(revision), 0) FROM log)) AS newest`,
    )
    .get() as { newest: number }
  return row.newest
}

/** Writes rows of the log, in whatever transaction is open; the statement is prepared once. */
export function rowWriter(database: DatabaseSync): (change: Change, time: number) => void {
  const insert = database.prepare('INSERT INTO log (revision, key, value, created, time) VALUES (?, ?, ?, ?, ?)')
  return ({ revision, key, value, createRevision }, time) =>
    void insert.run(revision, key, value ?? null, createRevision, time)
}

/** Writes batches, each in one transaction that is durable when the call returns. */
export function batchWriter(database: DatabaseSync): (batch: Iterable<Change>, time: number) => void {
  const write = rowWriter(database)
  return (batch, time) =>
    transaction(database, () => {
      for (const change of batch) write(change, time)
    })
}

/** Removes what nobody can ask for once history up to `revision` is forgotten. */
export function compactDatabase(database: DatabaseSync, revision: number): void {
  transaction(database, () => {
    // A row goes when a newer one of its key is old enough too, or when it is the tombstone that ends its key.
    database
      .prepare(
        `DELETE FROM log WHERE revision <= ?1 AND
           (value IS NULL OR revision NOT IN (SELECT max(revision) FROM log WHERE revision <= ?1 GROUP BY key))`,
      )
      .run(revision)
    database.prepare(`UPDATE meta SET value = max(value, ?) WHERE name = 'compacted'`).run(revision)
    database.prepare(`UPDATE meta SET value = max(value, ?) WHERE name = 'revision'`).run(revision)
  })
}

/** What automatic compaction goes by: the last revision older than `time`, and the bytes of history. */
export function historyFacts(database: DatabaseSync, time: number): { lastBefore: number; bytes: number } {
  const row = database
    .prepare(
      'SELECT coalesce(max(CASE WHEN time < ? THEN revision END), 0) AS last, coalesce(sum(length(value)), 0) AS bytes FROM log',
    )
    .get(time) as { last: number; bytes: number }
  return { lastBefore: row.last, bytes: row.bytes }
}

/** SQLITE_FULL (sqlite.org, "Result and Error Codes"). */
const FULL = 13

/** Whether a database refused something because its disk is full: what it has is as it was. */
export const isFull = (error: unknown): boolean =>
  error instanceof Error && 'errcode' in error && error.errcode === FULL

/** Runs the work in a transaction of its own. */
export function transaction(database: DatabaseSync, work: () => void): void {
  database.exec('BEGIN IMMEDIATE')
  try {
    work()
    database.exec('COMMIT')
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK')
    throw error
  }
}
