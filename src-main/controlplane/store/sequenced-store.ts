import { KeptValue } from './kept-value.ts'
import {
  FutureRevisionError,
  KeyExistsError,
  RevisionMismatchError,
  StoreBrokenError,
  StoreFullError,
  type RangeOptions,
  type RangeResult,
  type Store,
  type StoredRevision,
  type StoredValue,
  type StoreEvent,
  type Watch,
} from './store.ts'
import { VersionedTree, type Change } from './versioned-tree.ts'
import { WatchQueue } from './watch-queue.ts'

/** Where committed changes are kept. One call runs at a time; a rejection means that nothing more can be promised. */
export interface Journal {
  /** Resolves when all changes of the batch are durable, together, as written at `time` (ms since the epoch). */
  commit(batch: readonly Change[], time: number): Promise<void>
  compact(revision: number): Promise<void>
  snapshot(path: string): Promise<void>
  close(): Promise<void>
}

/** What a test may see of the order of things: an acknowledgement always follows the commit that covers it. */
export type TraceEvent =
  | { step: 'accepted'; revision: number }
  | { step: 'committed'; first: number; last: number }
  | { step: 'acknowledged'; revision: number }

/** What a store begins with, and where what it commits is kept. */
export interface SequencedStoreOptions {
  tree?: VersionedTree
  journal: Journal
  /** Milliseconds since the epoch. Default the system's clock. */
  now?: () => number
  trace?: (event: TraceEvent) => void
}

interface Pending {
  change: Change
  stored: KeptValue
  resolve: (stored: StoredValue) => void
  reject: (error: Error) => void
}

/** The newest accepted state of a key that is not durable yet. */
interface Accepted {
  modRevision: number
  createRevision: number
  deleted: boolean
  value: Uint8Array
}

/**
 * The store's logic over any journal. Writes are judged at once, against everything accepted before them, and get their revision;
 * all that wait when the journal is free go into its next batch (group commit). When a batch is durable its changes
 * become visible in one step: tree, observers, watchers, then the writers' promises.
 */
export class SequencedStore implements Store {
  readonly #tree: VersionedTree
  readonly #journal: Journal
  readonly #now: () => number
  readonly #trace: ((event: TraceEvent) => void) | undefined
  readonly #accepted = new Map<string, Accepted>()
  readonly #observers = new Set<(events: readonly StoreEvent[]) => void>()
  readonly #watches = new Map<WatchQueue, string>()
  #waiting: Pending[] = []
  #next: number
  #running: Promise<void> | undefined
  #broken: StoreBrokenError | undefined
  #closed = false

  constructor({ tree = new VersionedTree(), journal, now = Date.now, trace }: SequencedStoreOptions) {
    this.#tree = tree
    this.#journal = journal
    this.#now = now
    this.#trace = trace
    this.#next = tree.revision + 1
  }

  get revision(): number {
    return this.#tree.revision
  }

  get compactedRevision(): number {
    return this.#tree.compactedRevision
  }

  // The methods are async so that what they throw arrives as a rejection, as with a store behind a network.
  async get(key: string, options: { revision?: number } = {}): Promise<StoredValue | undefined> {
    return this.#tree.get(key, options.revision)
  }

  async range(prefix: string, options: RangeOptions = {}): Promise<RangeResult> {
    return this.#tree.range(prefix, options)
  }

  async create(key: string, value: Uint8Array): Promise<StoredValue> {
    if (this.#stateOf(key)) throw new KeyExistsError(key)
    const revision = this.#next
    return await this.#accept({ revision, key, value, createRevision: revision }, value, revision)
  }

  async update(key: string, value: Uint8Array, expectedRevision: number): Promise<StoredValue> {
    const { createRevision } = this.#expect(key, expectedRevision)
    const revision = this.#next
    return await this.#accept({ revision, key, value, createRevision }, value, revision)
  }

  async delete(key: string, expectedRevision: number): Promise<StoredValue> {
    const { createRevision, value, modRevision } = this.#expect(key, expectedRevision)
    return this.#accept({ revision: this.#next, key, value: undefined, createRevision }, value, modRevision)
  }

  /** The key as the next write finds it. */
  #stateOf(key: string): { modRevision: number; createRevision: number; value: Uint8Array } | undefined {
    const accepted = this.#accepted.get(key)
    if (accepted) return accepted.deleted ? undefined : accepted
    return this.#tree.get(key)
  }

