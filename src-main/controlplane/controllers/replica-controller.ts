import type { ReplicaSet, ReplicaSetStatus } from '#types/apps/v1'
import type { Pod, PodTemplateSpec } from '#types/core/v1'
import { byController, byNamespace } from '../../../src-kube/client/indexer.ts'
import { refs } from '../../../src-kube/client/refs.ts'
import type { TypedRef } from '../../../src-kube/client/typed-client.ts'
import type { ResourceRef } from '../../../src-kube/kinds/descriptor.ts'
import { isNotFound, StatusError } from '../../../src-kube/machinery/errors.ts'
import { controllerOf, objectKey } from '../../../src-kube/machinery/meta.ts'
import {
  type AnyController,
  type ControllerContext,
  defineController,
  done,
  requeueAfter,
  watching,
} from '../../../src-kube/runtime/controller.ts'
import { controllerReference } from '../../../src-kube/runtime/owners.ts'
import { claim } from './claim.ts'
import { inDeletionOrder } from './deletion-order.ts'
import { Expectations } from './expectations.ts'
import { availableIn, isPodActive } from './pods.ts'
import { type Failure, replicaStatus, sameStatus, withFailure } from './replica-status.ts'
import { slowStart } from './slow-start.ts'

const burst = 500

/** A kind that keeps a number of like pods. Replication controllers are seen through the eyes of a replica set. */
export interface ReplicaKind {
  name: string
  ref: TypedRef<ReplicaSet>
  matcher: (owner: ReplicaSet) => (labels: Record<string, string> | undefined) => boolean
}

/**
 * Keeps as many pods as `spec.replicas` says ("ReplicaSet" in the Kubernetes documentation): creates in growing batches, deletes those
 * whose loss costs least, adopts and releases by labels, and counts.
 */
export function replicaController({ name, ref, matcher }: ReplicaKind): AnyController {
  let expectations: Expectations
  const ownerKeyOf = (pod: Pod): string | undefined => {
    const owner = controllerOf(pod)
    return owner?.kind === ref.kind ? `${pod.metadata.namespace}/${owner.name}` : undefined
  }
  return defineController<ReplicaSet>({
    name,
    for: ref,
    owns: [refs.pods],
    watches: [watching(refs.pods, (pod, ctx) => (controllerOf(pod) ? [] : ownersMatching(ctx, ref, matcher, pod)))],
    setup(ctx) {
      expectations = new Expectations(ctx.clock)
      ctx.informer(refs.pods).addIndex(byController.name, byController.of)
      ctx.informer(ref).addIndex(byNamespace.name, byNamespace.of)
      const gone = (pod: Pod) => {
        const key = ownerKeyOf(pod)
        if (key) expectations.deleted(key, pod.metadata.uid)
      }
      ctx.informer(refs.pods).on({
        add(pod) {
          const key = ownerKeyOf(pod)
          if (key && !pod.metadata.deletionTimestamp) expectations.created(key)
          else if (key) gone(pod)
        },
        update: (pod) => (pod.metadata.deletionTimestamp ? gone(pod) : undefined),
        delete: gone,
      })
    },
    async gone(_ctx, key) {
      expectations.forget(key)
    },
    async reconcile(ctx, owner) {
      const ready = expectations.satisfied(objectKey(owner))
      const pods = await claim(ctx, {
        owner,
        ownerRef: ref,
        ref: refs.pods,
        matches: matcher(owner),
        adoptable: isPodActive,
      })
      const active = pods.filter(isPodActive)
      let failure: Failure | undefined
      if (ready && !owner.metadata.deletionTimestamp) failure = await scale(ctx, ref, expectations, owner, active)
      const terminating = pods.filter((pod) => pod.metadata.deletionTimestamp).length
      await writeStatus(
        ctx,
        ref,
        owner,
        withFailure(replicaStatus(owner, active, terminating, ctx.clock.now()), failure, ctx.clock.now()),
      )
      if (failure) throw failure.error
      return nextAvailability(ctx, owner, active)
    },
  })
}

function ownersMatching(
  ctx: ControllerContext,
  ref: TypedRef<ReplicaSet>,
  matcher: ReplicaKind['matcher'],
  pod: Pod,
): string[] {
  const owners = ctx.informer(ref).list(pod.metadata.namespace)
  return owners.filter((owner) => matcher(owner)(pod.metadata.labels)).map(objectKey)
}

async function scale(
  ctx: ControllerContext,
  ref: TypedRef<ReplicaSet>,
  expectations: Expectations,
  owner: ReplicaSet,
  active: readonly Pod[],
): Promise<Failure | undefined> {
  const missing = (owner.spec.replicas ?? 1) - active.length
  if (missing > 0) return createPods(ctx, ref, expectations, owner, Math.min(missing, burst))
  if (missing < 0) return deletePods(ctx, ref, expectations, owner, active, Math.min(-missing, burst))
  return undefined
}

