import { formatApiVersion } from '../machinery/gvk.ts'
import type { OwnerReference } from '../machinery/meta.ts'
import type { ResourceRef } from '../kinds/descriptor.ts'

/** The reference that makes `owner` the controller of what carries it; foreground deletion of the owner waits for it. */
export function controllerReference(
  owner: { metadata: { name: string; uid: string } },
  ref: ResourceRef,
): OwnerReference {
  return { ...ownerReference(owner, ref), controller: true, blockOwnerDeletion: true }
}

/** A plain reference to an owner. */
export function ownerReference(owner: { metadata: { name: string; uid: string } }, ref: ResourceRef): OwnerReference {
  return {
    apiVersion: formatApiVersion(ref.group, ref.version),
    kind: ref.kind,
    name: owner.metadata.name,
    uid: owner.metadata.uid,
  }
}
