import type { ResourceClaim } from '#types/resource.k8s.io/v1'
import { canBeReserved, claimFor, isReservedFor, notOwnedBy } from '../../../../src-kube/kinds/resource/pod-claims.ts'
import type { PodInfo } from '../framework/pod-info.ts'
import type { Lookups } from '../framework/snapshot.ts'
import type { OpenClaim } from './allocate.ts'
import { requestsOf } from './requests.ts'

/** The claims of a pod: those that have devices, and those that are still to get some. */
export interface PodClaims {
  readonly allocated: readonly ResourceClaim[]
  readonly open: readonly OpenClaim[]
}

/** The pod's claims, or what stands in the way of the pod as a whole. */
export function claimsOfPod(
  { pod, namespace, uid }: PodInfo,
  lookups: Lookups,
  isPending: (uid: string) => boolean,
): PodClaims | { readonly rejected: string } {
  const allocated: ResourceClaim[] = []
  const open: OpenClaim[] = []
  const seen = new Set<string>()
  for (const entry of pod.spec.resourceClaims ?? []) {
    const named = claimFor(pod, entry)
    if (named.kind === 'missing') return { rejected: named.why }
    if (named.kind === 'none' || seen.has(named.name)) continue
    seen.add(named.name)
    const claim = lookups.resourceClaim(`${namespace}/${named.name}`)
    if (!claim) return { rejected: `resourceclaim.resource.k8s.io "${named.name}" not found` }
    const rejected = named.own ? notOwnedBy(claim, pod) : undefined
    if (rejected) return { rejected }
    if (claim.metadata.deletionTimestamp) return { rejected: `resourceclaim "${named.name}" is being deleted` }
    if (claim.status?.allocation) {
      if (!isReservedFor(claim, uid) && !canBeReserved(claim)) return { rejected: 'resourceclaim in use' }
      allocated.push(claim)
      continue
    }
    if (isPending(claim.metadata.uid)) return { rejected: 'resource claim is in the process of being allocated' }
    const requests = requestsOf(claim, (name) => lookups.deviceClass(name))
    if ('rejected' in requests) return requests
    open.push({ claim, requests })
  }
  return { allocated, open }
}
