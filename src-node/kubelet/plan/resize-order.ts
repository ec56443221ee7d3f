import type { Node, Pod } from '#types/core/v1'
import { resizeRefusal, type ResizeRefusal } from './admission.ts'

/** A pod as it asks to be, which goes on as it was for want of room. */
export interface WaitingResize {
  pod: Pod
  /** Milliseconds since the epoch. */
  since: number
}

const classes = ['Guaranteed', 'Burstable', 'BestEffort']

/** By priority, then by class of quality of service, then by how long it waits (kubernetes.io, "Resize CPU and Memory": deferred resizes). */
const byRight = (a: WaitingResize, b: WaitingResize): number =>
  (b.pod.spec.priority ?? 0) - (a.pod.spec.priority ?? 0) || classOf(a.pod) - classOf(b.pod) || a.since - b.since

const classOf = ({ status }: Pod): number => classes.indexOf(status?.qosClass ?? '')

/** The node's room and the pods that want more of it (KEP-1287). */
export interface ResizeFacts {
  node: Node
  /** The pods that take something of the node, as they are now. */
  taken: readonly Pod[]
  waiting: readonly WaitingResize[]
}

/**
 * Why a pod is not given the resources that it asks for now (KEP-1287): of the room there is, those that wait with a better right have theirs first,
 * whoever asks first. Pure.
 */
export function resizeInTurn(pod: Pod, { node, taken, waiting }: ResizeFacts): ResizeRefusal | undefined {
  const own = waiting.find((one) => sameUid(one.pod, pod)) ?? { pod, since: Infinity }
  let beside = taken
  for (const one of waiting.filter((other) => !sameUid(other.pod, pod) && byRight(other, own) < 0).toSorted(byRight)) {
    const others = beside.filter((other) => !sameUid(other, one.pod))
    // Its status would tell what it has until then.
    const { status: _, ...given } = one.pod
    if (!resizeRefusal(one.pod, { node, others })) beside = [...others, given]
  }
  return resizeRefusal(pod, { node, others: beside.filter((other) => !sameUid(other, pod)) })
}

const sameUid = (a: Pod, b: Pod): boolean => a.metadata.uid === b.metadata.uid
