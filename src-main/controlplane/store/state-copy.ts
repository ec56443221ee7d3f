import { existsSync, rmSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import { logOf, readLogFile, type LoggedChange } from './commit-log.ts'
import {
  batchWriter,
  checkSchema,
  compactDatabase,
  newestRevision,
  openDatabase,
  rowWriter,
  transaction,
} from './database.ts'
import { StoreBrokenError } from './store.ts'
import { changesAfter, takeOverLog } from './take-over.ts'
import type { VersionedTree } from './versioned-tree.ts'

/** What a copy of a store's newest state holds. */
export interface StateFacts {
  /** The newest revision when it was taken. */
  revision: number
  /** Objects by what their keys begin with, `/registry/<group>/<resource>/`; sorted. */
  objects: Record<string, number>
}

/**
 * Copies the newest state of a store's file, as it was at one moment, into a new file that a store can be opened from; history is not in it. The
 * store may be written meanwhile, by another process too: SQLite's readers see one state and hold nobody up, and the commit log is read
 * first, since what has left it by then is in the file. What the store acknowledged before the call is in the copy. Throws `StoreBrokenError`
 * when the file is none of ours, or of a newer schema.
 */
export function copyState(file: string, target: string): StateFacts {
  // Attaching would make the file that is not there.
  if (!existsSync(file)) throw new StoreBrokenError(`${file} does not exist`)
  const log = readLogFile(logOf(file))
  return intoNewFile(target, (copy) => {
    copy.prepare('ATTACH ? AS source').run(file)
    checkSchema(copy, 'source', file)
    // One transaction: all statements see the source at the moment of the first.
    copy.exec(`BEGIN;
      INSERT INTO main.log SELECT revision, key, value, created, time FROM source.log
        WHERE revision IN (SELECT max(revision) FROM source.log GROUP BY key) AND value IS NOT NULL;
      UPDATE main.meta SET value = max(
        (SELECT max(value) FROM source.meta WHERE name IN ('compacted', 'revision')),
        (SELECT coalesce(max(revision), 0) FROM source.log));
      COMMIT;
      DETACH source`)
    replaceNewest(copy, changesAfter(log, newestRevision(copy), file))
    return factsIn(copy)
  })
}

/** Brings a copied state up to what the log has beyond it. */
function replaceNewest(copy: DatabaseSync, tail: readonly LoggedChange[]): void {
  const newest = new Map(tail.map((change) => [change.key, change]))
  if (newest.size === 0) return
  const write = rowWriter(copy)
  transaction(copy, () => {
    copy
      .prepare('DELETE FROM log WHERE key IN (SELECT value FROM json_each(?))')
      .run(JSON.stringify([...newest.keys()]))
    for (const change of [...newest.values()].sort((a, b) => a.revision - b.revision))
      if (change.value) write(change, change.time)
    copy.prepare('UPDATE meta SET value = ?').run(tail.at(-1)!.revision)
  })
}

/** The same of a store that has no file. */
export function writeState(tree: VersionedTree, target: string): StateFacts {
  return intoNewFile(target, (copy) => {
    const { items, revision } = tree.range('')
    const write = batchWriter(copy)
    for (const { key, value, createRevision, modRevision } of [...items].sort((a, b) => a.modRevision - b.modRevision))
      write([{ revision: modRevision, key, value, createRevision }], tree.times.of(modRevision) ?? 0)
    compactDatabase(copy, revision)
    return factsIn(copy)
  })
}

/**
 * Makes a copied state the beginning of a store whose revisions go on beyond `revision`, everything before being compacted (etcd.io, "Restoring
 * with revision bump": `--bump-revision --mark-compacted`): who watches from a revision that came after the copy was taken is told
 * to list anew, and no revision is ever given to a second write. Brings the schema up to date.
 */
export function continueFrom(file: string, revision: number): void {
  const database = openDatabase(file)
  try {
    compactDatabase(database, revision)
  } finally {
    database.close()
  }
}

/** The newest revision that a store's file and its logs know of, these brought into the file itself; undefined when it cannot be read. */
export function settledRevision(file: string): number | undefined {
  if (!existsSync(file)) return undefined
  try {
    const database = openDatabase(file)
    try {
      takeOverLog(database, file)
      return newestRevision(database)
    } finally {
      database.close()
    }
  } catch (error) {
    if (error instanceof StoreBrokenError || isDamage(error)) return undefined
    throw error
  }
}

/** SQLITE_CORRUPT, SQLITE_NOTADB */
const isDamage = (error: unknown): boolean => [11, 26].includes((error as { errcode?: number }).errcode ?? 0)

/** What the files of a store end with: its database, what SQLite puts beside that, its commit log. */
export const files = ['', '-wal', '-shm', '-journal', '-log'] as const

/** Fills a new file; one that is not finished is taken away. */
function intoNewFile(target: string, fill: (copy: DatabaseSync) => StateFacts): StateFacts {
  const remove = (): void => files.forEach((end) => rmSync(target + end, { force: true }))
  remove()
  const copy = openDatabase(target)
  try {
    const facts = fill(copy)
    copy.close()
    return facts
  } catch (cause) {
    copy.close()
    remove()
    if (isDamage(cause)) throw new StoreBrokenError(`the store is damaged: ${(cause as Error).message}`, { cause })
    throw cause
  }
}

function factsIn(copy: DatabaseSync): StateFacts {
  const objects: Record<string, number> = {}
  for (const row of copy.prepare('SELECT key FROM log ORDER BY key').iterate()) {
    const prefix = /^\/[^/]*\/[^/]*\/[^/]*\/|^.*\//.exec((row as { key: string }).key)?.[0] ?? ''
    objects[prefix] = (objects[prefix] ?? 0) + 1
  }
  return { revision: newestRevision(copy), objects }
}
