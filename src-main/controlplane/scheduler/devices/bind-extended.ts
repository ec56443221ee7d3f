import type { ContainerExtendedResourceRequest, Pod } from '#types/core/v1'
import type { AllocationResult, ResourceClaim } from '#types/resource.k8s.io/v1'
import { refs } from '../../../../src-kube/client/refs.ts'
import type { Client } from '../../../../src-kube/client/typed-client.ts'
import { CLAIM_FINALIZER } from '../../../../src-kube/kinds/resource/pod-claims.ts'
import { formatTime } from '../../../../src-kube/machinery/time.ts'
import { controllerReference } from '../../../../src-kube/runtime/owners.ts'
import type { BindingContext } from '../framework/plugin.ts'
import { awaitDevices } from './await-devices.ts'
import type { UnmadeClaim } from './extended-resources.ts'
import type { PendingAllocations } from './pending.ts'

/**
 * Makes the claim for what a pod asks as extended resources, with its devices, and tells the pod (KEP-5004). Where that fails, nothing is
 * left; once the pod knows its claim, later attempts find it there.
 */
export async function bindExtended(
  client: Client,
  context: BindingContext,
  { claim, mappings }: UnmadeClaim,
  pending: PendingAllocations,
): Promise<void> {
  const allocation = pending.get(claim.metadata.uid)
  if (!allocation) throw new Error('extended resources were not reserved')
  const { pod, signal } = context
  const claims = client.resource(refs.resourceClaims)
  const { generateName, namespace, annotations } = claim.metadata
  const ownerReferences = [controllerReference(pod.pod, refs.pods)]
  const metadata = { generateName, namespace, annotations, ownerReferences, finalizers: [CLAIM_FINALIZER] }
  const made = await claims.create({ ...claim, metadata }, { signal })
  try {
    const written = await claims.updateStatus({ ...made, status: statusFor(context, allocation) }, { signal })
    pending.add(made, allocation)
    pending.written(written)
    pending.drop(claim.metadata.uid)
    await tell(client, pod.pod, made.metadata.name, mappings)
    await awaitDevices(client, context, [written])
  } catch (error) {
    if (!signal.aborted) await discardClaim(client, made)
    throw error
  }
}

function statusFor({ pod, clock }: BindingContext, allocation: AllocationResult): ResourceClaim['status'] {
  const reservedFor = [{ resource: 'pods', name: pod.pod.metadata.name, uid: pod.uid }]
  return { allocation: { ...allocation, allocationTimestamp: formatTime(clock.now()) }, reservedFor }
}

async function tell(
  client: Client,
  { metadata }: Pod,
  resourceClaimName: string,
  requestMappings: readonly ContainerExtendedResourceRequest[],
): Promise<void> {
  const { name, namespace, uid } = metadata
  const type = 'application/merge-patch+json'
  const body = { metadata: { uid }, status: { extendedResourceClaimStatus: { resourceClaimName, requestMappings } } }
  await client.resource(refs.pods).patch({ name, namespace, subresource: 'status', type, body })
}

/** Frees the devices of a claim that was made for a pod's extended resources, and deletes it. */
export async function discardClaim(client: Client, claim: ResourceClaim): Promise<void> {
  const { name, namespace, uid } = claim.metadata
  const { resourceVersion: _, ...metadata } = claim.metadata
  const claims = client.resource(refs.resourceClaims)
  await claims.updateStatus({ ...claim, metadata, status: {} } as ResourceClaim)
  await claims.delete(name, namespace, { preconditions: { uid } })
}
