import { expired, notFound } from '../../../src-kube/machinery/errors.ts'
import type { Store } from '../store/store.ts'
import { nameOf, type Core } from './context.ts'
import { entryOf } from './entry.ts'
import { keyOf, prefixOf, rangeOf } from './keys.ts'
import type { Entry, Target } from './registry.ts'

/** A revision and when it was committed, milliseconds since the epoch. */
export interface Moment {
  readonly revision: number
  readonly time: number
}

/** One write of an object. */
export interface PastRevision {
  /** `delete`: the entry is what was taken away, at the revision of the delete. */
  readonly type: 'put' | 'delete'
  readonly entry: Entry
  /** When it was committed, milliseconds since the epoch; undefined for what stood there already when the history that is kept begins. */
  readonly time: number | undefined
}

/** Versions of one object that the store's history keeps. */
export interface PastRevisions {
  /** Newest first. */
  readonly revisions: readonly PastRevision[]
  /** Whether older ones are kept. */
  readonly more: boolean
}

/** An object that is gone. */
export interface Deletion extends Moment {
  /** `` for cluster-scoped kinds. */
  readonly namespace: string
  readonly name: string
}

/** What is kept of the past, as it can be asked for. Nothing of this is known to Kubernetes. */
export interface Past {
  /** The moments between which lists can be read as they were; undefined while nothing is written. */
  bounds(): { readonly begins: Moment; readonly now: Moment } | undefined
  /** The newest revision at a time. Throws 410 when it is not kept any more. */
  at(time: number): Moment
  /** How many writes there were in each of so many equal parts of the time between two moments; none before the history that is kept. */
  writes(from: number, to: number, parts: number): number[]
  /** Objects of a collection that were deleted within the history that is kept and were not made again, the last one first. */
  deletionsOf(target: Pick<Target, 'descriptor' | 'namespace'>): Deletion[]
  /**
   * The writes of an object that are kept, of all objects that had its name.
   * Throws 404 when there are none.
   *
   * @param options.before only those before this revision
   */
  revisionsOf(target: Target, options: { limit: number; before?: number | undefined }): Promise<PastRevisions>
}

/** Reads what the store still remembers. Throws `StatusError` 410 for a moment before that. */
export function createPast(core: Pick<Core, 'store' | 'conversions' | 'caches'>): Past {
  const { store } = core
  return {
    bounds: () => boundsOf(store),
    at(time) {
      const revision = store.revisionAt(time)
      const committed = revision === undefined ? undefined : store.timeOf(revision)
      if (revision === undefined || committed === undefined) throw tooOld(store, time)
      return { revision, time: committed }
    },
    writes(from, to, parts) {
      const at = (part: number): number =>
        store.revisionAt(from + ((to - from) * part) / parts) ?? store.compactedRevision
      return Array.from({ length: parts }, (_, part) => at(part + 1) - at(part))
    },
    deletionsOf: (target) => deletionsOf(core, target),
    async revisionsOf(target, { limit, before = Infinity }) {
      const { descriptor, namespace, name } = target
      const kept = store.revisions(keyOf(descriptor, namespace, name))
      if (kept.length === 0) throw notFound(nameOf(target), name)
      const asked = kept.filter(({ stored }) => stored.modRevision < before)
      const shown = asked.slice(-limit).reverse()
      const entries = await viewsOf(
        core,
        target,
        shown.map(({ stored }) => entryOf(stored, descriptor)),
      )
      const revisions = shown.map(({ stored, deleted }, i): PastRevision => ({
        type: deleted ? 'delete' : 'put',
        entry: entries[i]!,
        time: store.timeOf(stored.modRevision),
      }))
      return { revisions, more: asked.length > shown.length }
    },
  }
}

async function viewsOf(
  { conversions }: Pick<Core, 'conversions'>,
  target: Target,
  entries: readonly Entry[],
): Promise<readonly Entry[]> {
  return target.descriptor.conversion ? conversions.views(target, entries) : entries
}

function deletionsOf(
  { store, caches }: Pick<Core, 'store' | 'caches'>,
  { descriptor, namespace }: Pick<Target, 'descriptor' | 'namespace'>,
): Deletion[] {
  const now = caches.of(descriptor)
  const found = new Map<string, Deletion>()
  for (const { type, current } of store.history(rangeOf(descriptor, namespace), store.compactedRevision)) {
    const { key, modRevision: revision } = current
    const time = store.timeOf(revision)
    if (type !== 'delete' || time === undefined || now.get(key)) continue
    const names = key.slice(prefixOf(descriptor).length).split('/')
    // The last deletion of a name comes last.
    found.delete(key)
    found.set(key, { revision, time, name: names.at(-1)!, namespace: names.length > 1 ? names[0]! : '' })
  }
  return [...found.values()].reverse()
}

function boundsOf(store: Store): ReturnType<Past['bounds']> {
  const time = store.historyBegins
  const last = store.timeOf(store.revision)
  if (time === undefined || last === undefined) return undefined
  return { begins: { revision: store.revisionAt(time)!, time }, now: { revision: store.revision, time: last } }
}

function tooOld(store: Store, time: number) {
  const begins = store.historyBegins
  const kept = begins === undefined ? 'nothing is kept yet' : `history is kept since ${new Date(begins).toISOString()}`
  return expired(`The cluster cannot be shown as it was at ${new Date(time).toISOString()}: ${kept}.`)
}
