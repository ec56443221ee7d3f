/**
 * The commit log: what makes a write durable before the database has it.
 *
 * A commit of SQLite writes whole pages, each with its own call, and lengthens files, which the file system must note in its own journal before
 * the disk is done. Here a batch is one write into a file whose length never changes, and one `fdatasync`: half the time of a lone
 * write. The database takes the rows over while nobody waits, hundreds to a transaction; when the log is full that transaction is committed and the
 * log begins again at its first byte. So the database is never behind by more than the log holds, an idle cluster's leases cost one small write each, and
 * reading, compaction and snapshots are SQLite's. A log alone, with the past in files of its own, was rejected: it would be a second database.
 *
 * A record is a head (its checksum, bytes of the batch, the round in which it was written, time) and the packed batch. Each time the log begins again is
 * another round: the first record that is torn, or of another round than the first one, ends what is to be read. Revisions tell what of it the database has already.
 */
import { closeSync, constants, fdatasyncSync, fstatSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { crc32 } from 'node:zlib'
import { syncFolder } from './durable-file.ts'
import type { Change } from './versioned-tree.ts'
import { unpack } from './writer-protocol.ts'

/** Bytes before the batch: checksum of what follows and length (uint32), round and time (float64); little-endian. */
export const RECORD_HEAD = 24
const [CHECKSUM, LENGTH, ROUND, TIME] = [0, 4, 8, 16]

/** Bytes of a log: a settling costs a few milliseconds, and comes once in some 700 writes of pods. */
const CAPACITY = 2 * 2 ** 20
/** Rounds begin anywhere below this: what an earlier process left there is of another one. */
const ROUNDS = 2 ** 48

/** How large the log is and how it is forced to disk; tests give other ways. */
export interface CommitLogOptions {
  /** Bytes of the file. Default 2 MiB. */
  capacity?: number
  /** Forces the file's bytes to disk. Default `fdatasync`. */
  sync?: (handle: number) => void
}

/** The log that belongs to a database's file. */
export const logOf = (database: string): string => `${database}-log`

/** One log, open for writing. Whoever opens it has taken over what it holds: the first append writes over it. */
export class CommitLog {
  /** Bytes of the file. */
  readonly capacity: number
  readonly #handle: number
  readonly #sync: (handle: number) => void
  #round = Math.floor(Math.random() * ROUNDS)
  #end = 0

  /** Makes the file when it is missing, all of its bytes written: later writes change nothing but them. */
  constructor(file: string, { capacity = CAPACITY, sync = fdatasyncSync }: CommitLogOptions = {}) {
    this.capacity = capacity
    this.#sync = sync
    this.#handle = openSync(file, constants.O_RDWR | constants.O_CREAT, 0o600)
    try {
      const { size } = fstatSync(this.#handle)
      if (size >= capacity) return
      writeWhole(this.#handle, new Uint8Array(capacity - size), size)
      fsyncSync(this.#handle)
      syncFolder(dirname(file))
    } catch (error) {
      closeSync(this.#handle)
      throw error
    }
  }

  /**
   * Writes a batch, packed behind {@link RECORD_HEAD} bytes that are filled in here; it is durable when the call returns. `time`: milliseconds
   * since the epoch. Answers false, having written nothing, when there is no room before the log begins again.
   */
  append(record: Uint8Array, time: number): boolean {
    if (this.#end + record.length > this.capacity) return false
    const head = new DataView(record.buffer, record.byteOffset, RECORD_HEAD)
    head.setUint32(LENGTH, record.length - RECORD_HEAD, true)
    head.setFloat64(ROUND, this.#round, true)
    head.setFloat64(TIME, time, true)
    head.setUint32(CHECKSUM, crc32(record.subarray(LENGTH)), true)
    writeWhole(this.#handle, record, this.#end)
    this.#sync(this.#handle)
    this.#end += record.length
    return true
  }

  /** Begins again at the first byte: what was appended is durable elsewhere. */
  restart(): void {
    this.#round++
    this.#end = 0
  }

  close(): void {
    closeSync(this.#handle)
  }
}

/** A change that a log holds, and when it was committed (ms since the epoch). */
export interface LoggedChange extends Change {
  time: number
}

/** The bytes of a log as they are now; of one that is not there, none. */
export function readLogFile(file: string): Uint8Array {
  try {
    return readFileSync(file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new Uint8Array()
    throw error
  }
}

/** The changes that a log holds, in the order of their revisions. Values are views of its bytes. */
export function* loggedChanges(bytes: Uint8Array): Generator<LoggedChange> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let round: number | undefined
  for (let at = 0; at + RECORD_HEAD <= bytes.length;) {
    const end = at + RECORD_HEAD + view.getUint32(at + LENGTH, true)
    if (end === at + RECORD_HEAD || end > bytes.length) return
    if (view.getUint32(at + CHECKSUM, true) !== crc32(bytes.subarray(at + LENGTH, end))) return
    round ??= view.getFloat64(at + ROUND, true)
    if (view.getFloat64(at + ROUND, true) !== round) return
    const time = view.getFloat64(at + TIME, true)
    for (const change of unpack(bytes.subarray(at + RECORD_HEAD, end))) yield { ...change, time }
    at = end
  }
}

function writeWhole(handle: number, bytes: Uint8Array, position: number): void {
  for (let at = 0; at < bytes.length;) at += writeSync(handle, bytes, at, bytes.length - at, position + at)
}
