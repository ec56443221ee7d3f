/** A value at a revision. Immutable; the same object is returned for the same revision, so it can key a WeakMap. */
export interface StoredValue {
  readonly key: string
  readonly value: Uint8Array
  /** Revision that created the key. */
  readonly createRevision: number
  /** Revision that last wrote it. */
  readonly modRevision: number
}

/** One write, as watchers and observers hear of it. */
export interface StoreEvent {
  readonly type: 'put' | 'delete'
  /** The value written; for a delete, the last value with `modRevision` of the delete. */
  readonly current: StoredValue
  /** What stood there before; absent for a creation. */
  readonly previous: StoredValue | undefined
}

/** A write of one key: the value it put there, or the one it removed (`modRevision` is then that of the delete). */
export interface StoredRevision {
  readonly stored: StoredValue
  readonly deleted: boolean
}

/** How much of a range is read, and of when. */
export interface RangeOptions {
  /** At most so many; all when absent. */
  limit?: number
  /** Only keys strictly after this one. */
  after?: string
  /** As of this revision; the newest durable one when absent. Throws `CompactedError` when it is gone, `FutureRevisionError` when not yet there. */
  revision?: number
}

/** A consistent part of the state. */
export interface RangeResult {
  readonly items: readonly StoredValue[]
  /** Revision of the snapshot that was read. */
  readonly revision: number
  /** Keys of the prefix that lie beyond the limit. */
  readonly remaining: number
}

/** Events under a prefix; whoever opens it closes it. */
export interface Watch extends AsyncDisposable {
  /**
   * Batches of events, each in revision order, every event once; ends when closed.
   * Throws `CompactedError` when the reader fell behind the history that is kept.
   */
  [Symbol.asyncIterator](): AsyncIterator<readonly StoreEvent[]>
  close(): void
}

/**
 * Ordered keys → immutable values at increasing revisions, with the guarantees of etcd (etcd.io, "KV API guarantees"):
 * one revision a write, compare-and-set on the key's last revision, watches that resume, compaction.
 *
 * A write resolves with its revision only when it is durable; readers and watchers see it only then. It is judged against
 * every write accepted before it, durable or not, so two writers never both win.
 */
export interface Store {
  /** The newest durable revision. */
  readonly revision: number
  get(key: string, options?: { revision?: number }): Promise<StoredValue | undefined>
  /** Keys that start with `prefix`, in byte order. */
  range(prefix: string, options?: RangeOptions): Promise<RangeResult>
  /** Throws `KeyExistsError`, and `OvertakenError` as {@link Unless} says. */
  create(key: string, value: Uint8Array, unless?: Unless): Promise<StoredValue>
  /** Throws `RevisionMismatchError` when the key's last revision is another (or the key is gone), and `OvertakenError` as {@link Unless} says. */
  update(key: string, value: Uint8Array, expectedRevision: number, unless?: Unless): Promise<StoredValue>
  /** As {@link Store.update}; resolves with the deleted value, `modRevision` being that of the delete. */
  delete(key: string, expectedRevision: number): Promise<StoredValue>
  /** Events after revision `from` (exclusive); from now on when absent. Throws `CompactedError`. */
  watch(prefix: string, options?: { from?: number }): Watch
  /** Events after revision `from` (exclusive) up to now. Throws `CompactedError`. */
  history(prefix: string, from: number): readonly StoreEvent[]
  /** What is kept of one key's writes, oldest first. The first may be older than {@link Store.compactedRevision}: it stood there then. */
  revisions(key: string): readonly StoredRevision[]
  /** When a revision was committed, milliseconds since the epoch; undefined for one that is compacted or not there yet. */
  timeOf(revision: number): number | undefined
  /** The newest revision that was committed at `time` or before; undefined when history does not go back so far. */
  revisionAt(time: number): number | undefined
  /** The first moment that can be read, milliseconds since the epoch; undefined while nothing is written. */
  readonly historyBegins: number | undefined
  /**
   * Synchronous observation for caches in the same thread: called once per durable commit with its events, in order.
   * Must not throw or block. Returns its own removal.
   */
  observe(listener: (events: readonly StoreEvent[]) => void): () => void
  /** Forgets history up to and including `revision`; what is newest stays. */
  compact(revision: number): Promise<void>
  /** Oldest revision that can still be read or watched from. */
  readonly compactedRevision: number
  /**
   * Writes the newest state, as of one revision, into a file that a {@link Store} can be opened from; history stays behind. What was acknowledged
   * before the call is in it. A file of that name is replaced.
   */
  snapshot(path: string): Promise<void>
  /**
   * Of a store that others write to as well: resolves when everything is visible here that was acknowledged anywhere before the call. A store that has
   * one writer lacks it.
   */
  readonly caughtUp?: () => Promise<void>
  /** Of a store that is elsewhere: throws when it does not answer. */
  readonly check?: () => Promise<void>
  /** Waits for accepted writes, then releases everything. */
  close(): Promise<void>
}

/**
 * Refuses a write when anything below a prefix was written, not deleted, after a revision: what the writer knew is not what is there. Only a store that
 * others write to ({@link Store.caughtUp}) looks at it; in any other the writer knows all.
 */
export interface Unless {
  prefix: string
  writtenAfter: number
}

/** A write was refused by its {@link Unless}. What was written meanwhile is visible. */
export class OvertakenError extends Error {
  override readonly name = 'OvertakenError'
  constructor(key: string, { prefix, writtenAfter }: Unless) {
    super(`${key} was not written: something below ${prefix} was, after revision ${writtenAfter}`)
  }
}

/** A creation found the key. */
export class KeyExistsError extends Error {
  override readonly name = 'KeyExistsError'
  readonly key: string
  constructor(key: string) {
    super(`key exists: ${key}`)
    this.key = key
  }
}

/** A write was made on a revision that is not the key's last. */
export class RevisionMismatchError extends Error {
  override readonly name = 'RevisionMismatchError'
  readonly key: string
  /** What stands there (accepted, perhaps not yet durable); undefined when the key is absent. */
  readonly actual: number | undefined
  constructor(key: string, expected: number, actual: number | undefined) {
    super(`revision of ${key} is ${actual ?? 'none'}, expected ${expected}`)
    this.key = key
    this.actual = actual
  }
}

/** What is asked for was forgotten: the reader begins anew from the state. */
export class CompactedError extends Error {
  override readonly name = 'CompactedError'
  readonly compactedRevision: number
  constructor(asked: number, compactedRevision: number) {
    super(`revision ${asked} has been compacted; the oldest kept is ${compactedRevision + 1}`)
    this.compactedRevision = compactedRevision
  }
}

/** What is asked for has not been written yet. */
export class FutureRevisionError extends Error {
  override readonly name = 'FutureRevisionError'
  constructor(asked: number, current: number) {
    super(`revision ${asked} is in the future; the newest is ${current}`)
  }
}

/** The disk failed: nothing can be acknowledged any more. */
export class StoreBrokenError extends Error {
  override readonly name: string = 'StoreBrokenError'
}

/** The disk is full: this write is not done, and one that comes when there is room again is. */
export class StoreFullError extends StoreBrokenError {
  override readonly name = 'StoreFullError'
}
