import { badRequest, expired, StatusError, type StatusObject } from '../../../src-kube/machinery/errors.ts'
import { jsonFault } from '../../../src-kube/machinery/json-syntax.ts'
import { CompactedError, type Store } from '../store/store.ts'
import type { Core } from './context.ts'
import { entryOf, type StoredEntry } from './entry.ts'
import { prefixOf, rangeOf } from './keys.ts'
import type { EntryList, ListOptions, Target } from './registry.ts'
import { selection, type Selection } from './selection.ts'

interface Continuation {
  v: 'meta.k8s.io/v1'
  rv: number
  /** Key after which to go on, without the resource's prefix. */
  start: string
}

const EXPIRED =
  'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.'

/** 410 whose Status carries, in its metadata, a token for the remainder at the newest revision. */
class ExpiredContinueError extends StatusError {
  readonly continue: string

  constructor({ code, reason, message }: StatusError, token: string) {
    super(code, reason, message)
    this.continue = token
  }

  override toStatus(): StatusObject {
    return { ...super.toStatus(), metadata: { continue: this.continue } }
  }
}

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
  if (options.continue) return continued(store, target, options)
  const exact =
    options.resourceVersionMatch === 'Exact' ||
    (options.limit !== undefined &&
      options.resourceVersionMatch !== 'NotOlderThan' &&
      Number(options.resourceVersion ?? 0) > 0)
  const asked = revisionOf(options.resourceVersion)
  if (asked > store.revision) await reached(core, asked)
  if (exact && asked > 0 && asked !== store.revision) return atRevision(store, target, { ...options, revision: asked })
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
    ...(more > 0 ? { continue: token(target, revision, found.at(-1)!) } : {}),
    ...(more > 0 && !chosen ? { remainingItemCount: more } : {}),
  }
}

/** The revision that a reader names, 0 for none; throws 400 for anything but an unsigned whole number. */
export function revisionOf(text = ''): number {
  if (text === '') return 0
  if (/^\d+$/.test(text)) return Number(text)
  const quoted = JSON.stringify(text)
  throw badRequest(`Invalid value: ${quoted}: strconv.ParseUint: parsing ${quoted}: invalid syntax`)
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

function token({ descriptor }: Target, revision: number, last: StoredEntry): string {
  const continuation: Continuation = {
    v: 'meta.k8s.io/v1',
    rv: revision,
    start: last.stored.key.slice(prefixOf(descriptor).length),
  }
  return Buffer.from(JSON.stringify(continuation)).toString('base64url')
}

function continued(store: Store, target: Target, options: ListOptions): Promise<EntryList> {
  const { rv, start } = continuationOf(options.continue!)
  if (options.resourceVersion && options.resourceVersion !== '0')
    throw badRequest('specifying resource version is not allowed when using continue')
  return atRevision(store, target, {
    ...options,
    ...(rv > 0 ? { revision: rv } : {}),
    after: prefixOf(target.descriptor) + start,
  })
}

const badToken = (why: string, cause?: unknown): StatusError =>
  new StatusError(400, 'BadRequest', `invalid continue token: continue key is not valid: ${why}`, undefined, { cause })

/** What a token says, checked as upstream checks it (reference: apiserver's `DecodeContinue`). */
function continuationOf(token: string): Continuation {
  // As Go tells where base64 ends that is none.
  const valid = /^[\w-]*/.exec(token)![0].length
  if (valid < token.length) throw badToken(`illegal base64 data at input byte ${valid}`)
  if (valid % 4 === 1) throw badToken(`illegal base64 data at input byte ${valid - 1}`)
  const text = Buffer.from(token, 'base64url').toString('utf8')
  let parsed: Partial<Continuation> | null
  try {
    parsed = JSON.parse(text) as Partial<Continuation> | null
  } catch (cause) {
    throw badToken(jsonFault(text), cause)
  }
  const { v = '', rv = 0, start = '' } = parsed ?? {}
  if (v !== 'meta.k8s.io/v1') throw badToken(`server does not recognize this encoded version ${JSON.stringify(v)}`)
  if (rv === 0) throw badToken(`incorrect encoded start resourceVersion (version ${v})`)
  if (start === '') throw badToken(`encoded start key empty (version ${v})`)
  if (typeof start !== 'string' || !Number.isSafeInteger(rv) || start.split('/').includes('..'))
    throw badToken(String(start))
  return { v, rv, start }
}

/** A page of the past, read from the store. Selectors may leave pages smaller than the limit only at the end. */
async function atRevision(
  store: Store,
  target: Target,
  options: ListOptions & { revision?: number; after?: string },
): Promise<EntryList> {
  const { descriptor } = target
  const chosen = selection(descriptor, options.labels, options.fields)
  try {
    const { entries, revision, more, remaining } = await page(store, target, chosen, options)
    return {
      entries,
      resourceVersion: String(revision),
      ...(more ? { continue: token(target, revision, entries.at(-1)!) } : {}),
      ...(more && !chosen ? { remainingItemCount: remaining } : {}),
    }
  } catch (error) {
    if (!(error instanceof CompactedError)) throw error
    const again = options.after
      ? Buffer.from(
          JSON.stringify({ v: 'meta.k8s.io/v1', rv: -1, start: options.after.slice(prefixOf(descriptor).length) }),
        ).toString('base64url')
      : undefined
    const status = expired(options.continue ? EXPIRED : `The resourceVersion for the provided list is too old.`)
    // The token of the remainder travels in the Status' own metadata.
    throw again ? new ExpiredContinueError(status, again) : status
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
