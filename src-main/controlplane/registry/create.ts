import type { ManagedFieldsEntry } from '#types/meta/v1'
import { alreadyExists, badRequest, StatusError } from '../../../src-kube/machinery/errors.ts'
import type { KubeObject } from '../../../src-kube/machinery/meta.ts'
import { generateName } from '../../../src-kube/machinery/names.ts'
import { formatTime } from '../../../src-kube/machinery/time.ts'
import { KeyExistsError, type Unless } from '../store/store.ts'
import { endDryRun, writeAllocated } from './allocated.ts'
import {
  attributesOf,
  metadataRules,
  nameOf,
  refuseInvalid,
  strategyContext,
  strategyOf,
  type WriteRequest,
} from './context.ts'
import { decodeBody, quiet } from './decode.ts'
import { dropDuplicateOwners } from './duplicate-owners.ts'
import { encodeForStore } from './encoding.ts'
import { entryOf, type StoredEntry } from './entry.ts'
import { keyOf } from './keys.ts'
import { ownersOfCreated } from './owners.ts'
import type { Entry, Target } from './registry.ts'
import { validateObjectMeta } from './strategies/metadata.ts'
import { warningsOfFinalizers } from './finalizer-warnings.ts'
import { warningsOfCreation } from './warnings.ts'

/** Names tried for an object whose name is generated. */
const TRIES = 8

/** `managedFields`: whose the fields of an applied object are; others are their creator's. */
export async function create(
  request: WriteRequest,
  body: unknown,
  managedFields?: ManagedFieldsEntry[],
): Promise<Entry> {
  const { target, options } = request
  for (let i = 1; ; i++) {
    // Each try gets a copy of its own: hooks change it. There is one try of a name that is given.
    const own = options.ownsBody === true && isNamed(body)
    const object = decodeBody(target, body, i === 1 ? options : quiet(options), { own })
    checkMetadata(object, target)
    const generated = !object.metadata.name && object.metadata.generateName
    try {
      return await createOnce(request, object, managedFields)
    } catch (error) {
      const taken = error instanceof StatusError && error.reason === 'AlreadyExists'
      if (!taken || !generated) throw error
      if (i >= TRIES)
        throw new StatusError(
          409,
          'AlreadyExists',
          `${error.message}, the server was not able to generate a unique name for the object`,
          error.details,
        )
    }
  }
}

const isNamed = (body: unknown): boolean => Boolean((body as Partial<KubeObject> | null)?.metadata?.name)

function checkMetadata(object: KubeObject, target: Target): void {
  const { metadata } = object
  if (target.descriptor.scope === 'Namespaced') {
    if (metadata.namespace && metadata.namespace !== target.namespace) {
      throw badRequest('the namespace of the provided object does not match the namespace sent on the request')
    }
    metadata.namespace = target.namespace
  } else delete metadata.namespace
  // Upstream's storage says so, and nobody between it and the client gives it a reason.
  if (Number(metadata.resourceVersion ?? 0))
    throw new StatusError(500, '', 'resourceVersion should not be set on objects to be created')
  if (target.name && metadata.name && metadata.name !== target.name)
    throw badRequest(`the name of the object (${metadata.name}) does not match the name on the URL (${target.name})`)
  if (target.name) metadata.name = target.name
}

async function createOnce(
  request: WriteRequest,
  object: KubeObject,
  managedFields: ManagedFieldsEntry[] | undefined,
): Promise<Entry> {
  const { core, target, options } = request
  const { descriptor } = target
  const strategy = strategyOf(core, descriptor)
  const context = strategyContext(request)
  dropDuplicateOwners(object, options.warn, 'sent')
  const owners = managedFields ?? ownersOfCreated(request, object)
  const admitting = core.admission.admit(attributesOf('CREATE', request, { object }))
  if (admitting) await admitting
  dropDuplicateOwners(object, options.warn, 'admitted')
  nameGenerated(object)
  settleMetadata(object, context.now, descriptor.hasGeneration)
  if (owners) object.metadata.managedFields = owners
  if (!strategy.bornWithStatus && descriptor.subresources.some((sub) => sub.name === 'status')) delete object['status']
  const preparing = strategy.prepareForCreate?.(context, object)
  if (preparing) await preparing
  // A strategy may have named it.
  const key = keyOf(descriptor, target.namespace, object.metadata.name)
  refuseInvalid(target, object, [
    ...validateObjectMeta(object, metadataRules(descriptor, strategy)),
    ...(strategy.validate?.(context, object) ?? []),
    ...(strategy.validateCreate?.(context, object) ?? []),
  ])
  if (!options.silent) {
    const words = target.served.custom ? warningsOfFinalizers(object) : warningsOfCreation(object)
    words.forEach((one) => options.warn(one))
  }
  // Before quotas are charged for what will not be.
  if (core.caches.of(descriptor).get(key)) throw taken(request, object.metadata.name, key)
  const judging = core.admission.validate(attributesOf('CREATE', request, { object }))
  if (judging) await judging
  const allocate = strategy.allocate && (() => strategy.allocate!(context, object, undefined))
  if (options.dryRun) return endDryRun(allocate, object)
  const write = (unless?: Unless) => store(request, key, object, unless)
  const created = await (allocate ? writeAllocated(core, target, { allocate, write }) : write())
  return descriptor.conversion ? core.conversions.view(target, created) : created
}

async function store(
  request: WriteRequest,
  key: string,
  object: KubeObject,
  unless: Unless | undefined,
): Promise<StoredEntry> {
  const { core, target } = request
  const { descriptor } = target
  const stored = descriptor.conversion ? await core.conversions.toStorage(descriptor, object) : object
  try {
    return entryOf(await core.store.create(key, encodeForStore(stored), unless), descriptor)
  } catch (error) {
    if (error instanceof KeyExistsError) throw taken(request, object.metadata.name, key)
    throw error
  }
}

/** Makes up a name where none was given: who changes the object does not see it, who judges it does (kubernetes.io, "Generated values"). */
function nameGenerated({ metadata }: KubeObject): void {
  if (!metadata.name && metadata.generateName) metadata.name = generateName(metadata.generateName)
}

/** Somebody has the name, maybe not for long. */
function taken({ core, target }: WriteRequest, name: string, key: string): StatusError {
  const error = alreadyExists(nameOf(target), name)
  const going = core.caches.of(target.descriptor).get(key)?.object.metadata.deletionTimestamp
  if (going === undefined) return error
  const { code, reason, details } = error
  return new StatusError(code, reason, `object is being deleted: ${error.message}`, details)
}

function settleMetadata(object: KubeObject, now: number, hasGeneration: boolean): void {
  const { metadata } = object
  metadata.uid = crypto.randomUUID()
  metadata.creationTimestamp = formatTime(now)
  delete metadata.deletionTimestamp
  delete metadata.deletionGracePeriodSeconds
  delete metadata.selfLink
  delete metadata.managedFields
  if (hasGeneration) metadata.generation = 1
  else delete metadata.generation
}
