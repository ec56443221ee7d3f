import type { Job } from '#types/batch/v1'
import type { Pod } from '#types/core/v1'
import { refs } from '../../../../src-kube/client/refs.ts'
import { isNotFound } from '../../../../src-kube/machinery/errors.ts'
import { controllerOf } from '../../../../src-kube/machinery/meta.ts'
import type { ControllerContext } from '../../../../src-kube/runtime/controller.ts'
import { isPodTerminal } from '../pods.ts'
import { isTracked, TRACKING_FINALIZER } from './tally.ts'

/** Puts the tracking finalizer on a pod that was adopted. */
export async function track(ctx: ControllerContext, pod: Pod): Promise<void> {
  await patchMetadata(ctx, pod, { finalizers: [...(pod.metadata.finalizers ?? []), TRACKING_FINALIZER] })
}

/** Takes the tracking finalizer off a pod. */
export async function untrack(ctx: ControllerContext, pod: Pod): Promise<void> {
  await patchMetadata(ctx, pod, { '$deleteFromPrimitiveList/finalizers': [TRACKING_FINALIZER] })
}

async function patchMetadata(ctx: ControllerContext, { metadata }: Pod, change: object): Promise<void> {
  const { name, namespace, uid } = metadata
  const body = { metadata: { uid, ...change } }
  const type = 'application/strategic-merge-patch+json'
  try {
    await ctx.client.resource(refs.pods).patch({ name, namespace, type, body })
  } catch (error) {
    if (!isNotFound(error)) throw error
  }
}

/** Lets go pods that wait for a job that is gone, or that belong to none any more. */
export async function releaseOrphan(ctx: ControllerContext, pod: Pod): Promise<void> {
  if (!isTracked(pod)) return
  const owner = controllerOf(pod)
  if (owner && owner.kind !== 'Job') return
  const job = owner && ctx.informer(refs.jobs).get(`${pod.metadata.namespace}/${owner.name}`)
  if (job && job.metadata.uid === owner.uid && !job.metadata.deletionTimestamp) return
  await untrack(ctx, pod)
}

/** Pods of a job that count when they end must be tracked: those that were adopted are not yet. */
export function untracked(pods: readonly Pod[], job: Job): Pod[] {
  return pods.filter(
    (pod) =>
      !isTracked(pod) && !isPodTerminal(pod) && !pod.metadata.deletionTimestamp && !job.metadata.deletionTimestamp,
  )
}
