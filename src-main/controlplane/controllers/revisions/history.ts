import type { ControllerRevision } from '#types/apps/v1'
import type { PodTemplateSpec } from '#types/core/v1'
import { parseTime } from '../../../../src-kube/machinery/time.ts'
import { templateHash } from '../deployment/replica-sets.ts'
import { equal } from '../equal.ts'

/** Label of a revision: the hash of its template. */
export const REVISION_HASH_LABEL = 'controller.kubernetes.io/hash'
/** Label of a pod that says which revision it was made from. */
export const POD_REVISION_LABEL = 'controller-revision-hash'

/** Characters of the owner's name in that of a revision: with a hyphen and the hash it is a name still. */
const LONGEST_PREFIX = 223

/** What a revision keeps: a patch that puts the template back, as `kubectl rollout undo` sends it. */
export function revisionData(template: PodTemplateSpec): Record<string, unknown> {
  return { spec: { template: { ...template, $patch: 'replace' } } }
}

/** The template that a revision keeps; undefined when it keeps none. */
export function templateOf({ data }: ControllerRevision): PodTemplateSpec | undefined {
  const { template } = (data?.['spec'] ?? {}) as { template?: PodTemplateSpec & { $patch?: string } }
  if (!template) return undefined
  const { $patch: _, ...rest } = template
  return rest
}

/** A revision's name and hash for an owner's template; another collision count gives others. */
export function revisionName(
  owner: string,
  template: PodTemplateSpec,
  collisionCount: number | undefined,
): { name: string; hash: string } {
  const hash = templateHash(template, collisionCount)
  return { name: `${owner.slice(0, LONGEST_PREFIX)}-${hash}`, hash }
}

/** Oldest first: by number, then age, then name. */
export function inOrder(revisions: readonly ControllerRevision[]): ControllerRevision[] {
  const age = ({ metadata }: ControllerRevision) => parseTime(metadata.creationTimestamp) ?? 0
  return revisions.toSorted(
    (a, b) => a.revision - b.revision || age(a) - age(b) || (a.metadata.name < b.metadata.name ? -1 : 1),
  )
}

/** The latest of the ordered revisions that keeps this template. */
export function revisionWith(
  ordered: readonly ControllerRevision[],
  template: PodTemplateSpec,
): ControllerRevision | undefined {
  const data = revisionData(template)
  return ordered.findLast((revision) => equal(revision.data, data))
}

/**
 * Revisions that nobody needs any more, oldest first: those beyond `limit` that no pod was made from (`live`, by name or by hash).
 */
export function superfluous(
  ordered: readonly ControllerRevision[],
  live: ReadonlySet<string>,
  limit: number,
  hashLabel: string,
): ControllerRevision[] {
  const history = ordered.filter(
    ({ metadata }) => !live.has(metadata.name) && !live.has(metadata.labels?.[hashLabel] ?? ''),
  )
  return history.slice(0, Math.max(0, history.length - limit))
}
