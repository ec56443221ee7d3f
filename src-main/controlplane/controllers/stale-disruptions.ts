import type { Pod, PodCondition } from '#types/core/v1'
import { refs } from '../../../src-kube/client/refs.ts'
import { formatTime, parseTime } from '../../../src-kube/machinery/time.ts'
import { type AnyController, defineController, done, requeueAfter } from '../../../src-kube/runtime/controller.ts'
import { isPodTerminal, podCondition } from './pods.ts'

/** Milliseconds in which a pod that is told of its disruption has to be going away. */
const TIMEOUT = 120_000

/** Takes back the condition DisruptionTarget from pods that were not deleted after all ("Disruptions: Pod disruption conditions"). */
export function staleDisruptions(): AnyController {
  return defineController<Pod>({
    name: 'stale-pod-disruption',
    component: 'controllermanager',
    for: refs.pods,
    concerns: (pod) => toldOf(pod) !== undefined,
    async reconcile(ctx, pod) {
      const told = toldOf(pod)
      if (!told) return done
      const left = (parseTime(told.lastTransitionTime) ?? 0) + TIMEOUT - ctx.clock.now()
      if (left > 0) return requeueAfter(left)
      const { type } = told
      const condition: PodCondition = { type, status: 'False', lastTransitionTime: formatTime(ctx.clock.now()) }
      const conditions = (pod.status?.conditions ?? []).map((one) => (one === told ? condition : one))
      await ctx.client.resource(refs.pods).updateStatus({ ...pod, status: { ...pod.status, conditions } })
      return done
    },
  })
}

/** The condition of a pod that stays nevertheless. */
function toldOf(pod: Pod): PodCondition | undefined {
  if (pod.metadata.deletionTimestamp !== undefined || isPodTerminal(pod)) return undefined
  const condition = podCondition(pod, 'DisruptionTarget')
  return condition?.status === 'True' ? condition : undefined
}
