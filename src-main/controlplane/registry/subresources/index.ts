import type { KindDescriptor } from '../../../../src-kube/kinds/descriptor.ts'
import { binding } from './binding.ts'
import { eviction } from './eviction.ts'
import { approval, ephemeralContainers, finalize } from './parts.ts'
import { resize } from './resize.ts'
import { scale } from './scale.ts'
import { status } from './status.ts'
import type { SubresourceBehaviour } from './subresource.ts'

/** Subresources that live in the store; those that reach into nodes are the API server's. */
const behaviours: readonly SubresourceBehaviour[] = [
  status,
  scale,
  binding,
  eviction,
  finalize,
  approval,
  ephemeralContainers,
  resize,
]

/** What a subresource does; undefined for one that the kind does not have. `more` are those that need the cluster's keys. */
export function behaviourOf(
  descriptor: KindDescriptor,
  name: string,
  more: readonly SubresourceBehaviour[],
): SubresourceBehaviour | undefined {
  const own = `${descriptor.group}/${descriptor.plural}`
  if (!descriptor.subresources.some((subresource) => subresource.name === name)) return undefined
  return [...behaviours, ...more].find(
    (behaviour) => behaviour.name === name && (behaviour.of === undefined || behaviour.of === own),
  )
}
