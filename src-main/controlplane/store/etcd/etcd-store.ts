import { KeyOrder } from '../../../../src-kube/machinery/key-order.ts'
import { KeptValue } from '../kept-value.ts'
import { writeState } from '../state-copy.ts'
import {
  FutureRevisionError,
  KeyExistsError,
  OvertakenError,
  RevisionMismatchError,
  StoreBrokenError,
  type RangeOptions,
  type RangeResult,
  type Store,
  type StoredRevision,
  type StoredValue,
  type StoreEvent,
  type Unless,
  type Watch,
} from '../store.ts'
import { WatchQueue } from '../watch-queue.ts'
import type { EtcdClient } from './client.ts'
import { keepCompacting } from './compactor.ts'
import { isCompacted } from './errors.ts'
import type { KeyMap } from './keys.ts'
import { Mirror, type MirrorOptions } from './mirror.ts'
import { InFlight } from './in-flight.ts'

/** The etcd behind a store, and the names of keys there. */
export interface EtcdStoreOptions extends Pick<MirrorOptions, 'clock' | 'log' | 'patience'> {
  client: EtcdClient
  keys: KeyMap
  /** Milliseconds between two compactions; see {@link keepCompacting}. */
  compactEvery?: number | undefined
}

/** Milliseconds that etcd has to show that it is well (kube-apiserver, `--etcd-healthcheck-timeout`). */
const CHECK = 2_000

/**
 * A store in etcd, which others may write to as well. Revisions are etcd's own. A write is a transaction of etcd on the key's last revision, and
 * resolves when it has come back by the watch, so that writers read their own writes. What others wrote is here a moment later, or after
 * {@link EtcdStore.caughtUp}.
 */
export class EtcdStore implements Store {
  readonly #client: EtcdClient
  readonly #keys: KeyMap
  readonly #mirror: Mirror
  readonly #order = new KeyOrder()
  readonly #inFlight = new InFlight()
  readonly #observers = new Set<(events: readonly StoreEvent[]) => void>()
  readonly #watches = new Map<WatchQueue, string>()
  readonly #options: EtcdStoreOptions
  #stopCompacting: (() => void) | undefined
  #closed = false

