import type { ControllerRevision } from '#types/apps/v1'
import type { PodTemplateSpec } from '#types/core/v1'
import type { LabelSelector } from '#types/meta/v1'
import { refs } from '../../../../src-kube/client/refs.ts'
import type { TypedRef } from '../../../../src-kube/client/typed-client.ts'
import { isAlreadyExists, isNotFound } from '../../../../src-kube/machinery/errors.ts'
import { labelSelectorMatcher } from '../../../../src-kube/machinery/labels.ts'
import type { ObjectLike } from '../../../../src-kube/machinery/meta.ts'
import type { ControllerContext } from '../../../../src-kube/runtime/controller.ts'
import { controllerReference } from '../../../../src-kube/runtime/owners.ts'
import { claim } from '../claim.ts'
import { equal } from '../equal.ts'
import { inOrder, revisionData, REVISION_HASH_LABEL, revisionName, revisionWith, superfluous } from './history.ts'

/** An owner whose templates are kept as revisions: a StatefulSet or a DaemonSet. */
export interface RevisionOwner extends ObjectLike {
  spec: { selector: LabelSelector; template: PodTemplateSpec; revisionHistoryLimit?: number | undefined }
  status?: { collisionCount?: number | undefined } | undefined
}

/** The revisions of a StatefulSet or DaemonSet, by which templates of before are known and gone back to. */
export interface Revisions {
  /** All of the owner's, oldest first. */
  all: ControllerRevision[]
  /** That of the owner's template as it is now. */
  update: ControllerRevision
  collisionCount: number | undefined
}

/**
 * Needs the index `byController` on revisions. Claims the owner's revisions and sees to one for its template, numbered as the latest;
 * `hashLabel` carries its hash.
 */
export async function syncRevisions<O extends RevisionOwner>(
  ctx: ControllerContext,
  owner: O,
  ownerRef: TypedRef<O>,
  hashLabel = REVISION_HASH_LABEL,
): Promise<Revisions> {
  const matcher = labelSelectorMatcher(owner.spec.selector)
  const matches = (labels: Record<string, string> | undefined) => matcher.matches(labels ?? {})
  const all = inOrder(await claim(ctx, { owner, ownerRef, ref: refs.controllerRevisions, matches }))
  const count = owner.status?.collisionCount
  const last = all.at(-1)
  const same = revisionWith(all, owner.spec.template)
  if (same && same === last) return { all, update: same, collisionCount: count }
  const revision = (last?.revision ?? 0) + 1
  if (same) {
    const update = await ctx.client.resource(refs.controllerRevisions).update({ ...same, revision })
    return { all: inOrder([...all.filter((other) => other !== same), update]), update, collisionCount: count }
  }
  const made = await create(ctx, { owner, ownerRef, hashLabel, revision }, count)
  return { all: [...all, made.update], ...made }
}

interface Making<O extends RevisionOwner> {
  owner: O
  ownerRef: TypedRef<O>
  hashLabel: string
  revision: number
}

/** Another template under the same hash counts as a collision: the next count gives another name. */
async function create<O extends RevisionOwner>(
  ctx: ControllerContext,
  making: Making<O>,
  collisionCount: number | undefined,
): Promise<{ update: ControllerRevision; collisionCount: number | undefined }> {
  const { owner, ownerRef, hashLabel, revision } = making
  const { template } = owner.spec
  const { name, hash } = revisionName(owner.metadata.name, template, collisionCount)
  const { namespace, annotations } = owner.metadata
  const client = ctx.client.resource(refs.controllerRevisions)
  const data = revisionData(template)
  try {
    const update = await client.create({
      apiVersion: 'apps/v1',
      kind: 'ControllerRevision',
      metadata: {
        name,
        namespace,
        labels: { ...template.metadata?.labels, [hashLabel]: hash },
        ...(annotations ? { annotations } : {}),
        ownerReferences: [controllerReference(owner, ownerRef)],
      },
      data,
      revision,
    })
    return { update, collisionCount }
  } catch (error) {
    if (!isAlreadyExists(error)) throw error
    const existing = await client.get(name, namespace)
    if (equal(existing.data, data) && existing.metadata.ownerReferences?.[0]?.uid === owner.metadata.uid)
      return { update: existing, collisionCount }
    return create(ctx, making, (collisionCount ?? 0) + 1)
  }
}

/** Removes revisions beyond `spec.revisionHistoryLimit` that nothing lives of; `live` are names or hashes. */
export async function truncateHistory(
  ctx: ControllerContext,
  owner: RevisionOwner,
  all: readonly ControllerRevision[],
  live: ReadonlySet<string>,
  hashLabel = REVISION_HASH_LABEL,
): Promise<void> {
  for (const { metadata } of superfluous(all, live, owner.spec.revisionHistoryLimit ?? 10, hashLabel))
    try {
      await ctx.client.resource(refs.controllerRevisions).delete(metadata.name, metadata.namespace)
    } catch (error) {
      if (!isNotFound(error)) throw error
    }
}
