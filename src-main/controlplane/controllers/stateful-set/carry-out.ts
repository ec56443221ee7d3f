import type { ControllerRevision, StatefulSet } from '#types/apps/v1'
import type { Pod } from '#types/core/v1'
import { refs } from '../../../../src-kube/client/refs.ts'
import { isAlreadyExists, isNotFound } from '../../../../src-kube/machinery/errors.ts'
import type { ControllerContext } from '../../../../src-kube/runtime/controller.ts'
import { isPodTerminal } from '../pods.ts'
import { messageOf, namespaceEnds } from '../refusal.ts'
import { templateOf } from '../revisions/history.ts'
import { slowStart } from '../slow-start.ts'
import { createClaims, hasStaleClaim, retainClaims } from './claims.ts'
import { hasIdentity, ordinalOf, POD_INDEX_LABEL, podName, POD_NAME_LABEL, podOf } from './identity.ts'
import type { StatefulPlan } from './plan.ts'

/**
 * Does what a plan says: pods that exist are put right first, then made, then removed. False when something must be tried again soon;
 * throws the first failure.
 */
export async function carryOut(
  ctx: ControllerContext,
  set: StatefulSet,
  plan: StatefulPlan,
  revisions: { current: ControllerRevision; update: ControllerRevision },
): Promise<boolean> {
  for (const pod of plan.keep) await keepRight(ctx, set, pod)
  let isComplete = true
  const { error } = await slowStart(plan.create.length, async (i) => {
    const { ordinal, revision } = plan.create[i]!
    const from = revision === revisions.update.metadata.name ? revisions.update : revisions.current
    if (!(await createPod(ctx, set, ordinal, from))) isComplete = false
  })
  if (error !== undefined) throw error
  for (const pod of plan.condemned) await retainClaims(ctx, set, pod, 'condemned')
  for (const pod of plan.remove) await removePod(ctx, set, pod)
  return isComplete
}

/** Labels of its identity, the claims it waits for, and their owners. */
async function keepRight(ctx: ControllerContext, set: StatefulSet, pod: Pod): Promise<void> {
  const { name, labels, deletionTimestamp } = pod.metadata
  if (deletionTimestamp) return
  if ((pod.status?.phase ?? 'Pending') === 'Pending')
    await createClaims(ctx, set, name).catch((error: unknown) => {
      if (!isEnding(error)) throw error
    })
  const ordinal = ordinalOf(set, pod)!
  if (!hasIdentity(pod, ordinal)) {
    const own = { ...labels, [POD_NAME_LABEL]: name, [POD_INDEX_LABEL]: String(ordinal) }
    try {
      await ctx.client.resource(refs.pods).update({ ...pod, metadata: { ...pod.metadata, labels: own } })
      tell(ctx, set, 'update', name)
    } catch (error) {
      if (!isNotFound(error)) throw error
    }
  }
  await retainClaims(ctx, set, pod, 'kept')
}

/** Whether the namespace is being emptied, so that nothing can be made in it. */
const isEnding = (error: unknown): boolean => namespaceEnds(error) || namespaceEnds((error as Error).cause)

/** False when the pod cannot be made yet: a claim of its predecessor is still going. */
async function createPod(
  ctx: ControllerContext,
  set: StatefulSet,
  ordinal: number,
  revision: ControllerRevision,
): Promise<boolean> {
  const name = podName(set, ordinal)
  if (hasStaleClaim(ctx, set, name)) return false
  const template = templateOf(revision) ?? set.spec.template
  try {
    await createClaims(ctx, set, name)
    await ctx.client.resource(refs.pods).create(podOf(set, ordinal, template, revision.metadata.name))
    tell(ctx, set, 'create', name)
  } catch (error) {
    // The cache is behind, or the name is somebody else's.
    if (isAlreadyExists(error)) return false
    if (isEnding(error)) return true
    tell(ctx, set, 'create', name, error)
    throw error
  }
  return true
}

async function removePod(ctx: ControllerContext, set: StatefulSet, pod: Pod): Promise<void> {
  const { name, namespace, uid } = pod.metadata
  if (isPodTerminal(pod)) {
    const failed = pod.status?.phase === 'Failed'
    const words = `StatefulSet ${namespace}/${set.metadata.name} is recreating ${failed ? 'failed' : 'terminated'} Pod ${name}`
    if (failed) ctx.events.event(set, 'Warning', 'RecreatingFailedPod', words)
    else ctx.events.event(set, 'Normal', 'RecreatingTerminatedPod', words)
  }
  try {
    await ctx.client.resource(refs.pods).delete(name, namespace, { preconditions: { uid } })
    tell(ctx, set, 'delete', name)
  } catch (error) {
    if (isNotFound(error)) return
    tell(ctx, set, 'delete', name, error)
    throw error
  }
}

const reasons = { create: 'Create', update: 'Update', delete: 'Delete' } as const

function tell(ctx: ControllerContext, set: StatefulSet, verb: keyof typeof reasons, pod: string, error?: unknown) {
  const words = `${verb} Pod ${pod} in StatefulSet ${set.metadata.name}`
  if (error === undefined) ctx.events.event(set, 'Normal', `Successful${reasons[verb]}`, `${words} successful`)
  else ctx.events.event(set, 'Warning', `Failed${reasons[verb]}`, `${words} failed error: ${messageOf(error)}`)
}
