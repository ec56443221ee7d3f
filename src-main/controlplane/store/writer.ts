import type { DatabaseSync } from 'node:sqlite'
import { CommitLog, logOf, RECORD_HEAD, type CommitLogOptions } from './commit-log.ts'
import {
  batchWriter,
  compactDatabase,
  historyFacts,
  isFull,
  newestRevision,
  openDatabase,
  rowWriter,
} from './database.ts'
import { copyState } from './state-copy.ts'
import { takeOverLog } from './take-over.ts'
import type { Change } from './versioned-tree.ts'
import { unpack } from './writer-protocol.ts'

/** How the commit log is kept, and its database opened; tests give other ways. */
interface WriterOptions extends CommitLogOptions {
  /** Default {@link openDatabase}. */
  open?: (file: string) => DatabaseSync
}

/**
 * Owner of a store's file and its commit log: what the writer's thread does, without the thread. A batch is durable once it is in the log;
 * {@link tidy} takes its rows into the database, one a call, so that a commit never waits for more than one of them, and {@link settle} makes an end of it.
 * A row that the database refuses is told of by the commit after it: what was promised stays in the log, where the next start finds it, or, when it was
 * a full disk, the next commit.
 */
export class Writer {
  readonly #file: string
  readonly #database: DatabaseSync
  readonly #log: CommitLog
  readonly #onSettled: (revision: number) => void
  readonly #writeRow: (change: Change, time: number) => void
  readonly #writeBatch: (batch: Iterable<Change>, time: number) => void
  /** Copies of the batches in the log, one behind the other: as much as the log holds, and no garbage. */
  readonly #copies: Uint8Array
  #copied = 0
  /** What of it is not in the database yet; the first is being taken over. */
  #behind: Array<{ time: number; rows: Iterator<Change> }> = []
  #failure: Error | undefined

  /** `onSettled` is told the newest revision that the database has durably, at once and whenever there is another. */
  constructor(file: string, onSettled: (revision: number) => void = () => {}, options: WriterOptions = {}) {
    const { open = openDatabase, ...log } = options
    this.#file = file
    this.#onSettled = onSettled
    this.#database = open(file)
    this.#log = new CommitLog(logOf(file), log)
    this.#copies = new Uint8Array(this.#log.capacity)
    this.#writeRow = rowWriter(this.#database)
    this.#writeBatch = batchWriter(this.#database)
    onSettled(newestRevision(this.#database))
  }

  /** Makes a batch durable, packed behind {@link RECORD_HEAD} free bytes; `time`: ms since the epoch. */
  commit(record: Uint8Array, time: number): void {
    if (this.#failure) this.#recover()
    if (this.#log.append(record, time)) return this.#follow(record, time)
    this.settle()
    if (this.#log.append(record, time)) return this.#follow(record, time)
    // Larger than the log.
    this.#writeBatch(unpack(record.subarray(RECORD_HEAD)), time)
    this.#onSettled(newestRevision(this.#database))
  }

  /** The caller may write over the record once it is committed. */
  #follow(record: Uint8Array, time: number): void {
    const batch = record.subarray(RECORD_HEAD)
    const copy = this.#copies.subarray(this.#copied, (this.#copied += batch.length))
    copy.set(batch)
    this.#behind.push({ time, rows: unpack(copy) })
  }

  /** Takes one row over; whether there may be more. */
  tidy(): boolean {
    const first = this.#behind[0]
    if (!first || this.#failure) return false
    try {
      const { value, done } = first.rows.next()
      if (done) this.#behind.shift()
      else this.#take(value, first.time)
    } catch (error) {
      this.#failed(error)
    }
    return true
  }

  #take(change: Change, time: number): void {
    if (!this.#database.isTransaction) this.#database.exec('BEGIN IMMEDIATE')
    this.#writeRow(change, time)
  }

  /** Takes over all that the log holds, durably, and lets the log begin again. */
  settle(): void {
    while (this.tidy());
    if (this.#failure) throw this.#failure
    if (!this.#database.isTransaction) return
    try {
      this.#database.exec('COMMIT')
    } catch (error) {
      throw this.#failed(error)
    }
    this.#begin()
  }

  /** All that the log holds is in the database. */
  #begin(): void {
    this.#log.restart()
    this.#copied = 0
    this.#behind = []
    this.#onSettled(newestRevision(this.#database))
  }

  /** Tries once more what a full disk refused, as the next start would: the log has it all. Throws what still refuses. */
  #recover(): void {
    if (!isFull(this.#failure)) throw this.#failure!
    if (this.#database.isTransaction) this.#database.exec('ROLLBACK')
    takeOverLog(this.#database, this.#file)
    this.#failure = undefined
    this.#begin()
  }

  #failed(error: unknown): Error {
    this.#failure ??= error instanceof Error ? error : new Error(String(error))
    return this.#failure
  }

  compact(revision: number): void {
    this.settle()
    compactDatabase(this.#database, revision)
  }

  history(before: number): { lastBefore: number; bytes: number } {
    this.settle()
    return historyFacts(this.#database, before)
  }

  snapshot(path: string): void {
    this.settle()
    copyState(this.#file, path)
  }

  /** Closes what it opened; what is left in the log after a failure is for the next start. */
  close(): void {
    try {
      if (!this.#failure) this.settle()
    } finally {
      this.#log.close()
      this.#database.close()
    }
  }
}
