import type { Pod, PodStatus } from '#types/core/v1'
import { refs } from '../../../src-kube/client/refs.ts'
import { formatTime } from '../../../src-kube/machinery/time.ts'
import type { ControllerContext } from '../../../src-kube/runtime/controller.ts'
import { podCondition } from './pods.ts'

/** Notes on a pod why it is about to be disrupted ("Pod disruption conditions"); `more` is written with it. */
export async function markDisrupted(
  ctx: ControllerContext,
  pod: Pod,
  reason: string,
  message: string,
  more: Partial<PodStatus> = {},
): Promise<void> {
  if (podCondition(pod, 'DisruptionTarget')?.reason === reason) return
  const others = (pod.status?.conditions ?? []).filter(({ type }) => type !== 'DisruptionTarget')
  const lastTransitionTime = formatTime(ctx.clock.now())
  const { generation: observedGeneration } = pod.metadata
  const type = 'DisruptionTarget'
  const condition = { type, status: 'True' as const, reason, message, lastTransitionTime, observedGeneration }
  const status = { ...pod.status, ...more, conditions: [...others, condition] }
  await ctx.client.resource(refs.pods).updateStatus({ ...pod, status })
}
