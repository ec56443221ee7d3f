import type { Pod } from '#types/core/v1'
import type { ResourceClaim, ResourceClaimConsumerReference } from '#types/resource.k8s.io/v1'
import { refs } from '../../../../src-kube/client/refs.ts'
import { allClaimKeysOf, CLAIM_FINALIZER, usesClaims } from '../../../../src-kube/kinds/resource/pod-claims.ts'
import { isNotFound } from '../../../../src-kube/machinery/errors.ts'
import { controllerOf } from '../../../../src-kube/machinery/meta.ts'
import {
  type AnyController,
  type ControllerContext,
  defineController,
  done,
  watching,
} from '../../../../src-kube/runtime/controller.ts'
import { deleteSeen } from '../../../../src-kube/runtime/delete-seen.ts'
import { hasFinalizer, removeFinalizer } from '../../../../src-kube/runtime/finalizers.ts'
import { isPodTerminal } from '../pods.ts'

/**
 * Takes claims back from pods that have ended or are gone: a claim that nobody uses any more gives its devices back, and one that was
 * made for a pod which runs no more is deleted (kubernetes.io, "Dynamic Resource Allocation").
 */
export function resourceClaimRelease(): AnyController {
  return defineController<ResourceClaim>({
    name: 'resourceclaim-release',
    component: 'resource_claim',
    for: refs.resourceClaims,
    watches: [
      watching(refs.pods, (pod, ctx) => {
        if (!usesClaims(pod)) return []
        const ended = isOver(pod) || !ctx.informer(refs.pods).get(`${pod.metadata.namespace}/${pod.metadata.name}`)
        return ended ? allClaimKeysOf(pod) : []
      }),
    ],
    async reconcile(ctx, claim) {
      const reservedFor = claim.status?.reservedFor ?? []
      const valid = await validConsumers(ctx, claim, reservedFor)
      const unused = valid.length === 0
      const goes = unused && claim.metadata.deletionTimestamp !== undefined
      const left = valid.length < reservedFor.length
      const current = left || (goes && claim.status?.allocation) ? await shrink(ctx, claim, valid) : claim
      // The scheduler puts it on a claim just before it allocates it: only what was given back, or is to go, is let go.
      if (unused && (left || goes) && !current.status?.allocation && hasFinalizer(current, CLAIM_FINALIZER))
        await removeFinalizer(ctx.client, refs.resourceClaims, current, CLAIM_FINALIZER)
      if (unused && !claim.metadata.deletionTimestamp && (await isLeftOver(ctx, claim))) await remove(ctx, claim)
      return done
    },
  })
}

/** A pod that will use nothing any more. */
const isOver = (pod: Pod): boolean => isPodTerminal(pod) || (!!pod.metadata.deletionTimestamp && !pod.spec.nodeName)

async function validConsumers(
  ctx: ControllerContext,
  { metadata }: ResourceClaim,
  consumers: readonly ResourceClaimConsumerReference[],
): Promise<ResourceClaimConsumerReference[]> {
  const valid: ResourceClaimConsumerReference[] = []
  for (const consumer of consumers) {
    // Other consumers than pods release claims themselves.
    const isPod = !consumer.apiGroup && consumer.resource === 'pods'
    if (!isPod || (await runs(ctx, metadata.namespace, consumer))) valid.push(consumer)
  }
  return valid
}

/** Looks at the cache first and, when the pod is not there, asks the server: it may be newer than the cache. */
async function runs(
  ctx: ControllerContext,
  namespace: string | undefined,
  { name, uid }: { name: string; uid: string },
): Promise<boolean> {
  const known = ctx.informer(refs.pods).get(`${namespace}/${name}`)
  if (known?.metadata.uid === uid) return !isOver(known)
  try {
    const pod = await ctx.client.resource(refs.pods).get(name, namespace)
    return pod.metadata.uid === uid && !isOver(pod)
  } catch (error) {
    if (isNotFound(error)) return false
    throw error
  }
}

/** Writes who still uses the claim; with nobody left its devices are free, and what drivers told of them is void. */
function shrink(ctx: ControllerContext, claim: ResourceClaim, valid: ResourceClaimConsumerReference[]) {
  const status = valid.length > 0 ? { ...claim.status, reservedFor: valid } : {}
  return ctx.client.resource(refs.resourceClaims).updateStatus({ ...claim, status })
}

async function isLeftOver(ctx: ControllerContext, claim: ResourceClaim): Promise<boolean> {
  const owner = controllerOf(claim)
  if (owner?.kind !== 'Pod' || owner.apiVersion !== 'v1') return false
  return !(await runs(ctx, claim.metadata.namespace, owner))
}

const remove = (ctx: ControllerContext, claim: ResourceClaim): Promise<void> =>
  deleteSeen(ctx.client, refs.resourceClaims, claim)
