import type { Clock } from '../machinery/clock.ts'
import { isExpired, StatusError, type StatusObject } from '../machinery/errors.ts'
import type { ObjectLike } from '../machinery/meta.ts'
import { type BackoffOptions, createBackoff } from './backoff.ts'
import { sleep } from './sleep.ts'
import type { Client, TypedRef } from './typed-client.ts'

/** Where a reflector puts what it sees. Calls are made one after the other. */
export interface ReflectorSink<T> {
  /** The whole state, after a list. */
  replace(items: readonly T[], resourceVersion: string): void
  /** One object added or changed. */
  upsert(object: T): void
  /** One object gone; its last state. */
  remove(object: T): void
}

/** What is mirrored, and who hears of it. */
export interface ReflectorOptions<T extends ObjectLike> {
  client: Client
  ref: TypedRef<T>
  /** All namespaces when absent. */
  namespace?: string | undefined
  labelSelector?: string | undefined
  fieldSelector?: string | undefined
  clock: Clock
  /** Stops it. */
  signal: AbortSignal
  sink: ReflectorSink<T>
  /** Hears of every failure that is retried. */
  onError?: ((error: unknown) => void) | undefined
  backoff?: BackoffOptions | undefined
}

/**
 * Keeps a sink equal to a resource of the server until the signal aborts: list, then watch from the list's resourceVersion,
 * resumed from the last one seen (bookmarks included) whenever the stream ends. A 410 or a refusal lists anew.
 * Failures are retried with jittered exponential back-off. See "Efficient detection of changes" in the Kubernetes API concepts.
 */
export async function runReflector<T extends ObjectLike>(options: ReflectorOptions<T>): Promise<void> {
  const { clock, signal, onError } = options
  const backoff = createBackoff(options.backoff)
  let resourceVersion: string | undefined
  while (!signal.aborted) {
    try {
      if (resourceVersion === undefined) {
        resourceVersion = await listAll(options)
        backoff.reset()
      }
      const before = resourceVersion
      const began = clock.monotonic()
      await watchFrom(options, resourceVersion, (version) => {
        resourceVersion = version
        backoff.reset()
      })
      const idle = resourceVersion === before && clock.monotonic() - began < 1000
      if (idle) await sleep(clock, backoff.next(), signal)
    } catch (error) {
      if (signal.aborted) return
      onError?.(error)
      if (needsRelist(error)) resourceVersion = undefined
      await sleep(clock, backoff.next(), signal)
    }
  }
}

/** Anything the server refused on its merits is relisted; a lost connection or an overloaded server is resumed. */
function needsRelist(error: unknown): boolean {
  if (isExpired(error)) return true
  return error instanceof StatusError && error.code !== 429 && error.code < 500
}

function selectors({
  labelSelector,
  fieldSelector,
}: {
  labelSelector?: string | undefined
  fieldSelector?: string | undefined
}) {
  return { labelSelector, fieldSelector }
}

async function listAll<T extends ObjectLike>(options: ReflectorOptions<T>): Promise<string> {
  const { client, ref, namespace, signal, sink } = options
  const items: T[] = []
  let next: string | undefined
  for (;;) {
    const query: Record<string, string> = next ? { continue: next } : { resourceVersion: '0' }
    const page = await client.resource(ref).list({ namespace, ...selectors(options), query, signal })
    for (const item of page.items) items.push(item)
    next = page.metadata.continue
    if (next) continue
    const version = page.metadata.resourceVersion ?? ''
    if (!signal.aborted) sink.replace(items, version)
    return version
  }
}

async function watchFrom<T extends ObjectLike>(
  options: ReflectorOptions<T>,
  from: string,
  seen: (resourceVersion: string) => void,
): Promise<void> {
  const { client, ref, namespace, signal, sink } = options
  const timeout = 300 + Math.floor((options.backoff?.random ?? Math.random)() * 300)
  const query = { resourceVersion: from, allowWatchBookmarks: 'true', timeoutSeconds: String(timeout) }
  for await (const event of client.resource(ref).watch({ namespace, ...selectors(options), query, signal })) {
    if (signal.aborted) return
    if (event.type === 'ERROR') throw StatusError.from(event.object as unknown as StatusObject)
    if (event.type === 'ADDED' || event.type === 'MODIFIED') sink.upsert(event.object)
    else if (event.type === 'DELETED') sink.remove(event.object)
    seen(event.object.metadata.resourceVersion)
  }
}
