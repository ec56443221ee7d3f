/**
 * The watch cache. Gets, lists of the newest state and watches are answered from here and never touch the store: it holds the current entry of
 * every key, in order, and the latest changes, which serve watches that resume. One entry a revision is shared by all who read it, so that it
 * is parsed, and converted for another version, once however many ask (entry.ts).
 *
 * It is fed within the store's own commit, not by a watch of it: when a write is acknowledged the cache has it already, and a reader is never
 * behind its own writes. Only a store that several instances share must be asked first how far the others are (shared.ts).
 *
 * It costs memory: the objects that somebody looked at, parsed, beside their bytes. Older revisions keep their bytes alone; what the window does
 * not hold is read from the store's history.
 */
import type { KindDescriptor } from '../../../src-kube/kinds/descriptor.ts'
import { SortedKeys } from '../store/sorted-keys.ts'
import type { Store, StoredValue, StoreEvent } from '../store/store.ts'
import { entryOf, forgetEntry, rememberEntry, StoredEntry } from './entry.ts'
import { prefixOf } from './keys.ts'

/** A change of one object: `previous` is absent for a creation, `entry` of a delete carries the last state at the delete's revision. */
export interface Change {
  type: 'put' | 'delete'
  entry: StoredEntry
  previous: StoredEntry | undefined
  key: string
}

const departures = new WeakMap<StoredEntry, StoredEntry>()

/** What a watcher is sent when an object leaves its selection: the last state that it saw, at the revision of the change. One for all watchers. */
export function departure({ entry, previous }: Change, descriptor: KindDescriptor): StoredEntry {
  let found = departures.get(entry)
  if (!found) {
    const { key, value, createRevision } = (previous ?? entry).stored
    const stored = { key, value, createRevision, modRevision: entry.revision }
    departures.set(entry, (found = new StoredEntry(stored, descriptor)))
  }
  return found
}

/** Changes that are kept for watches that resume; older ones are read from the store. */
const WINDOW = 500

/** Everything of one resource as the store has it now, in key order, and its latest changes. */
export class ResourceCache {
  readonly descriptor: KindDescriptor
  readonly #entries = new Map<string, StoredEntry>()
  readonly #keys = new SortedKeys()
  readonly #listeners = new Set<(changes: readonly Change[]) => void>()
  readonly #enders = new Set<() => void>()
  #recent: Change[] = []
  /** Changes after this revision are all in {@link #recent}. */
  #from = 0

  constructor(descriptor: KindDescriptor) {
    this.descriptor = descriptor
  }

  /** Answers the revision that was read. */
  async load(store: Store): Promise<number> {
    const { items, revision } = await store.range(prefixOf(this.descriptor))
    for (const stored of items) this.#put(stored)
    this.#from = revision
    return revision
  }

  #put(stored: StoredValue): StoredEntry {
    const entry = rememberEntry(stored, this.descriptor)
    if (!this.#entries.has(stored.key)) this.#keys.add(stored.key)
    this.#entries.set(stored.key, entry)
    return entry
  }

  /** Takes the events of one commit that concern this resource. */
  apply(events: readonly StoreEvent[]): void {
    const changes = events.map(({ type, current, previous }): Change => {
      const key = current.key
      const before = previous && entryOf(previous, this.descriptor)
      if (type === 'put') return { type, entry: this.#put(current), previous: before, key }
      this.#entries.delete(key)
      this.#keys.delete(key)
      return { type, entry: rememberEntry(current, this.descriptor), previous: before, key }
    })
    this.#recent.push(...changes)
    if (this.#recent.length > 2 * WINDOW) {
      const dropped = this.#recent.splice(0, this.#recent.length - WINDOW)
      this.#from = dropped.at(-1)!.entry.revision
      dropped.forEach(forgetSuperseded)
    }
    for (const listener of this.#listeners) listener(changes)
  }

  get(key: string): StoredEntry | undefined {
    return this.#entries.get(key)
  }

  get size(): number {
    return this.#entries.size
  }

  /** Entries whose key starts with the prefix, strictly after `after`, in order. */
  *from(prefix: string, after?: string): Generator<StoredEntry> {
    for (const key of this.#keys.from(prefix, after)) yield this.#entries.get(key)!
  }

  /** Changes after a revision; undefined when the window does not reach back so far. */
  since(revision: number): readonly Change[] | undefined {
    if (revision < this.#from) return undefined
    return this.#recent.filter((change) => change.entry.revision > revision)
  }

  listen(listener: (changes: readonly Change[]) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Called when the resource goes or takes another form: clients list and watch anew. */
  onEnd(call: () => void): () => void {
    this.#enders.add(call)
    return () => this.#enders.delete(call)
  }

  endWatches(): void {
    for (const call of this.#enders) call()
  }
}

function forgetSuperseded({ type, entry, previous }: Change): void {
  if (previous) forgetEntry(previous)
  if (type === 'delete') forgetEntry(entry)
}