  #expect(key: string, revision: number) {
    const state = this.#stateOf(key)
    if (!state || state.modRevision !== revision) throw new RevisionMismatchError(key, revision, state?.modRevision)
    return state
  }

  /** `writtenAt`: the revision that wrote the value, which of a delete is an older one. */
  #accept(change: Change, value: Uint8Array, writtenAt: number): Promise<StoredValue> {
    if (this.#broken) throw this.#broken
    if (this.#closed) throw new StoreBrokenError('the store is closed')
    const { revision, key, createRevision } = change
    this.#next = revision + 1
    this.#accepted.set(key, { modRevision: revision, createRevision, deleted: change.value === undefined, value })
    this.#trace?.({ step: 'accepted', revision })
    const stored = new KeptValue({ key, createRevision, modRevision: revision }, value, writtenAt)
    return new Promise((resolve, reject) => {
      this.#waiting.push({ change, stored, resolve, reject })
      this.#running ??= this.#drain()
    })
  }

  async #drain(): Promise<void> {
    // One turn of the microtask queue lets writes of the same moment share the first batch.
    await Promise.resolve()
    while (this.#waiting.length > 0) {
      const batch = this.#waiting
      this.#waiting = []
      const time = this.#now()
      try {
        await this.#journal.commit(
          batch.map((pending) => pending.change),
          time,
        )
      } catch (cause) {
        if (!(cause instanceof StoreFullError)) {
          this.#break(cause, batch)
          break
        }
        this.#refuse(cause, batch)
        continue
      }
      this.#trace?.({ step: 'committed', first: batch[0]!.change.revision, last: batch.at(-1)!.change.revision })
      this.#tree.times.note(batch[0]!.change.revision, time)
      this.#publish(batch)
    }
    this.#running = undefined
  }

  #publish(batch: readonly Pending[]): void {
    const events = batch.map(({ change, stored }) =>
      this.#tree.apply(stored, change.value === undefined ? 'delete' : 'put'),
    )
    for (const { change } of batch) {
      if (this.#accepted.get(change.key)?.modRevision === change.revision) this.#accepted.delete(change.key)
    }
    for (const observer of this.#observers) observer(events)
    for (const [watch, prefix] of this.#watches) {
      watch.push(prefix === '' ? events : events.filter((event) => event.current.key.startsWith(prefix)))
    }
    for (const { stored, resolve } of batch) {
      this.#trace?.({ step: 'acknowledged', revision: stored.modRevision })
      resolve(stored)
    }
  }

  /** Nothing of what is not committed is done; those that wait may have been judged against what is refused. */
  #refuse(cause: StoreFullError, batch: readonly Pending[]): void {
    const refused = [...batch, ...this.#waiting]
    this.#waiting = []
    this.#accepted.clear()
    this.#next = this.#tree.revision + 1
    const error = new StoreFullError(`the store cannot write: ${cause.message}`, { cause })
    for (const { reject } of refused) reject(error)
  }

  #break(cause: unknown, batch: readonly Pending[]): void {
    const words = cause instanceof Error ? cause.message : String(cause)
    this.#broken = new StoreBrokenError(`the store cannot write: ${words}`, { cause })
    for (const { reject } of [...batch, ...this.#waiting]) reject(this.#broken)
    this.#waiting = []
    for (const watch of this.#watches.keys()) watch.fail(this.#broken)
  }

  watch(prefix: string, options: { from?: number } = {}): Watch {
    const past = options.from === undefined ? [] : this.#tree.since(options.from, prefix)
    const queue: WatchQueue = new WatchQueue(() => this.#watches.delete(queue))
    queue.push(past)
    this.#watches.set(queue, prefix)
    return queue
  }

  history(prefix: string, from: number): readonly StoreEvent[] {
    return this.#tree.since(from, prefix)
  }

  revisions(key: string): readonly StoredRevision[] {
    return this.#tree.revisions(key)
  }

  timeOf(revision: number): number | undefined {
    return revision > this.#tree.revision ? undefined : this.#tree.times.of(revision)
  }

  revisionAt(time: number): number | undefined {
    return this.#tree.times.revisionAt(time, this.#tree.revision)
  }

  get historyBegins(): number | undefined {
    return this.#tree.times.first
  }

  observe(listener: (events: readonly StoreEvent[]) => void): () => void {
    this.#observers.add(listener)
    return () => this.#observers.delete(listener)
  }

  async compact(revision: number): Promise<void> {
    if (revision <= this.#tree.compactedRevision) return
    if (revision > this.#tree.revision) throw new FutureRevisionError(revision, this.#tree.revision)
    // The journal first: when it fails, what can still be read after a restart can still be read now.
    await this.#journal.compact(revision)
    this.#tree.compact(revision)
  }

  snapshot(path: string): Promise<void> {
    return this.#journal.snapshot(path)
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await this.#running
    for (const watch of this.#watches.keys()) watch.close()
    await this.#journal.close()
  }
}