async function createPods(
  ctx: ControllerContext,
  ref: TypedRef<ReplicaSet>,
  expectations: Expectations,
  owner: ReplicaSet,
  count: number,
): Promise<Failure | undefined> {
  const key = objectKey(owner)
  expectations.expect(key, count)
  const pod = podFromTemplate(owner, ref, owner.spec.template ?? { spec: { containers: [] } })
  let attempted = 0
  const { error } = await slowStart(count, async () => {
    attempted++
    try {
      const made = await ctx.client.resource(refs.pods).create(pod)
      ctx.events.event(owner, 'Normal', 'SuccessfulCreate', `Created pod: ${made.metadata.name}`)
    } catch (failure) {
      expectations.created(key)
      if (!namespaceEnds(failure)) {
        ctx.events.event(owner, 'Warning', 'FailedCreate', `Error creating: ${messageOf(failure)}`)
        throw failure
      }
    }
  })
  for (let i = attempted; i < count; i++) expectations.created(key)
  return error === undefined ? undefined : { reason: 'FailedCreate', error }
}

async function deletePods(
  ctx: ControllerContext,
  ref: TypedRef<ReplicaSet>,
  expectations: Expectations,
  owner: ReplicaSet,
  active: readonly Pod[],
  count: number,
): Promise<Failure | undefined> {
  const key = objectKey(owner)
  const victims = inDeletionOrder(active, relatedPods(ctx, ref, owner, active), ctx.clock.now()).slice(0, count)
  expectations.expect(
    key,
    0,
    victims.map((pod) => pod.metadata.uid),
  )
  const results = await Promise.allSettled(
    victims.map(async ({ metadata: { name, namespace, uid } }) => {
      try {
        await ctx.client.resource(refs.pods).delete(name, namespace, { preconditions: { uid } })
        ctx.events.event(owner, 'Normal', 'SuccessfulDelete', `Deleted pod: ${name}`)
      } catch (failure) {
        expectations.deleted(key, uid)
        if (isNotFound(failure)) return
        ctx.events.event(owner, 'Warning', 'FailedDelete', `Error deleting: ${messageOf(failure)}`)
        throw failure
      }
    }),
  )
  const failed = results.find((result) => result.status === 'rejected')
  return failed ? { reason: 'FailedDelete', error: failed.reason } : undefined
}

/** Pods of every replica set of the same deployment: they tell how crowded a node is. */
function relatedPods(
  ctx: ControllerContext,
  ref: TypedRef<ReplicaSet>,
  owner: ReplicaSet,
  active: readonly Pod[],
): readonly Pod[] {
  const parent = controllerOf(owner)?.uid
  if (!parent) return active
  const siblings = ctx
    .informer(ref)
    .list(owner.metadata.namespace)
    .filter((o) => controllerOf(o)?.uid === parent)
  return siblings.flatMap((o) => ctx.informer(refs.pods).byIndex(byController.name, o.metadata.uid)).filter(isPodActive)
}

/** A pod of an owner's template, with a generated name. */
export function podFromTemplate(
  owner: { metadata: ReplicaSet['metadata'] },
  ref: ResourceRef,
  template: PodTemplateSpec,
) {
  const { labels, annotations, finalizers } = template.metadata ?? {}
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      generateName: `${owner.metadata.name}-`,
      namespace: owner.metadata.namespace,
      ...(labels ? { labels } : {}),
      ...(annotations ? { annotations } : {}),
      ...(finalizers ? { finalizers } : {}),
      ownerReferences: [controllerReference(owner, ref)],
    },
    spec: template.spec ?? { containers: [] },
  }
}

async function writeStatus(
  ctx: ControllerContext,
  ref: TypedRef<ReplicaSet>,
  owner: ReplicaSet,
  status: ReplicaSetStatus,
): Promise<void> {
  if (sameStatus(owner, status)) return
  await ctx.client.resource(ref).updateStatus({ ...owner, status })
}

function nextAvailability(ctx: ControllerContext, owner: ReplicaSet, active: readonly Pod[]) {
  const waits = active
    .map((pod) => availableIn(pod, owner.spec.minReadySeconds ?? 0, ctx.clock.now()))
    .filter((wait) => wait !== undefined && wait > 0)
  return waits.length > 0 ? requeueAfter(Math.min(...(waits as number[])) + 1) : done
}

/** Whether the server refuses an object because its namespace is being emptied: nothing to report, nothing to try again. */
export function namespaceEnds(error: unknown): boolean {
  return (
    error instanceof StatusError &&
    error.reason === 'Forbidden' &&
    (error.details?.causes?.some((cause) => cause.reason === 'NamespaceTerminating') ?? false)
  )
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
