import type { KindDescriptor } from '../../../src-kube/kinds/descriptor.ts'
import type { Clock } from '../../../src-kube/machinery/clock.ts'
import { expired } from '../../../src-kube/machinery/errors.ts'
import { CompactedError, type Store } from '../store/store.ts'
import type { Caches } from './caches.ts'
import { entryOf, type StoredEntry } from './entry.ts'
import { EventQueue } from './event-queue.ts'
import { prefixOf, rangeOf } from './keys.ts'
import { revisionOf, type Sources } from './list.ts'
import type { RegistryEvent, Target, WatchOptions } from './registry.ts'
import { departure, type Change } from './resource-cache.ts'
import { selection, type Selection } from './selection.ts'

/** Milliseconds between bookmarks of a quiet watch. */
const BOOKMARK_INTERVAL = 60_000
/** Events that may wait for a slow reader before it is sent away to list anew. */
const MOST_WAITING = 20_000

/**
 * Watches (kubernetes.io, "Kubernetes API Concepts: Efficient detection of changes"; KEP-3157 for initial events). A watch from a revision
 * that is not there yet begins at once and tells what comes after it.
 */
export async function watchEntries(
  core: Sources,
  target: Target,
  options: WatchOptions,
): Promise<AsyncIterable<readonly RegistryEvent[]>> {
  const { caches, store, clock } = core
  const { descriptor, namespace } = target
  const chosen = selection(descriptor, options.labels, options.fields)
  const asked = revisionOf(options.resourceVersion)
  const initial = options.sendInitialEvents ?? asked === 0
  const prefix = rangeOf(descriptor, namespace)
  const cache = caches.of(descriptor)
  const future = !initial && asked > store.revision
  const inRange = namespace === '' ? undefined : (change: Change): boolean => change.key.startsWith(prefix)

  // Nothing is awaited from here on: what is sent first and what is listened to meet at one revision.
  const visible = (changes: readonly Change[]): RegistryEvent[] =>
    translate(inRange ? changes.filter(inRange) : changes, chosen, descriptor)
  let first: RegistryEvent[] = []
  if (initial) first = existing(cache.from(prefix), chosen)
  else if (asked > 0 && !future) first = visible(past(caches, store, target, asked))
  const most = MOST_WAITING + first.length
  const queue = new EventQueue<RegistryEvent>(most)
  const bookmark = (facts: { initialEventsEnd: boolean }): RegistryEvent => ({
    type: 'BOOKMARK',
    revision: store.revision,
    ...facts,
  })
  queue.onClose(
    cache.listen((all) => {
      const changes = future ? all.filter(({ entry }) => entry.revision > asked) : all
      if (!queue.push(visible(changes))) queue.fail(expired(`too old resource version: the watcher is too far behind`))
    }),
  )
  const marked = (): boolean => store.revision < asked || queue.push([bookmark({ initialEventsEnd: false })])
  if (options.bookmarks) queue.onClose(every(clock, BOOKMARK_INTERVAL, marked))
  queue.onClose(cache.onEnd(() => queue.close()))
  queue.closeWith(options.signal)
  queue.push(first)
  if (initial && options.sendInitialEvents && options.bookmarks)
    queue.onClose(whenReached(core, asked, () => queue.push([bookmark({ initialEventsEnd: true })])))
  return queue
}

/** Calls once the store has come to a revision, at once when it has. Answers a function that gives up. */
function whenReached({ caches, store }: Sources, revision: number, call: () => void): () => void {
  let waits = true
  const look = (): void => {
    if (!waits) return
    if (store.revision >= revision) call()
    else void caches.nextCommit().then(look)
  }
  look()
  return () => {
    waits = false
  }
}

function existing(entries: Iterable<StoredEntry>, chosen: Selection): RegistryEvent[] {
  const events: RegistryEvent[] = []
  for (const entry of entries) if (!chosen || chosen(entry.object)) events.push({ type: 'ADDED', entry })
  return events
}

/** Changes after a revision: from the cache's window, else from the store's history. Throws 410 when that is gone too. */
function past(caches: Caches, store: Store, { descriptor }: Target, revision: number): readonly Change[] {
  const recent = caches.of(descriptor).since(revision)
  if (recent) return recent
  try {
    return store.history(prefixOf(descriptor), revision).map(({ type, current, previous }) => ({
      type,
      entry: entryOf(current, descriptor),
      previous: previous && entryOf(previous, descriptor),
      key: current.key,
    }))
  } catch (error) {
    if (error instanceof CompactedError)
      throw expired(`too old resource version: ${revision} (${store.compactedRevision + 1})`)
    throw error
  }
}

/** What a watcher with this selection sees: an object that comes to match is added, one that no longer does is deleted. */
function translate(changes: readonly Change[], chosen: Selection, descriptor: KindDescriptor): RegistryEvent[] {
  const events: RegistryEvent[] = []
  const tellsPrevious = descriptor.conversion !== undefined
  for (const change of changes) {
    const { type, entry, previous } = change
    if (type === 'delete') {
      if (!chosen || chosen((previous ?? entry).object))
        events.push(tellsPrevious ? { type: 'DELETED', entry, previous } : { type: 'DELETED', entry })
      continue
    }
    if (!chosen) {
      const seen = previous ? 'MODIFIED' : 'ADDED'
      events.push(tellsPrevious ? { type: seen, entry, previous } : { type: seen, entry })
      continue
    }
    const now = chosen(entry.object)
    const before = previous !== undefined && chosen(previous.object)
    if (now) events.push({ type: before ? 'MODIFIED' : 'ADDED', entry })
    else if (before) events.push({ type: 'DELETED', entry: departure(change, descriptor) })
  }
  return events
}

function every(clock: Clock, interval: number, call: () => void): () => void {
  let timer = clock.after(interval, tick)
  function tick(): void {
    call()
    timer = clock.after(interval, tick)
  }
  return () => timer.cancel()
}
