import type { Clock } from '../../../src-kube/machinery/clock.ts'
import type { KindDescriptor } from '../../../src-kube/kinds/descriptor.ts'
import {
  badRequest,
  conflict,
  invalid,
  isAlreadyExists,
  isNotFound,
  methodNotSupported,
  notFound,
  type StatusError,
} from '../../../src-kube/machinery/errors.ts'
import type { KubeObject } from '../../../src-kube/machinery/meta.ts'
import type { Admission, ObjectReader } from '../admission/admission.ts'
import type { Store } from '../store/store.ts'
import { applied } from './apply.ts'
import { Caches } from './caches.ts'
import { nameOf, strategyOf, type Core } from './context.ts'
import { Conversions, type AskWebhook } from './conversion/conversions.ts'
import { listViews, watchViews } from './conversion/reading.ts'
import { create } from './create.ts'
import { CustomKinds } from './custom-kinds.ts'
import { decodeBody, quiet } from './decode.ts'
import { remove, removeCollection } from './delete.ts'
import type { StoredEntry } from './entry.ts'
import { keyOf, rangeOf } from './keys.ts'
import { listEntries, reached, revisionOf } from './list.ts'
import { applyPatch } from './patch.ts'
import { decodePatched } from './patch-refusal.ts'
import type { Entry, Registry, Target, WriteOptions } from './registry.ts'
import type { Strategy } from './strategy.ts'
import { behaviourOf } from './subresources/index.ts'
import type { SubresourceBehaviour } from './subresources/subresource.ts'
import { scaleOf } from './subresources/scale.ts'
import { token, type IssueToken } from './subresources/token.ts'
import { change } from './update.ts'
import { watchEntries } from './watch.ts'

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
  const read: ObjectReader = {
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
  const conversions = new Conversions(options.askWebhook)
  const core: Core = { store, caches, strategies, admission, clock, read, conversions }
  const find = (target: Target): StoredEntry => {
    const entry = caches.of(target.descriptor).get(keyOf(target.descriptor, target.namespace, target.name))
    if (!entry) throw notFound(nameOf(target), target.name)
    return entry
  }
  const behaviour = (target: Target, verb: string): SubresourceBehaviour => {
    const found = behaviourOf(target.descriptor, target.subresource, more)
    if (!found)
      throw methodNotSupported(
        { group: target.served.group, resource: `${target.descriptor.plural}/${target.subresource}` },
        verb,
      )
    return found
  }

  return {
    get kinds() {
      return custom.kinds
    },
    ready: custom.ready,
    get revision() {
      return store.revision
    },
    convert: (...request) => conversions.into(...request),
    count: (group, resource) => caches.find(group, resource)?.size ?? 0,
    get: (...request) => read.get(...request),
    list: (...request) => read.list(...request),
    observe(group, resource, listener) {
      const cache = caches.find(group, resource)
      if (!cache) return () => {}
      return cache.listen((changes) => {
        for (const { type, entry, previous } of changes)
          listener(type === 'put' ? entry.object : undefined, previous?.object)
      })
    },
    async read(target, { resourceVersion } = {}) {
      const asked = revisionOf(resourceVersion)
      if (asked > store.revision) await reached(core, asked)
      const stored = find(target)
      const entry = target.descriptor.conversion ? await conversions.view(target, stored) : stored
      return target.subresource === '' ? entry : (behaviour(target, 'get').read?.(entry, target) ?? entry)
    },
    listEntries: (target, list) => (target.descriptor.conversion ? listViews : listEntries)(core, target, list),
    watch: (target, watch) => (target.descriptor.conversion ? watchViews : watchEntries)(core, target, watch),
    create(target, body, write) {
      if (target.subresource === '') return create(core, target, body, write)
      const found = behaviour(target, 'create')
      if (!found.create) throw methodNotSupported(nameOf(target), 'create')
      return found.create(core, target, body, write)
    },
    async update(target, body, write) {
      const sent = sentObject(target, body, write)
      checkIdentity(target, sent)
      if (target.subresource === '') return updateOrCreate(core, target, sent, body, write)
      const found = behaviour(target, 'update')
      if (!found.merge) throw methodNotSupported(nameOf(target), 'update')
      return shown(
        found,
        target,
        await change(core, target, write, (current) => found.merge!(current.object, structuredClone(sent), target)),
      )
    },
    async patch(target, type, patch, write) {
      const found = target.subresource === '' ? undefined : behaviour(target, 'patch')
      if (found && !found.merge) throw methodNotSupported(nameOf(target), 'patch')
      if (type === 'application/apply-patch+yaml') return applyTo(core, target, patch, write, found)
      const scaling = target.subresource === 'scale'
      let decoding = write
      const make = (current: StoredEntry): KubeObject => {
        const shape = scaling ? scaleOf(current.object, target) : current.as(target.served)
        const patched = applyPatch(
          target,
          scaling && type === 'application/strategic-merge-patch+json' ? 'application/merge-patch+json' : type,
          patch,
          shape,
        )
        const sent = scaling
          ? (patched as KubeObject)
          : decodePatched(target, { type, patch, patched }, decoding, shape)
        decoding = quiet(write)
        checkIdentity(target, sent)
        return found?.merge ? found.merge(current.object, sent, target) : withStatusOf(target, sent, current.object)
      }
      const entry = await change(core, target, write, make)
      return found ? shown(found, target, entry) : entry
    },
    delete: (target, body, write) => remove(core, target, body, write),
    deleteCollection: (target, list, body, write) => removeCollection(core, target, list, body, write),
  }
}

