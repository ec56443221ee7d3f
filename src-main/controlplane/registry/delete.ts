import type { DeleteOptions } from '#types/meta/v1'
import {
  badRequest,
  conflict,
  invalid,
  isNotFound,
  notFound,
  type FieldError,
} from '../../../src-kube/machinery/errors.ts'
import { fieldPath } from '../../../src-kube/machinery/field-path.ts'
import type { KubeObject } from '../../../src-kube/machinery/meta.ts'
import { formatTime } from '../../../src-kube/machinery/time.ts'
import { RevisionMismatchError } from '../store/store.ts'
import { attributesOf, nameOf, strategyOf, type Core, type WriteRequest } from './context.ts'
import { encodeForStore } from './encoding.ts'
import { entryOf, plainEntry, type StoredEntry } from './entry.ts'
import { specFinalizers } from './finalizers.ts'
import { keyOf } from './keys.ts'
import { listEntries } from './list.ts'
import { orphansByDefault, warningOfOrphans } from './orphaning.ts'
import { listViewsIfPossible } from './conversion/reading.ts'
import type { Entry, EntryList, ListOptions, Target } from './registry.ts'

const TRIES = 10
const FOREGROUND = 'foregroundDeletion'
const ORPHAN = 'orphan'

/** What became of an object that was to be deleted: gone, or kept for its finalizers or its grace period and marked so. */
export interface Deletion {
  gone: boolean
  entry: Entry
}

/**
 * Deletes at once, or marks the object as going: while finalizers hold it, or while its kind gives it time to end
 * (kubernetes.io, "Finalizers", "Garbage Collection: Cascading deletion").
 */
export async function remove(request: WriteRequest, body: Partial<DeleteOptions>): Promise<Deletion> {
  const { core, target, options } = request
  const key = keyOf(target.descriptor, target.namespace, target.name)
  checkOptions(body)
  const warning = policyOf(body) === undefined ? warningOfOrphans(target) : undefined
  if (warning) options.warn(warning)
  for (let i = 1; ; i++) {
    const current = core.caches.of(target.descriptor).get(key)
    if (!current) throw notFound(nameOf(target), target.name)
    const next = core.caches.nextCommit()
    checkPreconditions(target, body, current)
    const seen = target.descriptor.conversion ? await core.conversions.viewIfPossible(target, current) : current
    const attributes = attributesOf('DELETE', request, { oldObject: seen.object })
    await core.admission.admit(attributes)
    await core.admission.validate(attributes)
    try {
      const done = await removeCurrent(request, body, current)
      if (!target.descriptor.conversion) return done
      return { ...done, entry: await core.conversions.viewIfPossible(target, done.entry) }
    } catch (error) {
      if (!(error instanceof RevisionMismatchError)) throw error
      if (i >= TRIES) throw conflict(nameOf(target), target.name)
      if (core.caches.of(target.descriptor).get(key) === current) await next
    }
  }
}

/** As upstream lists them: `nil` is leaving it out. */
const policies: readonly string[] = ['Foreground', 'Background', 'Orphan', 'nil']

/** What is wrong with how the dependents are to be dealt with (reference: apimachinery's `ValidateDeleteOptions`). */
export function policyErrors(body: Partial<DeleteOptions>): FieldError[] {
  const { propagationPolicy: policy } = body
  const at = fieldPath('propagationPolicy')
  const errors: FieldError[] = []
  if (policy !== undefined && body.orphanDependents !== undefined)
    errors.push(at.invalid(policy, 'orphanDependents and deletionPropagation cannot be both set'))
  if (policy !== undefined && !policies.includes(policy)) errors.push(at.notSupported(policy, policies))
  return errors
}

function checkOptions(body: Partial<DeleteOptions>): void {
  const errors = policyErrors(body)
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', kind: 'DeleteOptions' }, '', errors)
  const { gracePeriodSeconds } = body
  if (gracePeriodSeconds !== undefined && !Number.isInteger(gracePeriodSeconds))
    throw badRequest('gracePeriodSeconds must be a whole number')
}

/** Throws 409 when another object is meant than the one that is there. Upstream names the kind here, not the resource. */
export function checkPreconditions(
  target: Target,
  { preconditions }: Partial<DeleteOptions>,
  { object }: StoredEntry,
): void {
  const { uid, resourceVersion } = preconditions ?? {}
  const { metadata } = object
  const kind = { group: target.served.group, resource: target.descriptor.kind }
  const differs = (what: string, wanted: string, is: string, why: string) =>
    conflict(
      kind,
      target.name,
      `the ${what} in the precondition (${wanted}) does not match the ${what} in record (${is}). The object might have been ${why}`,
    )
  if (uid && uid !== metadata.uid) throw differs('UID', uid, metadata.uid, 'deleted and then recreated')
  if (resourceVersion && resourceVersion !== metadata.resourceVersion)
    throw differs('ResourceVersion', resourceVersion, metadata.resourceVersion!, 'modified')
}

