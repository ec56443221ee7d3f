import type { Store } from '../store/store.ts'
import type { ListOptions, Registry, WatchOptions } from './registry.ts'

/**
 * The verbs over a store that others write to: what a client was told by one of them the next one knows. Reads of the newest state, and writes, first
 * wait until all is here that was acknowledged before they came (KEP-2340, "Consistent reads from cache"); reads that name a revision, or take any
 * (`0`), wait for nothing.
 */
export function sharedRegistry(registry: Registry, store: Pick<Store, 'caughtUp' | 'check'>): Registry {
  const after = async <T>(work: () => Promise<T>): Promise<T> => {
    await store.caughtUp!()
    return work()
  }
  const newest = ({ resourceVersion = '', continue: token = '' }: Partial<ListOptions & WatchOptions>): boolean =>
    resourceVersion === '' && token === ''
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
