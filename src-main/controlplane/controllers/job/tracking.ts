import type { Job } from '#types/batch/v1'
import type { Pod } from '#types/core/v1'
import { refs } from '../../../../src-kube/client/refs.ts'
import { isNotFound } from '../../../../src-kube/machinery/errors.ts'
import { controllerOf } from '../../../../src-kube/machinery/meta.ts'
import type { ControllerContext } from '../../../../src-kube/runtime/controller.ts'
import { isPodTerminal } from '../pods.ts'
import { isTracked, TRACKING_FINALIZER } from './tally.ts'

/** Takes the tracking finalizer off a pod, or puts it on one that was adopted. */
export async function track(ctx: ControllerContext, { metadata }: Pod, on: boolean): Promise<void> {
  const { name, namespace, uid } = metadata
  const change = on
    ? { finalizers: [...(metadata.finalizers ?? []), TRACKING_FINALIZER] }
    : { '$deleteFromPrimitiveList/finalizers': [TRACKING_FINALIZER] }
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
  await track(ctx, pod, false)
}

/** Pods of a job that count when they end must be tracked: those that were adopted are not yet. */
export function untracked(pods: readonly Pod[], job: Job): Pod[] {
  return pods.filter(
    (pod) =>
      !isTracked(pod) && !isPodTerminal(pod) && !pod.metadata.deletionTimestamp && !job.metadata.deletionTimestamp,
  )
}
