import type { KindDescriptor } from '../../../src-kube/kinds/descriptor.ts'
import type { Store } from '../store/store.ts'
import type { Caches } from './caches.ts'
import type { ListOptions, Registry, WatchOptions } from './registry.ts'
import type { Strategy } from './strategy.ts'

/** Lets those who keep count of what is stored count what others store. */
export function followOthers(caches: Caches, strategies: ReadonlyMap<KindDescriptor, Strategy>): void {
  for (const [descriptor, strategy] of strategies) {
    if (!strategy.follow) continue
    caches.of(descriptor).listen((changes) => {
      for (const { type, entry, previous } of changes)
        strategy.follow?.(type === 'put' ? entry.object : undefined, previous?.object)
    })
  }
}

/**
 * The verbs over a store that others write to: what a client was told by one of them the next one knows. Reads of the newest state, and writes, first
 * wait until all is here that was acknowledged before they came (KEP-2340, "Consistent reads from cache"); reads that take any state (`0`), or name a
 * revision that is here, wait for nothing.
 */
export function sharedRegistry(registry: Registry, store: Pick<Store, 'caughtUp' | 'check'>): Registry {
  const after = async <T>(work: () => Promise<T>): Promise<T> => {
    await store.caughtUp!()
    return work()
  }
  /** Also a revision, or a place in a list, that another instance told of may not be here yet. */
  const newest = ({ resourceVersion = '', continue: token = '' }: Partial<ListOptions & WatchOptions>): boolean =>
    resourceVersion === '' || token !== '' || Number(resourceVersion) > registry.revision
  return {
    ...registry,
    ...(store.check ? { checkStore: () => store.check!() } : {}),
    get kinds() {
      return registry.kinds
    },
    get revision() {
      return registry.revision
    },
    read: (target, options = {}) =>
      newest(options) ? after(() => registry.read(target, options)) : registry.read(target, options),
    listEntries: (target, options) =>
      newest(options) ? after(() => registry.listEntries(target, options)) : registry.listEntries(target, options),
    watch: (target, options) =>
      newest(options) ? after(() => registry.watch(target, options)) : registry.watch(target, options),
    create: (...request) => after(() => registry.create(...request)),
    update: (...request) => after(() => registry.update(...request)),
    patch: (...request) => after(() => registry.patch(...request)),
    delete: (...request) => after(() => registry.delete(...request)),
    deleteCollection: (...request) => after(() => registry.deleteCollection(...request)),
  }
}
