import type { KindDescriptor } from '../../../src-kube/kinds/descriptor.ts'
import { conflict, notFound, type FieldError } from '../../../src-kube/machinery/errors.ts'
import { formatApiVersion } from '../../../src-kube/machinery/gvk.ts'
import type { KubeObject } from '../../../src-kube/machinery/meta.ts'
import { RevisionMismatchError, type Unless } from '../store/store.ts'
import { endDryRun, writeAllocated } from './allocated.ts'
import {
  attributesOf,
  metadataRules,
  nameOf,
  refuseInvalid,
  strategyContext,
  strategyOf,
  type Core,
  type WriteRequest,
} from './context.ts'
import { isUntouched } from './decode.ts'
import { dropDuplicateOwners } from './duplicate-owners.ts'
import { encodeForStore } from './encoding.ts'
import { entryOf, type StoredEntry } from './entry.ts'
import { isFinished } from './finalizers.ts'
import { keyOf } from './keys.ts'
import { ownersAfterWrite, type Owners } from './owners.ts'
import type { Entry, Target } from './registry.ts'
import { checkPreconditions } from './preconditions.ts'
import { same } from './strategies/same.ts'
import { withoutKept } from './strategies/standard-addresses.ts'
import { validateGoing, validateObjectMetaUpdate } from './strategies/metadata.ts'
import type { Strategy, StrategyContext } from './strategy.ts'
import { admitted, judged } from './subresources/judged.ts'
import { warningsOfFinalizers } from './finalizer-warnings.ts'
import { warningsOfUpdate } from './warnings.ts'

/** Times a write without a resourceVersion of its own is tried against others' writes, of which a store that instances share may see many. */
const TRIES = 100

/** What changes the spec and so the generation; binding a pod does not (KEP-5067). */
const counted = new Set(['', 'scale', 'ephemeralcontainers', 'resize'])

/** Makes the new object (storage version, a copy of its own) out of the current one. Runs again when another writer was first. */
export type Change = (current: StoredEntry) => KubeObject | Promise<KubeObject>

/**
 * The one way to change a stored object: what the server owns is kept, admission and the kind's strategy have their say, and the
 * write succeeds only on the object it was made from. `unconditional` writes begin anew when they lost a race.
 */
export async function change(request: WriteRequest, make: Change, owners: Owners = ownersAfterWrite): Promise<Entry> {
  const { core, target } = request
  const key = keyOf(target.descriptor, target.namespace, target.name)
  for (let i = 1; ; i++) {
    const current = core.caches.of(target.descriptor).get(key)
    if (!current) throw notFound(nameOf(target), target.name)
    const next = core.caches.nextCommit()
    const seen = target.descriptor.conversion ? await core.conversions.view(target, current) : current
    const making = make(seen)
    const made = making instanceof Promise ? await making : making
    // Parts of the current object may be in it; the metadata is written to.
    const object = { ...made, metadata: { ...made.metadata } }
    const bound = object.metadata.resourceVersion
    try {
      return await write(request, seen, object, owners)
    } catch (error) {
      if (!(error instanceof RevisionMismatchError)) throw error
      const gone = error.actual === undefined
      if (gone && core.caches.of(target.descriptor).get(key) === undefined) throw notFound(nameOf(target), target.name)
      if (bound || i >= TRIES) throw conflict(nameOf(target), target.name)
      // The winner's write is accepted but may not be visible yet.
      if (core.caches.of(target.descriptor).get(key) === current) await next
    }
  }
}

async function write(request: WriteRequest, current: StoredEntry, object: KubeObject, owners: Owners): Promise<Entry> {
  const { core, target, options } = request
  const old = current.object
  const { descriptor } = target
  const strategy = strategyOf(core, descriptor)
  const context = strategyContext(request)
  checkPreconditions(target, object, old)
  const going = validateGoing(object, old)
  keepServerFields(object, old)
  // What admission and the kind itself change is nobody's, as in a new object.
  const owned = owners(request, object, old)
  const managedFields = owned instanceof Promise ? await owned : owned
  setOwners(object, managedFields)
  const admitting = admitted(request, object, old)
  if (admitting) await admitting
  dropDuplicateOwners(object, options.warn, 'admitted')
  const preparing = strategy.prepareForUpdate?.(context, object, old)
  if (preparing) await preparing
  setOwners(object, managedFields)
  const untouched = target.subresource === '' && !target.served.custom && isUntouched(object, old)
  // Of a custom resource what its schema makes of it today: new defaults are no change.
  const seen = target.served.custom ? current.as(target.served) : old
  const counts = !untouched && descriptor.hasGeneration && counted.has(target.subresource)
  if (counts && differs(object, seen, descriptor)) object.metadata.generation = (old.metadata.generation ?? 0) + 1
  const own = untouched ? [] : ownErrors(strategy, context, object, seen)
  refuseInvalid(target, object, [
    ...going,
    ...validateObjectMetaUpdate(object, old, metadataRules(descriptor, strategy)),
    ...own,
  ])
  if (!options.silent && counted.has(target.subresource)) warnOf(request, object, old)
  const judging = core.admission.validate(attributesOf('UPDATE', request, judged(target, object, old)))
  if (judging) await judging
  const finished = isFinished(strategy, object)
  // Written again it is stored in the version of today, which is how objects of older ones are moved.
  if (!finished && same(object, old) && !isElsewhere(core, target, current)) return current
  const allocate = strategy.allocate && (() => strategy.allocate!(context, object, old))
  if (options.dryRun) return endDryRun(allocate, object)
  const write = (unless?: Unless) =>
    finished ? removeFinished(request, current, object) : replaceStored(request, current, object, unless)
  const entry = await (allocate ? writeAllocated(core, target, { allocate, write }) : write())
  return descriptor.conversion ? core.conversions.view(target, entry) : entry
}