  constructor(options: EtcdStoreOptions) {
    this.#options = options
    this.#client = options.client
    this.#keys = options.keys
    this.#mirror = new Mirror({
      ...options,
      adopt: (key, bytes) => this.#inFlight.find(key, bytes),
      publish: (events) => this.#publish(events),
    })
  }

  /** Reads what is there. Throws `EtcdError`. */
  async open(): Promise<this> {
    await this.#mirror.open()
    const { client, clock, log, compactEvery: every } = this.#options
    this.#stopCompacting = keepCompacting({
      client,
      store: this,
      clock,
      log,
      ...(every === undefined ? {} : { every }),
    })
    return this
  }

  get revision(): number {
    return this.#mirror.tree.revision
  }

  get compactedRevision(): number {
    return this.#mirror.tree.compactedRevision
  }

  async get(key: string, options: { revision?: number } = {}): Promise<StoredValue | undefined> {
    return this.#mirror.tree.get(key, options.revision)
  }

  async range(prefix: string, options: RangeOptions = {}): Promise<RangeResult> {
    return this.#mirror.tree.range(prefix, options)
  }

  create(key: string, value: Uint8Array, unless?: Unless): Promise<StoredValue> {
    return this.#write(key, 0, value, unless)
  }

  update(key: string, value: Uint8Array, expectedRevision: number, unless?: Unless): Promise<StoredValue> {
    return this.#write(key, expectedRevision, value, unless)
  }

  delete(key: string, expectedRevision: number): Promise<StoredValue> {
    return this.#write(key, expectedRevision, undefined)
  }

  /** `expected` 0: the key must not be there. */
  async #write(key: string, expected: number, value: Uint8Array | undefined, unless?: Unless): Promise<StoredValue> {
    if (this.#closed) throw new StoreBrokenError('the store is closed')
    return this.#order.run(key, async () => {
      if (value) this.#inFlight.add(key, value)
      try {
        const answer = await this.#client.write({
          key: this.#keys.toEtcd(key),
          expected,
          value,
          unless: unless && { ...unless, prefix: this.#keys.toEtcd(unless.prefix) },
        })
        const actual = answer.present?.modRevision
        if (unless && !answer.succeeded && (actual ?? 0) === expected) {
          await this.#mirror.reached(answer.revision)
          throw new OvertakenError(key, unless)
        }
        // A writer that lost also waits until it can see what was first: it will try again on that.
        const known = answer.succeeded ? answer.revision : actual
        await (known === undefined ? this.#mirror.reached(answer.revision) : this.#mirror.knows(key, known))
        if (answer.succeeded) return this.#written(key, answer.revision, value)
        throw expected === 0 ? new KeyExistsError(key) : new RevisionMismatchError(key, expected, actual)
      } finally {
        this.#inFlight.remove(key)
      }
    })
  }

  /** A write that came back; one that was compacted meanwhile is made up again. */
  #written(key: string, revision: number, value: Uint8Array | undefined): StoredValue {
    const found = this.#mirror.tree.revisions(key).findLast(({ stored }) => stored.modRevision === revision)
    return (
      found?.stored ??
      new KeptValue({ key, createRevision: revision, modRevision: revision }, value ?? new Uint8Array())
    )
  }

  #publish(events: readonly StoreEvent[]): void {
    for (const observer of this.#observers) observer(events)
    for (const [watch, prefix] of this.#watches) {
      watch.push(prefix === '' ? events : events.filter((event) => event.current.key.startsWith(prefix)))
    }
  }

  watch(prefix: string, options: { from?: number } = {}): Watch {
    const past = options.from === undefined ? [] : this.#mirror.tree.since(options.from, prefix)
    const queue: WatchQueue = new WatchQueue(() => this.#watches.delete(queue))
    queue.push(past)
    this.#watches.set(queue, prefix)
    return queue
  }

  history(prefix: string, from: number): readonly StoreEvent[] {
    return this.#mirror.tree.since(from, prefix)
  }

  revisions(key: string): readonly StoredRevision[] {
    return this.#mirror.tree.revisions(key)
  }

  /** etcd keeps no times: known are those of what happened since this store was opened. */
  timeOf(revision: number): number | undefined {
    const { tree } = this.#mirror
    return revision > tree.revision ? undefined : tree.times.of(revision)
  }

  revisionAt(time: number): number | undefined {
    const { tree } = this.#mirror
    return tree.times.revisionAt(time, tree.revision)
  }

  get historyBegins(): number | undefined {
    return this.#mirror.tree.times.first
  }

  observe(listener: (events: readonly StoreEvent[]) => void): () => void {
    this.#observers.add(listener)
    return () => this.#observers.delete(listener)
  }

  caughtUp(): Promise<void> {
    return this.#mirror.caughtUp()
  }

  async check(): Promise<void> {
    await this.#client.range({ key: this.#keys.prefix, countOnly: true }, CHECK)
  }

  async compact(revision: number): Promise<void> {
    const { tree } = this.#mirror
    if (revision <= tree.compactedRevision) return
    if (revision > tree.revision) throw new FutureRevisionError(revision, tree.revision)
    try {
      await this.#client.compact(revision)
    } catch (error) {
      // Another instance was first.
      if (!isCompacted(error)) throw error
    }
    tree.compact(revision)
  }

  /** What etcd's own compaction, by whomever, has left behind is let go of here. */
  forget(revision: number): void {
    this.#mirror.tree.compact(Math.min(revision, this.revision))
  }

  async snapshot(path: string): Promise<void> {
    await this.#mirror.caughtUp()
    writeState(this.#mirror.tree, path)
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#stopCompacting?.()
    await this.#order.idle()
    for (const watch of this.#watches.keys()) watch.close()
    await this.#mirror.close()
  }
}
