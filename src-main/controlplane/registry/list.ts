import { badRequest, expired, StatusError } from '../../../src-kube/machinery/errors.ts'
import { CompactedError, type Store } from '../store/store.ts'
import type { Core } from './context.ts'
import { continuationOf, expiredToken, isTooOld, token } from './continuation.ts'
import { entryOf, type StoredEntry } from './entry.ts'
import { prefixOf, rangeOf } from './keys.ts'
import type { EntryList, ListOptions, Target } from './registry.ts'
import { selection, type Selection } from './selection.ts'

/** What reading needs. */
export type Sources = Pick<Core, 'caches' | 'store' | 'clock'>

/** Milliseconds a reader waits for a revision that is not there yet. */
const WAIT = 3_000
/** Values read at once when a selector decides which of them are shown. */
const STEP = 500

/** Lists (kubernetes.io, "Kubernetes API Concepts: Retrieving large results sets in chunks; resource versions"). */
export async function listEntries(core: Sources, target: Target, options: ListOptions): Promise<EntryList> {
  const { caches, store } = core
  const chosen = selection(target.descriptor, options.labels, options.fields)
  // A limit of 0 is none (kubernetes.io, ListOptions).
  if (options.limit !== undefined && options.limit <= 0)
    return listEntries(core, target, { ...options, limit: undefined })
  if (options.continue) return continued(core, target, options)
  const exact =
    options.resourceVersionMatch === 'Exact' ||
    (options.limit !== undefined &&
      options.resourceVersionMatch !== 'NotOlderThan' &&
      Number(options.resourceVersion ?? 0) > 0)
  const asked = revisionOf(options.resourceVersion)
  if (asked > store.revision) await reached(core, asked)
  if (exact && asked > 0 && asked !== store.revision) return atRevision(core, target, { ...options, revision: asked })
  const revision = store.revision
  const found: StoredEntry[] = []
  let more = 0
  for (const entry of caches.of(target.descriptor).from(rangeOf(target.descriptor, target.namespace))) {
    if (chosen && !chosen(entry.object)) continue
    if (options.limit === undefined || found.length < options.limit) found.push(entry)
    else more++
    // What remains is counted only for lists without selectors.
    if (chosen && more > 0) break
  }
  return {
    entries: found,
    resourceVersion: String(revision),
    ...(more > 0 ? { continue: token(core, target, revision, found.at(-1)!) } : {}),
    ...(more > 0 && !chosen ? { remainingItemCount: more } : {}),
  }
}

/** The revision that a reader names, 0 for none; throws 400 for anything but an unsigned whole number. */
export function revisionOf(text = ''): number {
  if (text === '') return 0
  if (/^\d+$/.test(text)) return Number(text)
  const quoted = JSON.stringify(text)
  throw badRequest(`resourceVersion: Invalid value: ${quoted}: strconv.ParseUint: parsing ${quoted}: invalid syntax`)
}

/** Waits until the store has come to a revision another replica or a faster reader has seen. */
export async function reached({ caches, store, clock }: Sources, revision: number): Promise<void> {
  let late = false
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = clock.after(WAIT, () => {
    late = true
    resolve()
  })
  while (store.revision < revision && !late) await Promise.race([caches.nextCommit(), promise])
  timer.cancel()
  if (store.revision >= revision) return
  const message = `Timeout: Too large resource version: ${revision}, current: ${store.revision}`
  throw new StatusError(504, 'Timeout', message, {
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
    retryAfterSeconds: 1,
  })
}

function continued(core: Sources, target: Target, options: ListOptions): Promise<EntryList> {
  const continuation = continuationOf(options.continue!)
  const { rv, start } = continuation
  if (options.resourceVersion && options.resourceVersion !== '0')
    throw badRequest('specifying resource version is not allowed when using continue')
  if (isTooOld(core, continuation)) throw expiredToken(start)
  return atRevision(core, target, {
    ...options,
    ...(rv > 0 ? { revision: rv } : {}),
    after: prefixOf(target.descriptor) + start,
  })
}

/** A page of the past, read from the store. Selectors may leave pages smaller than the limit only at the end. */
async function atRevision(
  core: Sources,
  target: Target,
  options: ListOptions & { revision?: number; after?: string },
): Promise<EntryList> {
  const { descriptor } = target
  const chosen = selection(descriptor, options.labels, options.fields)
  try {
    const { entries, revision, more, remaining } = await page(core.store, target, chosen, options)
    return {
      entries,
      resourceVersion: String(revision),
      ...(more ? { continue: token(core, target, revision, entries.at(-1)!) } : {}),
      ...(more && !chosen ? { remainingItemCount: remaining } : {}),
    }
  } catch (error) {
    if (!(error instanceof CompactedError)) throw error
    if (options.after) throw expiredToken(options.after.slice(prefixOf(descriptor).length))
    throw expired(`The resourceVersion for the provided list is too old.`)
  }
}

interface Page {
  entries: StoredEntry[]
  revision: number
  more: boolean
  /** Keys after the page's last one, chosen or not. */
  remaining: number
}

/** Reads in steps until the page is full and one chosen entry more is known, so that a long past is never held at once. */
async function page(
  store: Store,
  { descriptor, namespace }: Target,
  chosen: Selection,
  options: ListOptions & { revision?: number; after?: string },
): Promise<Page> {
  const { limit } = options
  const step = limit === undefined ? undefined : chosen ? Math.max(limit, STEP) : limit
  const entries: StoredEntry[] = []
  let { after, revision } = options
  for (;;) {
    const range = { ...(revision ? { revision } : {}), ...(after ? { after } : {}), ...(step ? { limit: step } : {}) }
    const read = await store.range(rangeOf(descriptor, namespace), range)
    revision = read.revision
    for (const stored of read.items) {
      const entry = entryOf(stored, descriptor)
      if (chosen && !chosen(entry.object)) continue
      if (entries.length === limit) return { entries, revision, more: true, remaining: read.remaining }
      entries.push(entry)
    }
    const { remaining } = read
    if (remaining === 0) return { entries, revision, more: false, remaining }
    if (!chosen && entries.length === limit) return { entries, revision, more: true, remaining }
    after = read.items.at(-1)!.key
  }
}
