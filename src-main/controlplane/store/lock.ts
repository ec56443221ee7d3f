/**
 * One writer to a directory. What excludes is a lock of the operating system, held through an open SQLite transaction on a file of its own
 * (SQLite takes fcntl, LockFileEx or what the platform has): it is taken by one of any number that ask at once, ends with its
 * process however that ends, and cannot be mistaken for that of another process with the same id. A file with a process id, made
 * exclusively, was rejected: two that find it stale may both remove it, the later one taking away the lock of the earlier.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** Another store, here or in another process, writes to the directory. */
export class StoreLockedError extends Error {
  override readonly name = 'StoreLockedError'
  /** Who that is; undefined in the instant before it has said so. */
  readonly pid: number | undefined
  constructor(directory: string, pid: number | undefined) {
    super(`${directory} is in use by ${pid === undefined ? 'another process' : `process ${pid}`}`)
    this.pid = pid
  }
}

/** SQLITE_BUSY */
const BUSY = 5
/** Milliseconds to try: of several that ask at the same moment all may be turned away at first, none to stay so. */
const PATIENCE = 200

/** What is held: a connection that nobody refers to would be collected, and its lock gone with it. */
const held = new Set<DatabaseSync>()

/** Takes the directory for one writer and returns the release. Throws `StoreLockedError` when it is taken. */
export function lockDirectory(directory: string): () => void {
  const lock = new DatabaseSync(join(directory, 'lock.db'), { timeout: PATIENCE })
  // Only names the holder to others; holds nothing.
  const holder = join(directory, 'lock')
  try {
    // No journal on disk: nothing is ever written, and one left by a killed process would have to be rolled back first.
    lock.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE')
    writeFileSync(holder, `${process.pid}\n`, { mode: 0o600 })
  } catch (error) {
    lock.close()
    throw (error as { errcode?: number }).errcode === BUSY ? new StoreLockedError(directory, readPid(holder)) : error
  }
  held.add(lock)
  return () => {
    if (!held.delete(lock)) return
    rmSync(holder, { force: true })
    lock.close()
  }
}

function readPid(file: string): number | undefined {
  try {
    return Number(readFileSync(file, 'utf8')) || undefined
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
