import { objectKey, type ObjectLike } from '../machinery/meta.ts'
import { Indexer, type IndexFunction, type Lister } from './indexer.ts'
import { type ReflectorOptions, type ReflectorSink, runReflector } from './reflector.ts'
import type { TypedRef } from './typed-client.ts'

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

/** What an informer watches, and how it goes on when it fails. */
export interface InformerOptions<T extends ObjectLike> extends Omit<ReflectorOptions<T>, 'sink' | 'onError'> {
  /** Hears of failed lists and watches (they are retried) and of handlers that throw. */
  onError?: ((error: unknown, ref: TypedRef<T>) => void) | undefined
}

/** Starts at once. Handlers may be added before or after the first list. */
export function createInformer<T extends ObjectLike>(options: InformerOptions<T>): Informer<T> {
  const { ref, onError } = options
  const informer = new SharedInformer<T>(ref, onError && ((error) => onError(error, ref)))
  void runReflector<T>({ ...options, sink: informer, onError: (error) => onError?.(error, ref) })
  return informer
}

class SharedInformer<T extends ObjectLike> implements Informer<T>, ReflectorSink<T> {
  readonly ref: TypedRef<T>
  readonly #cache = new Indexer<T>()
  readonly #handlers = new Set<InformerHandlers<T>>()
  readonly #synced = Promise.withResolvers<void>()
  readonly #onError: ((error: unknown) => void) | undefined
  hasSynced = false
  resourceVersion = ''

  constructor(ref: TypedRef<T>, onError: ((error: unknown) => void) | undefined) {
    this.ref = ref
    this.#onError = onError
  }

  get synced(): Promise<void> {
    return this.#synced.promise
  }

  get size(): number {
    return this.#cache.size
  }

  get(key: string): T | undefined {
    return this.#cache.get(key)
  }

  list(namespace?: string): T[] {
    return this.#cache.list(namespace)
  }

  byIndex(index: string, value: string): T[] {
    return this.#cache.byIndex(index, value)
  }

  addIndex(name: string, of: IndexFunction<T>): void {
    this.#cache.addIndex(name, of)
  }

  on(handler: InformerHandlers<T>): () => void {
    this.#handlers.add(handler)
    for (const object of this.#cache.list())
      try {
        handler.add?.(object)
      } catch (error) {
        this.#failed(error)
      }
    return () => void this.#handlers.delete(handler)
  }

  replace(items: readonly T[], resourceVersion: string): void {
    const present = new Map(items.map((item) => [objectKey(item), item]))
    for (const key of this.#cache.keys()) if (!present.has(key)) this.#remove(key)
    for (const [key, item] of present) this.#replaceOne(key, item)
    this.resourceVersion = resourceVersion
    this.hasSynced = true
    this.#synced.resolve()
  }

  upsert(object: T): void {
    this.#replaceOne(objectKey(object), object)
  }

  remove(object: T): void {
    this.#remove(objectKey(object), object)
  }

  /** An object deleted and made again under the same name is two objects: handlers hear delete, then add. */
  #replaceOne(key: string, object: T): void {
    const old = this.#cache.get(key)
    if (old && old.metadata.resourceVersion === object.metadata.resourceVersion) return
    if (old && old.metadata.uid !== object.metadata.uid) this.#remove(key)
    this.#put(key, object)
  }

  #put(key: string, object: T): void {
    const old = this.#cache.set(key, object)
    this.resourceVersion = object.metadata.resourceVersion
    for (const handler of this.#handlers)
      try {
        if (old) handler.update?.(object, old)
        else handler.add?.(object)
      } catch (error) {
        this.#failed(error)
      }
  }

  #remove(key: string, last?: T): void {
    const old = this.#cache.delete(key)
    if (!old) return
    for (const handler of this.#handlers)
      try {
        handler.delete?.(last ?? old)
      } catch (error) {
        this.#failed(error)
      }
  }

  #failed(error: unknown): void {
    if (!this.#onError) throw error
    this.#onError(error)
  }
}
