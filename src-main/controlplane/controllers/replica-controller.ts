import type { ReplicaSet, ReplicaSetStatus } from '#types/apps/v1'
import type { Pod } from '#types/core/v1'
import { byController, byNamespace } from '../../../src-kube/client/indexer.ts'
import { refs } from '../../../src-kube/client/refs.ts'
import type { TypedRef } from '../../../src-kube/client/typed-client.ts'
import { controllerOf, objectKey } from '../../../src-kube/machinery/meta.ts'
import {
  type AnyController,
  type ControllerContext,
  defineController,
  done,
  requeueAfter,
  watching,
} from '../../../src-kube/runtime/controller.ts'
import { claim } from './claim.ts'
import { availableIn, isPodActive } from './pods.ts'
import { untilRefusedMayReturn } from './refused-pods.ts'
import { replicaStatus, sameStatus, withFailure } from './replica-status.ts'
import { Scaling } from './scaling.ts'

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
  let scaling: Scaling
  return defineController<ReplicaSet>({
    name,
    for: ref,
    owns: [refs.pods],
    watches: [watching(refs.pods, (pod, ctx) => (controllerOf(pod) ? [] : ownersMatching(ctx, ref, matcher, pod)))],
    setup(ctx) {
      scaling = new Scaling(ctx, ref)
      ctx.informer(refs.pods).addIndex(byController.name, byController.of)
      ctx.informer(ref).addIndex(byNamespace.name, byNamespace.of)
      scaling.follow()
    },
    async gone(_ctx, key) {
      scaling.forget(key)
    },
    async reconcile(ctx, owner) {
      // Asked before the pods are counted: what comes meanwhile is counted the next time.
      const isSettled = scaling.isSettled(owner)
      const options = { owner, ownerRef: ref, ref: refs.pods, matches: matcher(owner), adoptable: isPodActive }
      const pods = await claim(ctx, options)
      const active = pods.filter(isPodActive)
      const isShort = active.length < (owner.spec.replicas ?? 1)
      const wait = isShort ? untilRefusedMayReturn(pods, ctx.clock.now()) : 0
      const mayScale = isSettled && wait <= 0 && !owner.metadata.deletionTimestamp
      const failure = mayScale ? await scaling.scale(owner, active) : undefined
      const terminating = pods.filter((pod) => pod.metadata.deletionTimestamp).length
      const now = ctx.clock.now()
      await writeStatus(ctx, ref, owner, withFailure(replicaStatus(owner, active, terminating, now), failure, now))
      if (failure) throw failure.error
      return nextLook(ctx, owner, active, wait)
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

async function writeStatus(
  ctx: ControllerContext,
  ref: TypedRef<ReplicaSet>,
  owner: ReplicaSet,
  status: ReplicaSetStatus,
): Promise<void> {
  if (sameStatus(owner, status)) return
  await ctx.client.resource(ref).updateStatus({ ...owner, status })
}

/** When a pod becomes available, or after `wait` milliseconds when refused pods may be replaced. */
function nextLook(ctx: ControllerContext, owner: ReplicaSet, active: readonly Pod[], wait: number) {
  const waits = active
    .map((pod) => availableIn(pod, owner.spec.minReadySeconds ?? 0, ctx.clock.now()))
    .filter((left) => left !== undefined && left > 0)
    .map((left) => left! + 1)
  const next = Math.min(...waits, wait > 0 ? wait : Infinity)
  return next === Infinity ? done : requeueAfter(next)
}
