import type { ResourceClaim } from '#types/resource.k8s.io/v1'
import { refs } from '../../../../src-kube/client/refs.ts'
import type { Client } from '../../../../src-kube/client/typed-client.ts'
import { CLAIM_FINALIZER, isReservedFor } from '../../../../src-kube/kinds/resource/pod-claims.ts'
import { isConflict } from '../../../../src-kube/machinery/errors.ts'
import { formatTime } from '../../../../src-kube/machinery/time.ts'
import { addFinalizer } from '../../../../src-kube/runtime/finalizers.ts'
import type { BindingContext } from '../framework/plugin.ts'
import { awaitDevices } from './await-devices.ts'
import type { PendingAllocations } from './pending.ts'

/** So often a claim is written anew that others change meanwhile. */
const MOST_TRIES = 5

/**
 * Writes into each claim of a pod the devices it has and that the pod uses it. When one claim fails, the others stay allocated: they are the
 * pod's until it ends. Pods that share a claim write it one after the other, so that their writes do not conflict.
 * Then waits for devices that are to be made usable first.
 */
export function resourceClaimBinder(
  client: Client,
  pending: PendingAllocations,
): (context: BindingContext, keys: readonly string[]) => Promise<void> {
  /** The last of those who write a claim, by its key. */
  const turns = new Map<string, Promise<unknown>>()
  const inTurn = async (key: string, work: () => Promise<ResourceClaim>): Promise<ResourceClaim> => {
    const before = turns.get(key)
    // How it went for the one before is not this one's concern.
    const turn = before ? before.then(work, work) : work()
    turns.set(key, turn)
    try {
      return await turn
    } finally {
      if (turns.get(key) === turn) turns.delete(key)
    }
  }
  return async (context, keys) => {
    const written: ResourceClaim[] = []
    for (const key of keys)
      written.push(await inTurn(key, () => persist(() => bindClaim(client, context, key, pending))))
    await awaitDevices(client, context, written)
  }
}

async function persist<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await work()
    } catch (error) {
      if (!isConflict(error) || tries === MOST_TRIES) throw error
    }
  }
}

async function bindClaim(
  client: Client,
  { pod, clock, signal }: BindingContext,
  key: string,
  pending: PendingAllocations,
): Promise<ResourceClaim> {
  const claims = client.resource(refs.resourceClaims)
  const current = await claims.get(key.slice(key.indexOf('/') + 1), pod.namespace, { signal })
  const { metadata, status } = current
  const allocation = status?.allocation ? undefined : pending.get(metadata.uid)
  if (!status?.allocation && !allocation) throw new Error(`claim ${metadata.name} got deallocated`)
  if (!allocation && isReservedFor(current, pod.uid)) return current
  const kept = await addFinalizer(client, refs.resourceClaims, current, CLAIM_FINALIZER)
  const consumer = { resource: 'pods', name: pod.pod.metadata.name, uid: pod.uid }
  const reservedFor = isReservedFor(kept, pod.uid)
    ? kept.status!.reservedFor
    : [...(kept.status?.reservedFor ?? []), consumer]
  const allocationTimestamp = formatTime(clock.now())
  const given = allocation ? { allocation: { ...allocation, allocationTimestamp } } : {}
  const written = await claims.updateStatus({ ...kept, status: { ...kept.status, ...given, reservedFor } }, { signal })
  pending.written(written)
  return written
}
