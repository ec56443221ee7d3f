import type { Clock } from '../machinery/clock.ts'
import { objectKey } from '../machinery/meta.ts'
import type { ObjectLike } from '../machinery/meta.ts'
import type { BackoffOptions } from './backoff.ts'
import { Indexer, type IndexFunction, type Lister } from './indexer.ts'
import { runReflector } from './reflector.ts'
import type { Client, TypedRef } from './typed-client.ts'

/** Called synchronously, in order, after the cache has changed. Objects are shared: never mutate them. */
export interface InformerHandlers<T> {
  add?(object: T): void
  update?(object: T, old: T): void
  /** The last known state: after a gap in the watch it may be older than the deletion. */
  delete?(object: T): void
}

/** One list and one watch of a resource, shared by all who ask. */
export interface Informer<T extends ObjectLike> extends Lister<T> {
  readonly ref: TypedRef<T>
  readonly hasSynced: boolean
  /** Resolves after the first complete list has reached cache and handlers; never when stopped before. */
  readonly synced: Promise<void>
  /** The revision up to which the cache is complete. */
  readonly resourceVersion: string
  addIndex(name: string, of: IndexFunction<T>): void
  /** Adds handlers, which hear an `add` for what is there already; answers how to remove them. */
  on(handlers: InformerHandlers<T>): () => void
}

export interface InformerOptions<T extends ObjectLike> {
  client: Client
  ref: TypedRef<T>
  namespace?: string | undefined
  labelSelector?: string | undefined
  fieldSelector?: string | undefined
  clock: Clock
  /** Stops it. */
  signal: AbortSignal
  /** Hears of failed lists and watches (they are retried) and of handlers that throw. */
  onError?: ((error: unknown, ref: TypedRef<T>) => void) | undefined
  backoff?: BackoffOptions | undefined
}

/** Starts at once. Handlers may be added before or after the first list. */
export function createInformer<T extends ObjectLike>(options: InformerOptions<T>): Informer<T> {
  const { ref, onError } = options
  const cache = new Indexer<T>()
  const handlers = new Set<InformerHandlers<T>>()
  const synced = Promise.withResolvers<void>()
  const state = { hasSynced: false, resourceVersion: '' }

  const guard = (call: () => void): void => {
    try {
      call()
    } catch (error) {
      if (!onError) throw error
      onError(error, ref)
    }
  }
  const upsert = (object: T): void => {
    const old = cache.set(object)
    state.resourceVersion = object.metadata.resourceVersion
    for (const handler of handlers) guard(() => (old ? handler.update?.(object, old) : handler.add?.(object)))
  }
  const remove = (key: string, last?: T): void => {
    const old = cache.delete(key)
    if (!old) return
    for (const handler of handlers) guard(() => handler.delete?.(last ?? old))
  }
  void runReflector<T>({
    ...options,
    onError: (error) => onError?.(error, ref),
    sink: {
      replace(items, resourceVersion) {
        const present = new Map(items.map((item) => [objectKey(item), item]))
        for (const key of cache.keys()) if (!present.has(key)) remove(key)
        for (const [key, item] of present) replaceOne(key, item)
        state.resourceVersion = resourceVersion
        state.hasSynced = true
        synced.resolve()
      },
      upsert: (object) => replaceOne(objectKey(object), object),
      remove: (object) => remove(objectKey(object), object),
    },
  })

  /** An object deleted and made again under the same name is two objects: handlers hear delete, then add. */
  function replaceOne(key: string, object: T): void {
    const old = cache.get(key)
    if (old && old.metadata.resourceVersion === object.metadata.resourceVersion) return
    if (old && old.metadata.uid !== object.metadata.uid) remove(key)
    upsert(object)
  }

  return {
    ref,
    synced: synced.promise,
    get hasSynced() {
      return state.hasSynced
    },
    get resourceVersion() {
      return state.resourceVersion
    },
    get size() {
      return cache.size
    },
    get: (key) => cache.get(key),
    list: (namespace) => cache.list(namespace),
    byIndex: (index, value) => cache.byIndex(index, value),
    addIndex: (name, of) => cache.addIndex(name, of),
    on(handler) {
      handlers.add(handler)
      for (const object of cache.list()) guard(() => handler.add?.(object))
      return () => void handlers.delete(handler)
    },
  }
}
