import type { DatabaseSync } from 'node:sqlite'
import { loggedChanges, logOf, readLogFile, type LoggedChange } from './commit-log.ts'
import { newestRevision, rowWriter, transaction } from './database.ts'
import { StoreBrokenError } from './store.ts'

/**
 * Writes what a store's log holds and its file has not, in one transaction; how many changes that were. Throws `StoreBrokenError` when the
 * log does not go on where the file ends: it is another store's.
 */
export function takeOverLog(database: DatabaseSync, file: string): number {
  const tail = changesAfter(readLogFile(logOf(file)), newestRevision(database), file)
  if (tail.length === 0) return 0
  const write = rowWriter(database)
  transaction(database, () => {
    for (const change of tail) write(change, change.time)
  })
  return tail.length
}

/** What a log holds beyond a revision of the file that it belongs to. Throws as {@link takeOverLog}. */
export function changesAfter(log: Uint8Array, revision: number, file: string): LoggedChange[] {
  const tail = [...loggedChanges(log)].filter((change) => change.revision > revision)
  const first = tail[0]?.revision ?? revision + 1
  if (first === revision + 1) return tail
  throw new StoreBrokenError(
    `${logOf(file)} goes on at revision ${first}, but ${file} ends at ${revision}: they are not of one store; put back the file that belongs to it, or move the log away`,
  )
}
