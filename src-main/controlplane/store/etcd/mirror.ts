/**
 * What etcd holds below a prefix, in memory, with as much of the past as etcd keeps: read once, then followed by one watch. All reads and watches of
 * the API are served from here; only writes, and the question how far the others are, go to etcd. Asking etcd for each read was rejected: lists and
 * caches want whole collections, and a watch for each watcher would be etcd's load instead of ours.
 */
import type { Clock } from '../../../../src-kube/machinery/clock.ts'
import { KeptValue } from '../kept-value.ts'
import { placeBytes } from '../slab.ts'
import { StoreBrokenError, type StoreEvent } from '../store.ts'
import { VersionedTree } from '../versioned-tree.ts'
import type { EtcdClient, EtcdWatch } from './client.ts'
import { EtcdError, isCompacted, timedOut } from './errors.ts'
import { endOf, type KeyMap } from './keys.ts'
import type { EtcdValue, WatchEvent, WatchResponse } from './messages.ts'

/** What is followed of an etcd, and who hears of it. */
export interface MirrorOptions {
  client: EtcdClient
  keys: KeyMap
  clock: Clock
  /** Other bytes to keep for a value that are the same: those that its writer already holds. */
  adopt?: ((key: string, bytes: Uint8Array) => Uint8Array | undefined) | undefined
  /** Hears of all that happens, in order, once {@link Mirror.tree} shows it. */
  publish: (events: readonly StoreEvent[]) => void
  /** Hears why the watch ended, when it was not asked to. */
  log: (message: string, error: unknown) => void
  /** Milliseconds to wait for a revision. Default 7 s. */
  patience?: number | undefined
}

/** Values that are read at once. */
const PAGE = 500
/** Milliseconds that reading everything may take. */
const LOADING = 120_000
/**
 * Milliseconds that events have to come by themselves before progress is asked for: mostly they are on their way, and in etcd before 3.4.25 and 3.5.8 the
 * answer may overtake them.
 */
const ON_THEIR_WAY = 5
/** Milliseconds before a watch that ended is begun again, and before progress is asked for again. */
const AGAIN = 100

/** Its members answer with what a majority has, so that revisions only grow, unless somebody put an older state in their place. */
const wentBack = (from: number, to: number): StoreBrokenError =>
  new StoreBrokenError(`etcd went back from revision ${from} to ${to}, as after a restore: start the cluster again`)

interface Waiter {
  isOver: () => boolean
  resolve: () => void
}

/** Empty until {@link Mirror.open} has read everything; from then on as far as etcd's watch has told, which {@link Mirror.caughtUp} waits for. */
export class Mirror {
  #tree = new VersionedTree()
  readonly #options: MirrorOptions
  readonly #patience: number
  #watch: EtcdWatch | undefined
  readonly #waiters = new Set<Waiter>()
  #parts: WatchEvent[] = []
  /** The oldest revision that etcd keeps, when it told that it cannot watch from where we are. */
  #forgotten = 0
  /** The revision of the latest event: the next watch begins after it, not after what progress told, which may have overtaken others. */
  #heard = 0
  #live = false
  #closed = false
  #following: Promise<void> | undefined
  #looking: Promise<void> | undefined
  #nextLook: Promise<void> | undefined

  constructor(options: MirrorOptions) {
    this.#options = options
    this.#patience = options.patience ?? 7_000
  }

  get tree(): VersionedTree {
    return this.#tree
  }

  /** Reads everything, and follows from then on. Throws `EtcdError`. */
  async open(): Promise<void> {
    const { client, keys } = this.#options
    // Also says at once, and in its own words, why etcd cannot be used.
    const { revision } = await client.range({ key: keys.prefix, countOnly: true })
    this.#following = this.#follow()
    await this.reached(revision, LOADING)
    this.#live = true
  }

