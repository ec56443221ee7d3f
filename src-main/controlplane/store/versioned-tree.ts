import { CommitTimes } from './commit-times.ts'
import type { Archive, KeptValue } from './kept-value.ts'
import { PastValues } from './past-values.ts'
import { SortedKeys } from './sorted-keys.ts'
import {
  CompactedError,
  FutureRevisionError,
  type RangeOptions,
  type RangeResult,
  type StoredValue,
  type StoreEvent,
} from './store.ts'

/** A write at its revision; `value` undefined for a delete. */
export interface Change {
  revision: number
  key: string
  value: Uint8Array | undefined
  /** Revision that created the key (for a delete: that had created it). */
  createRevision: number
}

/** A write of one key, as {@link StoredRevision}. */
interface Version {
  readonly stored: KeptValue
  readonly deleted: boolean
}

/**
 * Every key's versions since the last compaction, the log of events in revision order, and when they were committed. Applying, reading the newest and
 * resuming a watch cost no more than the result; the past costs a search per key and, given an archive, a read of each value that is older than the latest few.
 */
export class VersionedTree {
  readonly #versions = new Map<string, Version[]>()
  readonly #keys = new SortedKeys()
  readonly times: CommitTimes
  #log: StoreEvent[] = []
  #revision: number
  #compacted: number
  #live = 0
  readonly #past: PastValues | undefined

  /** With an archive, what is superseded stays in memory for a while only. */
  constructor(revision = 0, compacted = 0, archive?: Archive) {
    this.#past = archive && new PastValues(archive)
    this.#revision = revision
    this.#compacted = compacted
    this.times = new CommitTimes(compacted)
  }

  get revision(): number {
    return this.#revision
  }

  get compactedRevision(): number {
    return this.#compacted
  }

  /** Number of keys that exist now. */
  get size(): number {
    return this.#live
  }

  /** Applies the next write; revisions must come in order. A replayed one that compaction left alone may lie before the compaction. */
  apply(current: KeptValue, type: StoreEvent['type']): StoreEvent {
    const deleted = type === 'delete'
    const { key, modRevision: revision } = current
    const last = this.#note(key, { stored: current, deleted })
    const previous = last && !last.deleted ? last.stored : undefined
    if (previous) this.#past?.add(previous)
    if (deleted) this.#past?.add(current)
    if (deleted && previous) this.#live--
    if (!deleted && !previous) this.#live++
    const event: StoreEvent = { type, current, previous }
    if (revision > this.#compacted) this.#log.push(event)
    this.#revision = Math.max(this.#revision, revision)
    return event
  }

  /** Nothing else was written up to `revision`: in a store that others share, revisions go by that are not of these keys. */
  advance(revision: number): void {
    this.#revision = Math.max(this.#revision, revision)
  }

  /** Adds a version of a key; answers the one before it. */
  #note(key: string, version: Version): Version | undefined {
    const versions = this.#versions.get(key)
    if (!versions) {
      // Most keys have one version: a list that has grown has room for sixteen more.
      this.#versions.set(key, [version])
      this.#keys.add(key)
      return undefined
    }
    versions.push(version)
    return versions.at(-2)
  }

  get(key: string, revision = this.#revision): KeptValue | undefined {
    this.#check(revision)
    return versionAt(this.#versions.get(key), revision)
  }

  /** What exists now, in no order. */
  *newest(): Generator<KeptValue> {
    for (const versions of this.#versions.values()) {
      const last = versions.at(-1)!
      if (!last.deleted) yield last.stored
    }
  }

  /** What is kept of a key, oldest first. */
  revisions(key: string): readonly Version[] {
    return this.#versions.get(key)?.slice() ?? []
  }

  /** When a key was last written or deleted; undefined when nothing of it is kept. */
  lastRevision(key: string): number | undefined {
    return this.#versions.get(key)?.at(-1)?.stored.modRevision
  }

  range(prefix: string, options: RangeOptions = {}): RangeResult {
    const revision = options.revision ?? this.#revision
    this.#check(revision)
    const items: StoredValue[] = []
    const limit = options.limit ?? Infinity
    let remaining = 0
    for (const key of this.#keys.from(prefix, options.after)) {
      const found = versionAt(this.#versions.get(key), revision)
      if (!found) continue
      if (items.length < limit) items.push(found)
      else remaining++
    }
    return { items, revision, remaining }
  }

  /** Events after `revision`, of keys with the prefix. */
  since(revision: number, prefix: string): StoreEvent[] {
    if (revision < this.#compacted) throw new CompactedError(revision, this.#compacted)
    let low = 0
    let high = this.#log.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#log[middle]!.current.modRevision <= revision) low = middle + 1
      else high = middle
    }
    const events = this.#log.slice(low)
    return prefix === '' ? events : events.filter((event) => event.current.key.startsWith(prefix))
  }

  compact(revision: number): void {
    if (revision <= this.#compacted) return
    if (revision > this.#revision) throw new FutureRevisionError(revision, this.#revision)
    for (const event of this.#log) {
      if (event.current.modRevision > revision) break
      this.#trim(event.current.key, revision)
    }
    this.#log = this.#log.filter((event) => event.current.modRevision > revision)
    this.#compacted = revision
    this.times.forget(revision)
  }

  /** Drops the versions of a key that nobody can ask for any more. */
  #trim(key: string, revision: number): void {
    const versions = this.#versions.get(key)
    if (!versions) return
    let newest = -1
    for (let i = 0; i < versions.length && versions[i]!.stored.modRevision <= revision; i++) newest = i
    if (newest < 0) return
    const from = versions[newest]!.deleted ? newest + 1 : newest
    versions.splice(0, from)
    if (versions.length > 0) return
    this.#versions.delete(key)
    this.#keys.delete(key)
  }

  #check(revision: number): void {
    if (revision < this.#compacted) throw new CompactedError(revision, this.#compacted)
    if (revision > this.#revision) throw new FutureRevisionError(revision, this.#revision)
  }
}

function versionAt(versions: readonly Version[] | undefined, revision: number): KeptValue | undefined {
  if (!versions) return undefined
  for (let i = versions.length - 1; i >= 0; i--) {
    const version = versions[i]!
    if (version.stored.modRevision <= revision) return version.deleted ? undefined : version.stored
  }
  return undefined
}
