import { copyJson } from '../../../src-kube/machinery/copy-json.ts'
import {
  badRequest,
  conflict,
  invalid,
  isAlreadyExists,
  isNotFound,
  methodNotSupported,
  type StatusError,
} from '../../../src-kube/machinery/errors.ts'
import { fieldPath } from '../../../src-kube/machinery/field-path.ts'
import type { PatchType } from '../../../src-kube/client/transport.ts'
import type { KubeObject } from '../../../src-kube/machinery/meta.ts'
import { applied } from './apply.ts'
import { nameOf, strategyOf, type WriteRequest } from './context.ts'
import { create } from './create.ts'
import { decodeBody, quiet } from './decode.ts'
import { dropDuplicateOwners } from './duplicate-owners.ts'
import type { StoredEntry } from './entry.ts'
import { acrossVersions } from './other-versions.ts'
import { applyPatch } from './patch.ts'
import { decodePatched } from './patch-refusal.ts'
import type { Entry, Target } from './registry.ts'
import type { SubresourceBehaviour } from './subresources/subresource.ts'
import { checkSameObject } from './preconditions.ts'
import { asScale, scaleOf } from './subresources/scale.ts'
import { change } from './update.ts'

/** Replaces an object by what was sent, or of a subresource the part that is `found`'s. */
export async function update(
  request: WriteRequest,
  body: unknown,
  found: SubresourceBehaviour | undefined,
): Promise<Entry> {
  const { target, options } = request
  const sent = sentObject(request, body)
  checkIdentity(target, sent)
  dropDuplicateOwners(sent, options.warn, 'sent')
  if (!found) return updateOrCreate(request, sent, body)
  if (!found.merge) throw methodNotSupported(nameOf(target), 'update')
  const make = (current: StoredEntry) => found.merge!(current.object, copyJson(sent), target)
  return shown(found, target, await change(request, make))
}

/** Changes an object, or of a subresource the part that is `found`'s, by a patch of any type. */
export async function patch(
  request: WriteRequest,
  { type, body }: { type: PatchType; body: unknown },
  found: SubresourceBehaviour | undefined,
): Promise<Entry> {
  const { target, options } = request
  if (found && !found.merge) throw methodNotSupported(nameOf(target), 'patch')
  if (type === 'application/apply-patch+yaml') return applyTo(request, body, found)
  const scaling = target.subresource === 'scale'
  let decoding = options
  const make = (current: StoredEntry): KubeObject => {
    const shape = scaling ? scaleOf(current.object, target, 0) : current.as(target.served)
    const merging = scaling && type === 'application/strategic-merge-patch+json'
    const patched = applyPatch(target, merging ? 'application/merge-patch+json' : type, body, shape)
    const kind = scaling ? asScale(target) : target
    const sent = decodePatched(kind, { type, patch: body, patched }, decoding, shape)
    decoding = quiet(options)
    checkIdentity(target, sent)
    checkUid(target, sent, current.object)
    return found?.merge ? found.merge(current.object, sent, target) : withStatusOf(target, sent, current.object)
  }
  const entry = await change(request, make)
  return found ? shown(found, target, entry) : entry
}

const shown = (found: SubresourceBehaviour, target: Target, entry: Awaited<ReturnType<typeof change>>) =>
  found.read?.(entry as StoredEntry, target) ?? entry

/** Server-side apply: changes the object that is there, or creates it. */
async function applyTo(request: WriteRequest, body: unknown, found: SubresourceBehaviour | undefined): Promise<Entry> {
  const { core, target, options } = request
  const scaling = target.subresource === 'scale'
  const make = async (current: StoredEntry): Promise<KubeObject> => {
    const shape = current.as(target.served)
    const making = acrossVersions(core, target, (convert) => applied(request, body, shape, convert))
    const made = making instanceof Promise ? await making : making
    checkIdentity(target, made)
    checkUid(target, made, current.object)
    const { managedFields } = made.metadata
    const sent = decodeBody(target, made, quiet(options), { known: shape })
    const object = found?.merge
      ? found.merge(current.object, scaling ? sentObject(request, body) : sent, target)
      : withStatusOf(target, sent, current.object)
    return { ...object, metadata: { ...object.metadata, managedFields } }
  }
  const changed = async (): Promise<Entry> => {
    const entry = await change(request, make, (_request, { metadata }) => metadata.managedFields)
    return found ? shown(found, target, entry) : entry
  }
  try {
    return await changed()
  } catch (error) {
    if (!isNotFound(error) || target.subresource !== '') throw error
  }
  return (await createApplied(request, body)) ?? changed()
}

/** Creates what an apply did not find; undefined when another was first, whose object is visible by then. */
async function createApplied(request: WriteRequest, body: unknown): Promise<Entry | undefined> {
  const { core, target, options } = request
  const made = applied(request, body, undefined)
  checkIdentity(target, made)
  const { uid, managedFields } = made.metadata
  if (uid)
    throw conflict(
      nameOf(target),
      target.name,
      `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`,
    )
  await options.confirmCreate?.()
  const next = core.caches.nextCommit()
  try {
    const entry = await create(request, unread(made), managedFields)
    options.created?.()
    return entry
  } catch (error) {
    if (!isAlreadyExists(error)) throw error
  }
  if (!(await core.read.get(target.descriptor.group, target.descriptor.plural, target.namespace, target.name)))
    await next
  return undefined
}

/** What a PUT or an apply creates was read at no revision, whatever it says. */
function unread(object: KubeObject): KubeObject {
  if (!object.metadata?.resourceVersion) return object
  const { resourceVersion: _, ...metadata } = object.metadata
  return { ...object, metadata: metadata as KubeObject['metadata'] }
}

function sentObject({ target, options }: WriteRequest, body: unknown): KubeObject {
  return decodeBody(target.subresource === 'scale' ? asScale(target) : target, body, options)
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

/** Of a PUT the uid says which object is meant; a patch is of the object at its path, and would change it. */
function checkUid({ served, descriptor, name }: Target, { metadata: { uid } }: KubeObject, current: KubeObject): void {
  if (!uid || uid === current.metadata.uid) return
  const error = fieldPath('metadata', 'uid').invalid(uid, 'field is immutable')
  throw invalid({ group: served.group, kind: descriptor.kind }, name, [error])
}

/** A write of the object leaves its status alone where the status has a subresource of its own. */
function withStatusOf(target: Target, sent: KubeObject, current: KubeObject): KubeObject {
  if (!target.descriptor.subresources.some((sub) => sub.name === 'status')) return sent
  const { status: _, ...rest } = sent
  return current['status'] === undefined ? (rest as KubeObject) : ({ ...rest, status: current['status'] } as KubeObject)
}

async function updateOrCreate(request: WriteRequest, sent: KubeObject, body: unknown) {
  const { core, target, options } = request
  const strategy = strategyOf(core, target.descriptor)
  const unbound = strategy.allowUnconditionalUpdate === false && !Number(sent.metadata.resourceVersion ?? 0)
  let first: KubeObject | undefined = sent
  try {
    return await change(request, (current) => {
      checkSameObject(target, sent, current.object)
      if (unbound) throw unboundUpdate(target)
      // Each try gets a copy of its own: hooks change it.
      const draft = first ?? decodeBody(target, body, quiet(options))
      first = undefined
      return withStatusOf(target, draft, current.object)
    })
  } catch (error) {
    if (!isNotFound(error) || !strategy.allowCreateOnUpdate) throw error
    checkSameObject(target, sent, undefined)
    await options.confirmCreate?.()
    const entry = await create(request, unread(body as KubeObject))
    options.created?.()
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
