import type { StatefulSet } from '#types/apps/v1'
import type { PersistentVolumeClaim, Pod } from '#types/core/v1'
import { refs } from '../../../../src-kube/client/refs.ts'
import { isNotFound } from '../../../../src-kube/machinery/errors.ts'
import { controllerOf, type OwnerReference } from '../../../../src-kube/machinery/meta.ts'
import type { ControllerContext } from '../../../../src-kube/runtime/controller.ts'
import { controllerReference } from '../../../../src-kube/runtime/owners.ts'
import { messageOf, namespaceEnds } from '../refusal.ts'
import { claimNames, claimsFor } from './identity.ts'

/**
 * Makes the claims that a pod lacks; the pod comes after them. Throws when one cannot be made or is being deleted.
 */
export async function createClaims(ctx: ControllerContext, set: StatefulSet, pod: string): Promise<void> {
  const informer = ctx.informer(refs.persistentVolumeClaims)
  for (const draft of claimsFor(set, pod)) {
    const { name, namespace } = draft.metadata
    const known = informer.get(`${namespace}/${name}`)
    if (known?.metadata.deletionTimestamp) throw new Error(`pvc ${name} is being deleted`)
    if (known) continue
    const about = `Pod ${pod} in StatefulSet ${set.metadata.name}`
    try {
      await ctx.client.resource(refs.persistentVolumeClaims).create(draft)
      ctx.events.event(set, 'Normal', 'SuccessfulCreate', `create Claim ${name} ${about} success`)
    } catch (error) {
      if (isAlreadyThere(error)) continue
      if (!namespaceEnds(error)) {
        const words = `create Claim ${name} for ${about} failed error: ${messageOf(error)}`
        ctx.events.event(set, 'Warning', 'FailedCreate', words)
      }
      throw new Error(`failed to create PVC ${name}: ${messageOf(error)}`, { cause: error })
    }
  }
}

const isAlreadyThere = (error: unknown): boolean => (error as { reason?: string }).reason === 'AlreadyExists'

/** Whether a claim still belongs to an earlier pod of this name and goes with it: the next pod must not have it. */
export function hasStaleClaim(ctx: ControllerContext, set: StatefulSet, pod: string): boolean {
  const { namespace } = set.metadata
  return claimNames(set, pod).some((name) => {
    const claim = ctx.informer(refs.persistentVolumeClaims).get(`${namespace}/${name}`)
    return claim?.metadata.ownerReferences?.some((owner) => owner.kind === 'Pod' && owner.name === pod) ?? false
  })
}

/** What is to become of a pod: it is kept, or scaled away. */
export type Fate = 'kept' | 'condemned'

/**
 * Owners of a claim as `persistentVolumeClaimRetentionPolicy` asks for ("StatefulSets: PersistentVolumeClaim retention"): the set when
 * claims go with it, the pod when it is being scaled away. A claim that somebody else controls is left alone. Pure.
 */
export function retainedBy(claim: PersistentVolumeClaim, set: StatefulSet, pod: Pod, fate: Fate): OwnerReference[] {
  const { whenDeleted, whenScaled } = set.spec.persistentVolumeClaimRetentionPolicy ?? {}
  const had = claim.metadata.ownerReferences ?? []
  const ours = new Set([set.metadata.uid, pod.metadata.uid])
  const controller = controllerOf(claim)
  if (controller && !ours.has(controller.uid)) return had
  const byPod = fate === 'condemned' && whenScaled === 'Delete'
  const wanted = byPod
    ? [controllerReference(pod, refs.pods)]
    : whenDeleted === 'Delete'
      ? [controllerReference(set, refs.statefulSets)]
      : []
  const kept = had.filter((owner) => owner.controller === true && wanted.some(({ uid }) => uid === owner.uid))
  return [...had.filter(({ uid }) => !ours.has(uid)), ...(kept.length > 0 ? kept : wanted)]
}

/** Gives a pod's claims the owners that {@link retainedBy} wants. */
export async function retainClaims(ctx: ControllerContext, set: StatefulSet, pod: Pod, fate: Fate): Promise<void> {
  const { namespace } = set.metadata
  for (const name of claimNames(set, pod.metadata.name)) {
    const claim = ctx.informer(refs.persistentVolumeClaims).get(`${namespace}/${name}`)
    if (!claim || claim.metadata.deletionTimestamp) continue
    const ownerReferences = retainedBy(claim, set, pod, fate)
    if (sameOwners(claim.metadata.ownerReferences ?? [], ownerReferences)) continue
    const metadata = { ...claim.metadata, ownerReferences }
    try {
      await ctx.client.resource(refs.persistentVolumeClaims).update({ ...claim, metadata })
    } catch (error) {
      if (!isNotFound(error)) throw error
    }
  }
}

function sameOwners(a: readonly OwnerReference[], b: readonly OwnerReference[]): boolean {
  return (
    a.length === b.length && a.every(({ uid, controller }, i) => b[i]?.uid === uid && b[i].controller === controller)
  )
}