async function removeCurrent(
  { core, target, options }: WriteRequest,
  body: Partial<DeleteOptions>,
  current: StoredEntry,
): Promise<Deletion> {
  const { descriptor } = target
  const strategy = strategyOf(core, descriptor)
  const going = current.object.metadata.deletionTimestamp !== undefined
  const object = (going ? undefined : strategy.beforeDelete?.(current.object, core.clock.now())) ?? current.object
  const grace = strategy.gracePeriod?.(object, body.gracePeriodSeconds) ?? 0
  const finalizers = finalizersAfter(object, target, policyOf(body))
  const ofSpec = specFinalizers(strategy, object)
  const held = finalizers.length > 0 || ofSpec.length > 0
  if (!held && grace === 0) {
    if (options.dryRun) return { gone: true, entry: plainEntry(object) }
    const last = strategy.gracePeriod ? await outOfTime(core, target, current, object) : current
    const gone = await core.store.delete(last.stored.key, last.revision)
    strategy.release?.(object)
    return { gone: true, entry: entryOf(gone, descriptor) }
  }
  // Namespaces and definitions wait for their content; they have no grace period of their own.
  const graceless = ofSpec.length > 0 || strategy.beforeDelete !== undefined
  let marked = markedForDeletion(object, finalizers, graceless ? undefined : grace, core.clock.now())
  if (!marked) return { gone: false, entry: current }
  // A namespace that finalizers of its spec hold says so in its phase: from now on nothing can be created in it.
  if (ofSpec.length > 0) marked = { ...marked, status: { ...(marked['status'] as object), phase: 'Terminating' } }
  if (options.dryRun) return { gone: false, entry: plainEntry(marked) }
  return {
    gone: false,
    entry: entryOf(
      await core.store.update(current.stored.key, encodeForStore(marked, current), current.revision),
      descriptor,
    ),
  }
}

/** An object whose kind gives it time goes in two writes, as upstream has it: who watches sees it out of time before it is gone. */
async function outOfTime(
  core: Core,
  { descriptor }: Target,
  current: StoredEntry,
  object: KubeObject,
): Promise<StoredEntry> {
  const marked = markedForDeletion(object, object.metadata.finalizers ?? [], 0, core.clock.now())
  if (!marked) return current
  const { stored, revision } = current
  return entryOf(await core.store.update(stored.key, encodeForStore(marked, current), revision), descriptor)
}

/** What the request says of the object's dependents, in today's words or in those of old. */
function policyOf({ propagationPolicy, orphanDependents }: Partial<DeleteOptions>): string | undefined {
  if (propagationPolicy !== undefined || orphanDependents === undefined) return propagationPolicy
  return orphanDependents ? 'Orphan' : 'Background'
}

/**
 * The policy of the request, else what the object says already, else its kind: `foregroundDeletion` and `orphan` exclude each other.
 */
function finalizersAfter({ metadata }: KubeObject, target: Target, policy: string | undefined): string[] {
  const present = metadata.finalizers ?? []
  // Events own nothing, so there is nobody to wait for.
  if (target.descriptor.kind === 'Event') return present
  const others = present.filter((finalizer) => finalizer !== FOREGROUND && finalizer !== ORPHAN)
  const says = policy ?? (others.length === present.length && orphansByDefault(target) ? 'Orphan' : undefined)
  if (says === undefined) return present
  if (says === 'Foreground') return [...others, FOREGROUND]
  return says === 'Orphan' ? [...others, ORPHAN] : others
}

/** When an object goes; who has no grace period is told of none. A shorter one counts from the deletion that gave the longer one. */
function timesOf(
  now: number,
  grace: number | undefined,
  { deletionTimestamp, deletionGracePeriodSeconds = 0 }: KubeObject['metadata'],
) {
  const begun = deletionTimestamp ? Date.parse(deletionTimestamp) - deletionGracePeriodSeconds * 1000 : now
  return {
    deletionTimestamp: formatTime(begun + (grace ?? 0) * 1000),
    ...(grace === undefined ? {} : { deletionGracePeriodSeconds: grace }),
  }
}

/**
 * Undefined when the object already goes at least as soon.
 *
 * @param grace Seconds; undefined for kinds without a grace period.
 */
function markedForDeletion(
  object: KubeObject,
  finalizers: string[],
  grace: number | undefined,
  now: number,
): KubeObject | undefined {
  const { metadata } = object
  const going = metadata.deletionTimestamp !== undefined
  const sooner = !going || (grace !== undefined && grace < (metadata.deletionGracePeriodSeconds ?? 0))
  const sameFinalizers =
    finalizers.length === (metadata.finalizers ?? []).length &&
    finalizers.every((f) => metadata.finalizers?.includes(f))
  if (going && !sooner && sameFinalizers) return undefined
  const { finalizers: _, ...rest } = metadata
  const times = going && !sooner ? {} : timesOf(now, grace, metadata)
  const generation = going || metadata.generation === undefined ? {} : { generation: metadata.generation + 1 }
  return { ...object, metadata: { ...rest, ...(finalizers.length > 0 ? { finalizers } : {}), ...times, ...generation } }
}

/** Deletes what a list selects, each object on its own; answers the list as it was. */
export async function removeCollection(
  { core, target, options }: WriteRequest,
  list: ListOptions,
  body: Partial<DeleteOptions>,
): Promise<EntryList> {
  const found = await (target.descriptor.conversion ? listViewsIfPossible : listEntries)(core, target, list)
  await Promise.all(
    found.entries.map(async (entry) => {
      const { name, namespace = '' } = entry.object.metadata
      try {
        await remove({ core, target: { ...target, name, namespace }, options }, body)
      } catch (error) {
        if (!isNotFound(error)) throw error
      }
    }),
  )
  return found
}