function warnOf({ target, options }: WriteRequest, object: KubeObject, old: KubeObject): void {
  const counts = object.metadata.generation !== old.metadata.generation
  const words = target.served.custom ? warningsOfFinalizers(object, old) : warningsOfUpdate(object, old, { counts })
  words.forEach((one) => options.warn(one))
}

/** What the kind itself has to say against a change; of the status subresource it judges the status alone. A binding is judged before it is made. */
function ownErrors(strategy: Strategy, context: StrategyContext, object: KubeObject, old: KubeObject): FieldError[] {
  if (context.subresource === 'binding') return []
  if (context.subresource === 'status') return strategy.validateStatusUpdate?.(context, object, old) ?? []
  const errors = strategy.validate?.(context, object) ?? []
  const kept = withoutKept(errors, () => strategy.validate?.(context, old) ?? [])
  return [...kept, ...(strategy.validateUpdate?.(context, object, old) ?? [])]
}

/** Removes an object whose last finalizer the change took. */
async function removeFinished({ core, target }: WriteRequest, { stored, revision }: StoredEntry, object: KubeObject) {
  const { descriptor } = target
  const gone = await core.store.delete(stored.key, revision)
  strategyOf(core, descriptor).release?.(object)
  return entryOf(gone, descriptor)
}

async function replaceStored(
  { core, target }: WriteRequest,
  current: StoredEntry,
  object: KubeObject,
  unless: Unless | undefined,
) {
  const { descriptor } = target
  const { stored, revision } = current
  // What a webhook makes of an object is another.
  const bytes = descriptor.conversion
    ? encodeForStore(await core.conversions.toStorage(descriptor, object))
    : encodeForStore(object, current)
  return entryOf(await core.store.update(stored.key, bytes, revision, unless), descriptor)
}

/** Whether what a webhook makes this object of lies in another version than objects are stored in now. */
function isElsewhere({ caches }: Core, { descriptor }: Target, { stored }: StoredEntry): boolean {
  const { conversion } = descriptor
  if (!conversion) return false
  const lies = caches.of(descriptor).get(stored.key)?.object.apiVersion
  return lies !== formatApiVersion(conversion.group, conversion.storageVersion)
}

function setOwners({ metadata }: KubeObject, managedFields: Awaited<ReturnType<Owners>>): void {
  if (managedFields) metadata.managedFields = managedFields
  else delete metadata.managedFields
}

/** What a client cannot change by writing the object. */
function keepServerFields(object: KubeObject, old: KubeObject): void {
  const { metadata } = object
  const before = old.metadata
  Object.assign(metadata, { name: before.name, uid: before.uid, resourceVersion: before.resourceVersion })
  for (const field of [
    'namespace',
    'creationTimestamp',
    'deletionTimestamp',
    'deletionGracePeriodSeconds',
    'generation',
  ] as const) {
    if (before[field] === undefined) delete metadata[field]
    else (metadata as Record<string, unknown>)[field] = before[field]
  }
  delete metadata.selfLink
  if (metadata.finalizers?.length === 0) delete metadata.finalizers
}

/** In more than metadata and status; a status without a subresource of its own is a field like any other. */
function differs(object: KubeObject, old: KubeObject, { subresources }: KindDescriptor): boolean {
  const { metadata: _a, apiVersion: _b, status: now, ...rest } = object
  const { metadata: _c, apiVersion: _d, status: before, ...others } = old
  if (!same(rest, others)) return true
  return !subresources.some((sub) => sub.name === 'status') && !same(now, before)
}