const shown = (found: SubresourceBehaviour, target: Target, entry: Awaited<ReturnType<typeof change>>) =>
  found.read?.(entry as StoredEntry, target) ?? entry

/** Server-side apply: changes the object that is there, or creates it. */
async function applyTo(
  core: Core,
  target: Target,
  body: unknown,
  write: WriteOptions,
  found: SubresourceBehaviour | undefined,
): Promise<Entry> {
  const make = (current: StoredEntry): KubeObject => {
    const shape = current.as(target.served)
    const made = applied(core, target, body, shape, write)
    checkIdentity(target, made)
    const { managedFields } = made.metadata
    const sent = decodeBody(target.descriptor, target.served, made, quiet(write), shape)
    const object = found?.merge
      ? found.merge(current.object, scalingOr(target, body, sent), target)
      : withStatusOf(target, sent, current.object)
    return { ...object, metadata: { ...object.metadata, managedFields } }
  }
  const changed = async (): Promise<Entry> => {
    const entry = await change(core, target, write, make, (...[, , , { metadata }]) => metadata.managedFields)
    return found ? shown(found, target, entry) : entry
  }
  try {
    return await changed()
  } catch (error) {
    if (!isNotFound(error) || target.subresource !== '') throw error
  }
  const made = applied(core, target, body, undefined, write)
  checkIdentity(target, made)
  const { uid, managedFields } = made.metadata
  if (uid)
    throw conflict(
      nameOf(target),
      target.name,
      `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`,
    )
  const next = core.caches.nextCommit()
  try {
    const entry = await create(core, target, made, write, managedFields)
    write.created?.()
    return entry
  } catch (error) {
    if (!isAlreadyExists(error)) throw error
  }
  // Another was first; its object may not be visible yet.
  if (!(await core.read.get(target.descriptor.group, target.descriptor.plural, target.namespace, target.name)))
    await next
  return changed()
}

const scalingOr = (target: Target, body: unknown, sent: KubeObject): KubeObject =>
  target.subresource === 'scale' ? scaleIn(body) : sent

function sentObject(target: Target, body: unknown, write: WriteOptions): KubeObject {
  return target.subresource === 'scale' ? scaleIn(body) : decodeBody(target.descriptor, target.served, body, write)
}

function scaleIn(body: unknown): KubeObject {
  if (typeof body !== 'object' || body === null) throw badRequest('the request body is no Scale')
  return body as KubeObject
}

/** The object says the same of its place as the path does. A namespace may be left out, a name may not. */
function checkIdentity({ name, namespace, descriptor }: Target, { metadata }: KubeObject): void {
  if (!metadata?.name)
    throw badRequest(`the name of the object (${name} based on URL) was undeterminable: name must be provided`)
  if (metadata.name !== name)
    throw badRequest(`the name of the object (${metadata.name}) does not match the name on the URL (${name})`)
  if (descriptor.scope === 'Namespaced' && metadata.namespace && metadata.namespace !== namespace)
    throw badRequest(
      `the namespace of the object (${metadata.namespace}) does not match the namespace on the request (${namespace})`,
    )
}

/** A write of the object leaves its status alone where the status has a subresource of its own. */
function withStatusOf(target: Target, sent: KubeObject, current: KubeObject): KubeObject {
  if (!target.descriptor.subresources.some((sub) => sub.name === 'status')) return sent
  const { status: _, ...rest } = sent
  return current['status'] === undefined ? (rest as KubeObject) : ({ ...rest, status: current['status'] } as KubeObject)
}

async function updateOrCreate(core: Core, target: Target, sent: KubeObject, body: unknown, write: WriteOptions) {
  const strategy = strategyOf(core, target.descriptor)
  const unbound = strategy.allowUnconditionalUpdate === false && !Number(sent.metadata.resourceVersion ?? 0)
  let first: KubeObject | undefined = sent
  try {
    return await change(core, target, write, (current) => {
      if (unbound) throw unboundUpdate(target)
      // Each try gets a copy of its own: hooks change it.
      const draft = first ?? decodeBody(target.descriptor, target.served, body, quiet(write))
      first = undefined
      return withStatusOf(target, draft, current.object)
    })
  } catch (error) {
    if (!isNotFound(error) || !strategy.allowCreateOnUpdate) throw error
    const entry = await create(core, target, body, write)
    write.created?.()
    return entry
  }
}

/** Upstream names the resource here, not the kind. */
const unboundUpdate = ({ descriptor, served, name }: Target): StatusError =>
  invalid({ group: served.group, kind: descriptor.plural }, name, [
    {
      type: 'FieldValueInvalid',
      field: 'metadata.resourceVersion',
      message: 'Invalid value: 0x0: must be specified for an update',
    },
  ])
