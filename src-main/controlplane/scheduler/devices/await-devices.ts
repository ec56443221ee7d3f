import type { ResourceClaim } from '#types/resource.k8s.io/v1'
import { refs } from '../../../../src-kube/client/refs.ts'
import { sleep } from '../../../../src-kube/client/sleep.ts'
import type { Client } from '../../../../src-kube/client/typed-client.ts'
import { objectKey } from '../../../../src-kube/machinery/meta.ts'
import type { BindingContext } from '../framework/plugin.ts'
import { hasBindingConditions, readinessOf } from './binding-conditions.ts'

/** Milliseconds between two looks at claims. */
const POLL_EVERY = 500

/**
 * Waits until the devices of claims can be used, where they say when that is. A claim whose devices fail, or take too long, gives them
 * back, so that the pod may get others; throws then.
 */
export async function awaitDevices(
  client: Client,
  context: BindingContext,
  written: readonly ResourceClaim[],
): Promise<void> {
  const { pod, lookups, clock, signal } = context
  const waiting = written.filter(hasBindingConditions)
  if (waiting.length === 0) return
  context.waits?.()
  while (!signal.aborted) {
    if (context.gone?.())
      throw new Error(`pod does not exist any more: pod ${JSON.stringify(pod.pod.metadata.name)} not found`)
    const states = waiting.map((claim) => {
      const current = newer(claim, lookups.resourceClaim(objectKey(claim)))
      if (!current.status?.allocation) throw new Error(`claim ${objectKey(claim)} got deallocated`)
      return { current, readiness: readinessOf(current, clock.now()) }
    })
    for (const { current, readiness } of states)
      if (typeof readiness === 'object') await giveUp(client, context, current, readiness.failed)
    if (states.every(({ readiness }) => readiness === 'ready')) return
    await sleep(clock, POLL_EVERY, signal)
  }
  throw new Error('the scheduler stops')
}

function newer(claim: ResourceClaim, seen: ResourceClaim | undefined): ResourceClaim {
  if (!seen || seen.metadata.uid !== claim.metadata.uid) return claim
  return Number(seen.metadata.resourceVersion) > Number(claim.metadata.resourceVersion) ? seen : claim
}

/** Frees the devices of a claim that nobody else uses. */
async function giveUp(
  client: Client,
  { pod, signal }: BindingContext,
  claim: ResourceClaim,
  why: string,
): Promise<never> {
  if (claim.status?.reservedFor?.every(({ uid }) => uid === pod.uid) ?? true)
    await client.resource(refs.resourceClaims).updateStatus({ ...claim, status: {} }, { signal })
  throw new Error(why)
}
