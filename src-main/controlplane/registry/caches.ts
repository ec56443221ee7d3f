import type { KindDescriptor } from '../../../src-kube/kinds/descriptor.ts'
import type { Store, StoreEvent } from '../store/store.ts'
import { prefixOf } from './keys.ts'
import { ResourceCache } from './resource-cache.ts'

/** The caches of all resources, fed by the store's commits. */
export class Caches {
  readonly #byPrefix = new Map<string, ResourceCache>()
  readonly #byKind = new Map<KindDescriptor, ResourceCache>()
  #commit = Promise.withResolvers<void>()
  readonly ready: Promise<void>

  constructor(store: Store, kinds: readonly KindDescriptor[]) {
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
    return this.#byKind.get(descriptor)!
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