  /** Resolves when all is here that was written anywhere before the call. Those who ask at the same time share one question. */
  caughtUp(): Promise<void> {
    if (!this.#looking) return (this.#looking = this.#look())
    // A question that is on its way may have been answered already without the latest writes.
    this.#nextLook ??= this.#looking
      .catch(() => {})
      .then(() => {
        this.#nextLook = undefined
        return (this.#looking = this.#look())
      })
    return this.#nextLook
  }

  async #look(): Promise<void> {
    const before = this.#tree.revision
    try {
      const { revision } = await this.#options.client.range({ key: this.#options.keys.prefix, countOnly: true })
      if (revision < before) throw wentBack(before, revision)
      await this.reached(revision)
    } finally {
      if (!this.#nextLook) this.#looking = undefined
    }
  }

  /** Resolves when {@link tree} is at least as new as a revision of etcd. Throws `EtcdError` when that takes too long. */
  async reached(revision: number, patience?: number): Promise<void> {
    const isOver = (): boolean => this.#tree.revision >= revision
    if (isOver()) return
    const stop = this.#keepAsking()
    try {
      await this.#until(isOver, patience)
    } finally {
      stop()
    }
  }

  /** Resolves when {@link tree} knows of a write of a key. Throws as {@link reached}. */
  async knows(key: string, revision: number): Promise<void> {
    const isOver = (): boolean =>
      (this.#tree.lastRevision(key) ?? 0) >= revision || this.#tree.compactedRevision >= revision
    if (!isOver()) await this.#until(isOver)
  }

  async #until(isOver: () => boolean, patience = this.#patience): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const waiter = { isOver, resolve }
    this.#waiters.add(waiter)
    const timer = this.#options.clock.after(patience, () => reject(timedOut()))
    try {
      await promise
    } finally {
      timer.cancel()
      this.#waiters.delete(waiter)
    }
  }

  /**
   * Asks how far the watch is, again and again: the revision that is waited for may be of other keys, of which it tells nothing by itself, and while it
   * catches up it does not answer. Returns the end of it.
   */
  #keepAsking(): () => void {
    const { clock } = this.#options
    const ask = (): void => {
      this.#watch?.askProgress()
      timer = clock.after(AGAIN, ask)
    }
    let timer = clock.after(ON_THEIR_WAY, ask)
    return () => timer.cancel()
  }

  async #follow(): Promise<void> {
    while (!this.#closed) {
      try {
        await this.#watchOnce()
        if (this.#forgotten > 0) await this.#read()
        else if (!this.#closed) await this.#pause()
      } catch (error) {
        if (!this.#closed) this.#options.log('the watch of etcd ended', error)
        await this.#pause()
      }
    }
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => this.#options.clock.after(AGAIN, resolve))
  }

  async #watchOnce(): Promise<void> {
    const { client, keys } = this.#options
    const { prefix } = keys
    this.#parts = []
    const request = { key: prefix, end: endOf(prefix), startRevision: this.#heard + 1 }
    const watch = await client.watch(request, (response) => this.#take(response))
    this.#watch = watch
    if (this.#closed) watch.close()
    const error = await watch.ended
    this.#watch = undefined
    if (error) throw error
  }

  #take(response: WatchResponse): void {
    const { canceled, compactRevision, created, fragment, events, revision, reason } = response
    if (canceled) {
      this.#forgotten = compactRevision
      if (compactRevision === 0) this.#options.log('etcd canceled the watch', new EtcdError(0, reason))
      return this.#watch?.close()
    }
    // In its answer to the creation, and beside events, the revision says nothing of what we have.
    if (events.length === 0 && !created) this.#tree.advance(revision)
    this.#parts.push(...events)
    if (!fragment && this.#parts.length > 0) {
      this.#apply(this.#parts)
      this.#parts = []
    }
    this.#wake()
  }

  #apply(events: readonly WatchEvent[]): void {
    const now = this.#options.clock.now()
    const applied: StoreEvent[] = []
    for (const { deleted, value } of events) {
      this.#heard = Math.max(this.#heard, value.modRevision)
      const event = this.#applyOne(value, deleted)
      if (event) applied.push(event)
    }
    const [first] = applied
    if (!first) return
    if (this.#live) this.#tree.times.note(first.current.modRevision, now)
    this.#options.publish(applied)
  }

  #applyOne({ key: etcdKey, modRevision, ...rest }: EtcdValue, deleted: boolean): StoreEvent | undefined {
    const key = this.#options.keys.fromEtcd(etcdKey)
    if (key === undefined) return undefined
    if (!deleted) {
      const { createRevision } = rest
      return this.#tree.apply(new KeptValue({ key, createRevision, modRevision }, this.#bytes(key, rest.value)), 'put')
    }
    const last = this.#tree.get(key)
    if (!last) return undefined
    const { createRevision, value } = last
    return this.#tree.apply(new KeptValue({ key, createRevision, modRevision }, value, last.modRevision), 'delete')
  }

  /** Bytes of their own: what came is part of a larger message. */
  #bytes(key: string, came: Uint8Array): Uint8Array {
    const known = this.#options.adopt?.(key, came)
    if (known) return known
    const placed = placeBytes(came)
    return placed === came ? new Uint8Array(came) : placed
  }

  #wake(): void {
    for (const waiter of this.#waiters) if (waiter.isOver()) waiter.resolve()
  }

  /**
   * Reads the state, since the way to it is forgotten. At the start that of the oldest revision that etcd keeps, after which the watch tells the rest of
   * the past; later the newest, and what it differs in counts as having happened just now.
   */
  async #read(): Promise<void> {
    const oldest = this.#forgotten
    const fresh = this.#tree.revision === 0
    try {
      const { values, revision } = await this.#readAll(fresh ? oldest : undefined)
      this.#forgotten = 0
      if (fresh) this.#tree = new VersionedTree(revision, revision)
      const gone = fresh ? [] : this.#missing(values)
      const changed = values.filter((value) => this.#isNews(value)).sort((a, b) => a.modRevision - b.modRevision)
      const events = changed.map((value) => ({ deleted: false, value }))
      this.#tree.advance(revision)
      this.#apply([...events, ...gone.map((value) => ({ deleted: true, value: { ...value, modRevision: revision } }))])
      this.#tree.compact(revision)
      this.#heard = revision
      this.#wake()
    } catch (error) {
      // It was compacted again while we read: the next watch tells what is the oldest now.
      if (!isCompacted(error)) throw error
      this.#forgotten = 0
    }
  }

  async #readAll(revision: number | undefined): Promise<{ values: EtcdValue[]; revision: number }> {
    const { client, keys } = this.#options
    const end = endOf(keys.prefix)
    const values: EtcdValue[] = []
    let key = keys.prefix
    for (let at = revision; ;) {
      const page = await client.range({ key, end, limit: PAGE, revision: at })
      at ??= page.revision
      values.push(...page.values)
      if (!page.more) return { values, revision: at }
      key = `${page.values.at(-1)!.key}\0`
    }
  }

  #isNews({ key, modRevision }: EtcdValue): boolean {
    const ours = this.#options.keys.fromEtcd(key)
    return ours !== undefined && this.#tree.get(ours)?.modRevision !== modRevision
  }

  #missing(values: readonly EtcdValue[]): EtcdValue[] {
    const there = new Set(values.map(({ key }) => key))
    const { keys } = this.#options
    return [...this.#tree.newest()]
      .map(({ key, createRevision, modRevision, value }) => ({
        key: keys.toEtcd(key),
        createRevision,
        modRevision,
        value,
      }))
      .filter(({ key }) => !there.has(key))
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#watch?.close()
    this.#options.client.close()
    await this.#following
  }
}
