import type { Pod, PodResourceClaim } from '#types/core/v1'
import type { ResourceClaim } from '#types/resource.k8s.io/v1'
import { controllerOf } from '../../machinery/meta.ts'

/** Where an entry of `spec.resourceClaims` leads (kubernetes.io, "Dynamic Resource Allocation: ResourceClaims and ResourceClaimTemplates"). */
export type PodClaim =
  /** A claim of this name; one made for the pod must be its own. */
  | { readonly kind: 'named'; readonly name: string; readonly own: boolean }
  /** The controller found that the pod needs none. */
  | { readonly kind: 'none' }
  | { readonly kind: 'missing'; readonly why: string }

/**
 * Which ResourceClaim an entry of a pod's `spec.resourceClaims` means (KEP-4381): named there, made from its template, not made yet, or
 * none needed.
 */
export function claimFor({ metadata, status }: Pod, entry: PodResourceClaim): PodClaim {
  if (entry.resourceClaimName) return { kind: 'named', name: entry.resourceClaimName, own: false }
  const pod = `pod "${metadata.namespace}/${metadata.name}"`
  if (!entry.resourceClaimTemplateName)
    return { kind: 'missing', why: `${pod}, spec.resourceClaim "${entry.name}": none of the supported fields are set` }
  const made = status?.resourceClaimStatuses?.find(({ name }) => name === entry.name)
  if (!made) return { kind: 'missing', why: `${pod}: ResourceClaim not created yet` }
  return made.resourceClaimName ? { kind: 'named', name: made.resourceClaimName, own: true } : { kind: 'none' }
}

/** The key of the claim that the scheduler made for what a pod asks as extended resources (KEP-5004). */
export function extendedClaimKeyOf({ metadata, status }: Pod): string | undefined {
  const name = status?.extendedResourceClaimStatus?.resourceClaimName
  return name && `${metadata.namespace}/${name}`
}

/** Whether a pod uses devices by any claim. */
export const usesClaims = (pod: Pod): boolean =>
  !!pod.spec.resourceClaims?.length || pod.status?.extendedResourceClaimStatus !== undefined

/** Keys of all claims a pod uses by now. */
export function allClaimKeysOf(pod: Pod): string[] {
  const extended = extendedClaimKeyOf(pod)
  return extended ? [...claimKeysOf(pod), extended] : claimKeysOf(pod)
}

/** Keys (`namespace/name`) of the claims that a pod's spec refers to by now. */
export function claimKeysOf(pod: Pod): string[] {
  return (pod.spec.resourceClaims ?? []).flatMap((entry) => {
    const claim = claimFor(pod, entry)
    return claim.kind === 'named' ? [`${pod.metadata.namespace}/${claim.name}`] : []
  })
}

/** Why a claim that was made for a pod is not this pod's; undefined when it is. */
export function notOwnedBy(claim: ResourceClaim, { metadata }: Pod): string | undefined {
  if (controllerOf(claim)?.uid === metadata.uid) return undefined
  const { namespace, name } = claim.metadata
  return `ResourceClaim ${namespace}/${name} was not created for pod ${metadata.namespace}/${metadata.name} (pod is not owner)`
}

/** As many pods as may share a claim. */
const MOST_CONSUMERS = 256

/** Whether a pod of this uid may use the claim. */
export const isReservedFor = ({ status }: ResourceClaim, uid: string): boolean =>
  status?.reservedFor?.some((consumer) => consumer.uid === uid) ?? false

/** Whether one pod more may use the claim. */
export const canBeReserved = ({ status }: ResourceClaim): boolean => (status?.reservedFor?.length ?? 0) < MOST_CONSUMERS

/** What keeps an allocated claim until its devices are free. */
export const CLAIM_FINALIZER = 'resource.kubernetes.io/delete-protection'
