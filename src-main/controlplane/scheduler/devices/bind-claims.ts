import { refs } from '../../../../src-kube/client/refs.ts'
import type { Client } from '../../../../src-kube/client/typed-client.ts'
import { claimFinalizer, claimKeysOf, isReservedFor } from '../../../../src-kube/kinds/resource/pod-claims.ts'
import { isConflict } from '../../../../src-kube/machinery/errors.ts'
import { setFinalizer } from '../../../../src-kube/runtime/finalizers.ts'
import type { BindingContext } from '../framework/plugin.ts'
import type { PendingAllocations } from './pending.ts'

/** So often a claim is written anew that others change meanwhile. */
const mostTries = 5

/**
 * Writes into each claim of a pod which devices it has, and that the pod uses it. A claim stays allocated when another fails: what was
 * written is the pod's until it ends. Pods that share a claim write it in turn, so that they do not refuse one another.
 */
export function claimBinder(client: Client, pending: PendingAllocations): (context: BindingContext) => Promise<void> {
  /** The last of those who write a claim, by its key. */
  const turns = new Map<string, Promise<void>>()
  const inTurn = async (key: string, work: () => Promise<void>): Promise<void> => {
    const before = turns.get(key)
    // How it went for the one before is not this one's concern.
    const turn = before ? before.then(work, work) : work()
    turns.set(key, turn)
    try {
      await turn
    } finally {
      if (turns.get(key) === turn) turns.delete(key)
    }
  }
  return async (context) => {
    for (const key of claimKeysOf(context.pod.pod))
      await inTurn(key, () => persist(() => bindClaim(client, context, key, pending)))
  }
}

async function persist(work: () => Promise<void>): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      return await work()
    } catch (error) {
      if (!isConflict(error) || tries === mostTries) throw error
    }
  }
}

async function bindClaim(
  client: Client,
  { pod, signal }: BindingContext,
  key: string,
  pending: PendingAllocations,
): Promise<void> {
  const claims = client.resource(refs.resourceClaims)
  const current = await claims.get(key.slice(key.indexOf('/') + 1), pod.namespace, { signal })
  const { metadata, status } = current
  const allocation = status?.allocation ? undefined : pending.get(metadata.uid)
  if (!status?.allocation && !allocation) throw new Error(`claim ${metadata.name} got deallocated`)
  if (!allocation && isReservedFor(current, pod.uid)) return
  const kept = await setFinalizer(client, refs.resourceClaims, current, claimFinalizer, true)
  const consumer = { resource: 'pods', name: pod.pod.metadata.name, uid: pod.uid }
  const reservedFor = isReservedFor(kept, pod.uid)
    ? kept.status!.reservedFor
    : [...(kept.status?.reservedFor ?? []), consumer]
  const next = { ...kept.status, ...(allocation ? { allocation } : {}), reservedFor }
  pending.written(await claims.updateStatus({ ...kept, status: next }, { signal }))
}
