import type { OwnerReference } from '#types/meta/v1'
import type { KubeObject } from '../../../src-kube/machinery/meta.ts'

const where = {
  sent: '.metadata.ownerReferences contains duplicate entries',
  admitted: '.metadata.ownerReferences contains duplicate entries after mutating admission happens',
}

/**
 * Takes out owner references that an object has twice, and warns of them as kube-apiserver does: of a creation and an update before admission and
 * after it, of a patch after it. The metadata is written to.
 *
 * @param when whether the object is as it was sent, or as admission left it
 */
export function dropDuplicateOwners(
  { metadata }: KubeObject,
  warn: (words: string) => void,
  when: keyof typeof where,
): void {
  const references = metadata.ownerReferences
  if (!references || references.length < 2) return
  const kept = new Map<string, OwnerReference>()
  const twice: string[] = []
  for (const reference of references) {
    const { apiVersion, kind, name, uid, controller, blockOwnerDeletion } = reference
    const key = JSON.stringify([apiVersion, kind, name, uid, controller ?? null, blockOwnerDeletion ?? null])
    if (kept.has(key)) twice.push(uid)
    else kept.set(key, reference)
  }
  if (twice.length === 0) return
  metadata.ownerReferences = [...kept.values()]
  const advice =
    'API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests'
  warn(`${where[when]}; ${advice}; duplicate UID(s) observed: [${twice.join(' ')}]`)
}
