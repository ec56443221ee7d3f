import type { Namespace, NamespaceCondition } from '#types/core/v1'
import { refs } from '../../../src-kube/client/refs.ts'
import type { ResourceRef } from '../../../src-kube/kinds/descriptor.ts'
import { isNotFound, StatusError } from '../../../src-kube/machinery/errors.ts'
import { qualifiedResource } from '../../../src-kube/machinery/gvk.ts'
import { formatTime } from '../../../src-kube/machinery/time.ts'
import {
  type AnyController,
  type ControllerContext,
  defineController,
  done,
  requeueAfter,
  watching,
} from '../../../src-kube/runtime/controller.ts'
import type { ResourceSource } from './discovery.ts'
import { equal } from './equal.ts'
import { ownContent, type NamespaceContent, type OtherContent } from './namespace-content.ts'
import { messageOf } from './refusal.ts'

const FINALIZER = 'kubernetes'
/** Milliseconds until a namespace is swept again that something is left in. */
const RETRY = 5_000

/** What a sweep through a namespace left behind. */
interface Remains {
  /** Qualified resource → instances. */
  resources: Map<string, number>
  /** Finalizer → instances that carry it. */
  finalizers: Map<string, number>
  failures: string[]
  /** Group versions of which nobody knows what is left. */
  silent: string[]
}

/**
 * Empties a namespace that is being deleted, pods first, then gives up its finalizer `kubernetes`; conditions tell what is in the
 * way ("Namespaces" in the Kubernetes documentation).
 */
export function namespaceController(resources: ResourceSource, others?: OtherContent): AnyController {
  return defineController<Namespace>({
    name: 'namespace-controller',
    for: refs.namespaces,
    watches: [
      watching(refs.pods, ({ metadata }, ctx) => {
        const namespace = metadata.namespace ?? ''
        const ending = ctx.informer(refs.namespaces).get(namespace)?.metadata.deletionTimestamp
        const gone = !ctx.informer(refs.pods).get(`${namespace}/${metadata.name}`)
        return ending && gone ? [namespace] : []
      }),
    ],
    async reconcile(ctx, namespace) {
      if (!namespace.metadata.deletionTimestamp || !namespace.spec?.finalizers?.includes(FINALIZER)) return done
      const remains = await sweep(ctx, { resources, others }, namespace.metadata.name)
      const updated = await writeConditions(ctx, namespace, remains)
      if (isLeft(remains)) return requeueAfter(RETRY)
      const finalizers = updated.spec?.finalizers?.filter((name) => name !== FINALIZER) ?? []
      const finalized = { ...updated, spec: { ...updated.spec, finalizers } }
      await ctx.client.resource(refs.namespaces).updateSubresource('finalize', finalized)
      return done
    },
  })
}

const isLeft = ({ resources, failures, silent }: Remains): boolean =>
  resources.size > 0 || failures.length > 0 || silent.length > 0

interface Sources {
  resources: ResourceSource
  others: OtherContent | undefined
}

async function sweep(ctx: ControllerContext, { resources, others }: Sources, namespace: string): Promise<Remains> {
  const remains: Remains = { resources: new Map(), finalizers: new Map(), failures: [], silent: others?.silent() ?? [] }
  const own = ownContent(ctx)
  await empty(own, refs.pods, namespace, remains)
  if (remains.resources.size > 0) return remains
  for (const ref of resources.list())
    if (ref.namespaced && ref.resource !== 'pods') await empty(own, ref, namespace, remains)
  if (others) for (const ref of others.list()) await empty(others, ref, namespace, remains)
  return remains
}

async function empty(content: NamespaceContent, ref: ResourceRef, namespace: string, remains: Remains): Promise<void> {
  try {
    const before = await content.items(ref, namespace)
    if (before.length === 0) return
    await content.empty(ref, namespace)
    const items = await content.items(ref, namespace)
    if (items.length > 0)
      remains.resources.set(`${qualifiedResource(ref.group, ref.resource)}${ref.group ? '' : '.'}`, items.length)
    for (const name of items.flatMap(({ metadata }) => metadata.finalizers ?? []))
      remains.finalizers.set(name, (remains.finalizers.get(name) ?? 0) + 1)
  } catch (error) {
    if (isNotFound(error) || (error instanceof StatusError && error.code === 405)) return
    remains.failures.push(messageOf(error))
  }
}

async function writeConditions(ctx: ControllerContext, namespace: Namespace, remains: Remains): Promise<Namespace> {
  const wanted = conditionsFor(remains)
  const old = namespace.status?.conditions ?? []
  if (old.length === 0 && !isLeft(remains)) return namespace
  const time = formatTime(ctx.clock.now())
  const conditions = wanted.map((condition): NamespaceCondition => {
    const known = old.find(({ type }) => type === condition.type)
    const lastTransitionTime = known?.status === condition.status ? known.lastTransitionTime : time
    return { ...condition, lastTransitionTime }
  })
  if (equal(old, conditions)) return namespace
  const status = { ...namespace.status, phase: 'Terminating' as const, conditions }
  return ctx.client.resource(refs.namespaces).updateStatus({ ...namespace, status })
}

/** In the words of upstream's client, which users look for. */
const undiscovered = (silent: readonly string[]): string =>
  `Discovery failed for some groups, ${silent.length} failing: unable to retrieve the complete list of server APIs: ` +
  silent.map((one) => `${one}: stale GroupVersion discovery: ${one}`).join(', ')

function conditionsFor({ resources, finalizers, failures, silent }: Remains): NamespaceCondition[] {
  const counted = [...resources].map(([name, count]) => `${name} has ${count} resource instances`).toSorted()
  const held = [...finalizers].map(([name, count]) => `${name} in ${count} resource instances`).toSorted()
  return [
    conditionOf('NamespaceDeletionDiscoveryFailure', {
      fault: silent.length > 0 && { reason: 'DiscoveryFailed', message: undiscovered(silent) },
      fine: { reason: 'ResourcesDiscovered', message: 'All resources successfully discovered' },
    }),
    // Groups and versions are known by their parts here: there is nothing that could not be parsed.
    conditionOf('NamespaceDeletionGroupVersionParsingFailure', {
      fine: { reason: 'ParsedGroupVersions', message: 'All legacy kube types successfully parsed' },
    }),
    conditionOf('NamespaceDeletionContentFailure', {
      fault: failures.length > 0 && {
        reason: 'ContentDeletionFailed',
        message: `Failed to delete all resource types, ${failures.length} remaining: ${failures.join(', ')}`,
      },
      fine: { reason: 'ContentDeleted', message: 'All content successfully deleted, may be waiting on finalization' },
    }),
    conditionOf('NamespaceContentRemaining', {
      fault: counted.length > 0 && {
        reason: 'SomeResourcesRemain',
        message: `Some resources are remaining: ${counted.join(', ')}`,
      },
      fine: { reason: 'ContentRemoved', message: 'All content successfully removed' },
    }),
    conditionOf('NamespaceFinalizersRemaining', {
      fault: held.length > 0 && {
        reason: 'SomeFinalizersRemain',
        message: `Some content in the namespace has finalizers remaining: ${held.join(', ')}`,
      },
      fine: { reason: 'ContentHasNoFinalizers', message: 'All content-preserving finalizers finished' },
    }),
  ]
}

type Verdict = Pick<NamespaceCondition, 'reason' | 'message'>

/** A condition that tells of a fault: True while there is one. */
function conditionOf(type: string, { fault, fine }: { fault?: Verdict | false; fine: Verdict }): NamespaceCondition {
  return { type, status: fault ? 'True' : 'False', ...(fault || fine) }
}
