/** Who has to leave a node that is drained (kubernetes.io, "Safely Drain a Node"), and what is lost with them. Pure. */
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { at, listAt, textAt } from '../kinds/view.ts'

/** Why a pod stays: its DaemonSet would bring it back at once, or the node itself runs it from a file. */
export type Stay = 'daemonSet' | 'static'

/** Which pods of a node a drain takes away, and which it leaves and why (kubernetes.io, "Safely Drain a Node"). */
export interface DrainPlan {
  leaving: KubeObject[]
  staying: Array<{ pod: KubeObject; why: Stay }>
}

const mirror = 'kubernetes.io/config.mirror'

const controllerOf = (pod: KubeObject): string | undefined =>
  pod.metadata.ownerReferences?.find((owner) => owner.controller)?.kind

const stayOf = (pod: KubeObject): Stay | undefined =>
  pod.metadata.annotations?.[mirror] !== undefined
    ? 'static'
    : controllerOf(pod) === 'DaemonSet'
      ? 'daemonSet'
      : undefined

/** Sorts the pods of one node. */
export function planDrain(pods: Iterable<KubeObject>): DrainPlan {
  const plan: DrainPlan = { leaving: [], staying: [] }
  for (const pod of pods) {
    const why = stayOf(pod)
    if (why) plan.staying.push({ pod, why })
    else plan.leaving.push(pod)
  }
  return plan
}

/** What goes for good with a pod: the pod itself when no controller makes another, and what it keeps on the node. */
export type Loss = 'alone' | 'emptyDir'

/** What is lost with a pod that a drain evicts: itself, when nobody makes another, and what it keeps in `emptyDir`. */
export function lossesOf(pod: KubeObject): Loss[] {
  // Its work is done already.
  if (['Succeeded', 'Failed'].includes(textAt(pod, 'status', 'phase'))) return []
  const keeps = listAt(pod, 'spec', 'volumes').some((volume) => at(volume, 'emptyDir') !== undefined)
  return [...(controllerOf(pod) ? [] : (['alone'] as const)), ...(keeps ? (['emptyDir'] as const) : [])]
}
