import type { KindDescriptor } from '../../../src-kube/kinds/descriptor.ts'
import { StatusError } from '../../../src-kube/machinery/errors.ts'
import type { Store, StoreEvent } from '../store/store.ts'
import { prefixOf } from './keys.ts'
import { ResourceCache } from './resource-cache.ts'

/** The caches of all resources, fed by the store's commits. */
export class Caches {
  readonly #byPrefix = new Map<string, ResourceCache>()
  readonly #byKind = new Map<KindDescriptor, ResourceCache>()
  readonly #store: Store
  #commit = Promise.withResolvers<void>()
  readonly ready: Promise<void>

  constructor(store: Store, kinds: readonly KindDescriptor[]) {
    this.#store = store
    for (const descriptor of kinds) {
      const cache = new ResourceCache(descriptor)
      this.#byPrefix.set(prefixOf(descriptor), cache)
      this.#byKind.set(descriptor, cache)
    }
    // What is committed while the caches load waits, and is applied after.
    const early: Array<readonly StoreEvent[]> = []
    let loaded = false
    store.observe((events) => {
      if (loaded) this.#apply(events)
      else early.push(events)
    })
    this.ready = (async () => {
      for (const cache of this.#byPrefix.values()) await cache.load(store)
      for (const events of early) this.#apply(events)
      loaded = true
    })()
  }

  of(descriptor: KindDescriptor): ResourceCache {
    return this.#byKind.get(descriptor) ?? this.#laterOf(descriptor)
  }

  /** A request may have begun before its kind was replaced by another form of it, or went. */
  #laterOf(descriptor: KindDescriptor): ResourceCache {
    const cache = this.#byPrefix.get(prefixOf(descriptor))
    if (cache) return cache
    throw new StatusError(404, 'NotFound', 'the server could not find the requested resource', {})
  }

  /**
   * Puts forms of one resource (its versions) in the place of others. The cache is filled when this resolves; watches that began with the
   * old forms end.
   */
  async replace(old: readonly KindDescriptor[], now: readonly KindDescriptor[]): Promise<void> {
    const [first] = now
    const prefix = first && prefixOf(first)
    let cache = prefix === undefined ? undefined : this.#byPrefix.get(prefix)
    if (first && !cache) cache = await this.#load(first)
    for (const descriptor of old) {
      this.#byPrefix.get(prefixOf(descriptor))?.endWatches()
      this.#byKind.delete(descriptor)
      if (prefixOf(descriptor) !== prefix) this.#byPrefix.delete(prefixOf(descriptor))
    }
    if (!cache || prefix === undefined) return
    this.#byPrefix.set(prefix, cache)
    for (const descriptor of now) this.#byKind.set(descriptor, cache)
  }

  /** What is committed while the cache loads is in the history then. */
  async #load(descriptor: KindDescriptor): Promise<ResourceCache> {
    const cache = new ResourceCache(descriptor)
    const revision = await cache.load(this.#store)
    cache.apply(this.#store.history(prefixOf(descriptor), revision))
    return cache
  }

  find(group: string, plural: string): ResourceCache | undefined {
    return this.#byPrefix.get(`/registry/${group || 'core'}/${plural}/`)
  }

  /** Resolves at the next commit: what a writer that lost a race waits for. */
  nextCommit(): Promise<void> {
    return this.#commit.promise
  }

  #apply(events: readonly StoreEvent[]): void {
    const byResource = new Map<ResourceCache, StoreEvent[]>()
    for (const event of events) {
      const cache = this.#cacheOf(event.current.key)
      if (!cache) continue
      const list = byResource.get(cache)
      if (list) list.push(event)
      else byResource.set(cache, [event])
    }
    for (const [cache, list] of byResource) cache.apply(list)
    const { resolve } = this.#commit
    this.#commit = Promise.withResolvers<void>()
    resolve()
  }

  /** By the first three parts of a key: `/registry/apps/deployments/…`. */
  #cacheOf(key: string): ResourceCache | undefined {
    let slash = key.indexOf('/', 1)
    slash = key.indexOf('/', slash + 1)
    slash = key.indexOf('/', slash + 1)
    return this.#byPrefix.get(key.slice(0, slash + 1))
  }
}
