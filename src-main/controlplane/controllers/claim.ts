import { orphansOf } from '../../../src-kube/client/indexer.ts'
import type { TypedRef } from '../../../src-kube/client/typed-client.ts'
import { controllerOf, type ObjectLike } from '../../../src-kube/machinery/meta.ts'
import type { ControllerContext } from '../../../src-kube/runtime/controller.ts'
import { controllerReference } from '../../../src-kube/runtime/owners.ts'
import { unlessGone } from './unless-gone.ts'

/**
 * Which objects an owner claims by their labels, adopting those that have no owner (kubernetes.io, "Labels and Selectors", "Garbage Collection: Owners and
 * dependents").
 */
export interface ClaimOptions<O extends ObjectLike, T extends ObjectLike> {
  owner: O
  ownerRef: TypedRef<O>
  /** What is owned; its informer has the index `byController`. */
  ref: TypedRef<T>
  matches: (labels: Record<string, string> | undefined) => boolean
  /** Further condition for adoption. */
  adoptable?: (object: T) => boolean
}

/**
 * The objects an owner controls: those that carry its uid and match its selector. Matching orphans are adopted, owned objects that match
 * no longer are released. An owner that is being deleted adopts nothing; before an adoption it is read from the server.
 */
export async function claim<O extends ObjectLike, T extends ObjectLike>(
  ctx: ControllerContext,
  options: ClaimOptions<O, T>,
): Promise<T[]> {
  const { owner, ref, matches, adoptable } = options
  const informer = ctx.informer(ref)
  const claimed: T[] = []
  for (const object of informer.byIndex('controller', owner.metadata.uid)) {
    if (matches(object.metadata.labels)) claimed.push(object)
    else if (!owner.metadata.deletionTimestamp) await release(ctx, options, object)
  }
  if (owner.metadata.deletionTimestamp) return claimed
  const orphans = informer
    .byIndex('controller', orphansOf(owner.metadata.namespace))
    .filter((o) => !o.metadata.deletionTimestamp && matches(o.metadata.labels) && (adoptable?.(o) ?? true))
  if (orphans.length > 0 && (await stillThere(ctx, options)))
    for (const orphan of orphans) {
      const adopted = await adopt(ctx, options, orphan)
      if (adopted) claimed.push(adopted)
    }
  return claimed
}

async function stillThere<O extends ObjectLike, T extends ObjectLike>(
  ctx: ControllerContext,
  { owner, ownerRef }: ClaimOptions<O, T>,
): Promise<boolean> {
  const fresh = await ctx.client.resource(ownerRef).get(owner.metadata.name, owner.metadata.namespace)
  return fresh.metadata.uid === owner.metadata.uid && !fresh.metadata.deletionTimestamp
}

async function adopt<O extends ObjectLike, T extends ObjectLike>(
  ctx: ControllerContext,
  { owner, ownerRef, ref }: ClaimOptions<O, T>,
  object: T,
): Promise<T | undefined> {
  const { name, namespace, uid } = object.metadata
  const ownerReferences = [controllerReference(owner, ownerRef)]
  return unlessGone(
    ctx.client.resource(ref).patch({
      name,
      namespace,
      type: 'application/strategic-merge-patch+json',
      body: { metadata: { uid, ownerReferences } },
    }),
  )
}

async function release<O extends ObjectLike, T extends ObjectLike>(
  ctx: ControllerContext,
  { owner, ref }: ClaimOptions<O, T>,
  object: T,
): Promise<void> {
  if (controllerOf(object)?.uid !== owner.metadata.uid) return
  const { name, namespace, uid } = object.metadata
  const ownerReferences = [{ $patch: 'delete', uid: owner.metadata.uid }]
  await unlessGone(
    ctx.client.resource(ref).patch({
      name,
      namespace,
      type: 'application/strategic-merge-patch+json',
      body: { metadata: { uid, ownerReferences } },
    }),
  )
}
