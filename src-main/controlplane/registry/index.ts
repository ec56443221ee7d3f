import type { Clock } from '../../../src-kube/machinery/clock.ts'
import type { KindDescriptor } from '../../../src-kube/kinds/descriptor.ts'
import { methodNotSupported, notFound } from '../../../src-kube/machinery/errors.ts'
import { KeyOrder } from '../../../src-kube/machinery/key-order.ts'
import type { Admission, ObjectReader } from '../admission/admission.ts'
import type { Store } from '../store/store.ts'
import { Caches } from './caches.ts'
import { patch, update } from './change-verbs.ts'
import { nameOf, type Core } from './context.ts'
import { Conversions, type AskWebhook } from './conversion/conversions.ts'
import { listViews, watchViews } from './conversion/reading.ts'
import { create } from './create.ts'
import { CustomKinds } from './custom-kinds.ts'
import { remove, removeCollection } from './delete.ts'
import { keyOf, rangeOf } from './keys.ts'
import { listEntries, reached, revisionOf } from './list.ts'
import { createPast } from './past.ts'
import type { Entry, Registry, Target } from './registry.ts'
import { followOthers, sharedRegistry } from './shared.ts'
import type { Strategy } from './strategy.ts'
import { behaviourOf } from './subresources/index.ts'
import type { SubresourceBehaviour } from './subresources/subresource.ts'
import { token, type IssueToken } from './subresources/token.ts'
import { watchEntries } from './watch.ts'

/** What the registry is put together from; see ARCHITECTURE.md, "The way of one write". */
export interface RegistryOptions {
  store: Store
  kinds: readonly KindDescriptor[]
  /** Keyed `${group}/${plural}`. */
  strategies: ReadonlyMap<string, Strategy>
  admission: Admission
  clock: Clock
  /** Signs service-account tokens; without it the subresource answers that it is off. */
  issueToken?: IssueToken
  /** Asks the webhooks that convert custom kinds; without it their objects cannot be read in another version. */
  askWebhook?: AskWebhook
}

/** The generic verbs over one store. Made once; wait for `ready` before the first request. */
export function createRegistry(options: RegistryOptions): Registry {
  const { store, kinds, admission, clock } = options
  const strategies = new Map<KindDescriptor, Strategy>(
    kinds.map((kind) => [kind, options.strategies.get(`${kind.group}/${kind.plural}`) ?? {}] as const),
  )
  const caches = new Caches(store, kinds)
  const custom = new CustomKinds(caches, strategies, kinds)
  const more = options.issueToken ? [token(options.issueToken)] : []
  const read = objectReader(caches)
  const conversions = new Conversions(options.askWebhook)
  const core: Core = { store, caches, strategies, admission, clock, read, conversions, allocations: new KeyOrder() }
  const behaviour: FindBehaviour = (target, verb) =>
    target.subresource === '' ? undefined : behaviourIn(more, target, verb)

  const registry: Registry = {
    get kinds() {
      return custom.kinds
    },
    ready: custom.ready,
    past: createPast(core),
    get revision() {
      return store.revision
    },
    convert: (...request) => conversions.into(...request),
    count: (group, resource) => caches.find(group, resource)?.size ?? 0,
    get: (...request) => read.get(...request),
    list: (...request) => read.list(...request),
    observe: (...request) => observe(caches, ...request),
    async read(target, { resourceVersion } = {}) {
      return readEntry(core, target, behaviour(target, 'get'), resourceVersion)
    },
    listEntries: (target, list) => (target.descriptor.conversion ? listViews : listEntries)(core, target, list),
    watch: (target, watch) => (target.descriptor.conversion ? watchViews : watchEntries)(core, target, watch),
    ...writeVerbs(core, behaviour),
  }
  if (!store.caughtUp) return registry
  followOthers(caches, strategies)
  return sharedRegistry(registry, store)
}

/** What a subresource does of its own; of the object itself there is none. Throws 405 for a subresource that the kind does not have. */
type FindBehaviour = (target: Target, verb: string) => SubresourceBehaviour | undefined

type WriteVerbs = Pick<Registry, 'create' | 'update' | 'patch' | 'delete' | 'deleteCollection'>

function writeVerbs(core: Core, behaviour: FindBehaviour): WriteVerbs {
  return {
    create(target, body, write) {
      const found = behaviour(target, 'create')
      const request = { core, target, options: write }
      if (!found) return create(request, body)
      if (!found.create) throw methodNotSupported(nameOf(target), 'create')
      return found.create(request, body)
    },
    async update(target, body, write) {
      return await update({ core, target, options: write }, body, behaviour(target, 'update'))
    },
    async patch(target, type, body, write) {
      return await patch({ core, target, options: write }, { type, body }, behaviour(target, 'patch'))
    },
    delete: (target, body, write) => remove({ core, target, options: write }, body),
    deleteCollection: (target, list, body, write) => removeCollection({ core, target, options: write }, list, body),
  }
}

function behaviourIn(more: readonly SubresourceBehaviour[], target: Target, verb: string): SubresourceBehaviour {
  const { descriptor, served, subresource } = target
  const found = behaviourOf(descriptor, subresource, more)
  if (!found) throw methodNotSupported({ group: served.group, resource: `${descriptor.plural}/${subresource}` }, verb)
  return found
}

/** The caches as admission and strategies read them: objects alone, in the version in which they are stored. */
function objectReader(caches: Caches): ObjectReader {
  return {
    get(group, resource, namespace, name) {
      const cache = caches.find(group, resource)
      return Promise.resolve(cache?.get(keyOf(cache.descriptor, namespace, name))?.object)
    },
    list(group, resource, namespace = '') {
      const cache = caches.find(group, resource)
      if (!cache) return Promise.resolve([])
      return Promise.resolve([...cache.from(rangeOf(cache.descriptor, namespace))].map((entry) => entry.object))
    },
  }
}

function observe(caches: Caches, ...[group, resource, listener]: Parameters<Registry['observe']>): () => void {
  const cache = caches.find(group, resource)
  if (!cache) return () => {}
  return cache.listen((changes) => {
    for (const { type, entry, previous } of changes)
      listener(type === 'put' ? entry.object : undefined, previous?.object)
  })
}

/** The object, or of a subresource what it shows of it. */
async function readEntry(
  core: Core,
  target: Target,
  found: SubresourceBehaviour | undefined,
  resourceVersion: string | undefined,
): Promise<Entry> {
  const asked = revisionOf(resourceVersion)
  if (asked > core.store.revision) await reached(core, asked)
  const { descriptor, namespace, name } = target
  const stored = core.caches.of(descriptor).get(keyOf(descriptor, namespace, name))
  if (!stored) throw notFound(found?.missing?.(target) ?? nameOf(target), name)
  const entry = descriptor.conversion ? await core.conversions.view(target, stored) : stored
  return found?.read?.(entry, target) ?? entry
}
