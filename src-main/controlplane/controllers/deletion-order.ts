import type { Pod } from '#types/core/v1'
import { parseTime } from '../../../src-kube/machinery/time.ts'
import { isPodReady, podCondition } from './pods.ts'

const phaseRank: Record<string, number> = { Pending: 0, Unknown: 1, Running: 2 }
const COST_ANNOTATION = 'controller.kubernetes.io/pod-deletion-cost'

/**
 * Orders pods so that those whose loss costs least come first, as "ReplicaSet: scaling down" lists it: unscheduled, pending, not ready,
 * lower deletion cost, more of the same on its node, ready for a shorter time (by powers of two), more restarts of a container, younger.
 */
export function inDeletionOrder(pods: readonly Pod[], related: readonly Pod[], now: number): Pod[] {
  const perNode = new Map<string, number>()
  for (const { spec } of related) if (spec.nodeName) perNode.set(spec.nodeName, (perNode.get(spec.nodeName) ?? 0) + 1)
  const ranks = new Map(pods.map((pod) => [pod, rank(pod, perNode.get(pod.spec.nodeName ?? '') ?? 0, now)]))
  return pods.toSorted((a, b) => compare(ranks.get(a) ?? [], ranks.get(b) ?? []))
}

function rank(pod: Pod, onNode: number, now: number): number[] {
  const ready = isPodReady(pod)
  const cost = Number(pod.metadata.annotations?.[COST_ANNOTATION] ?? 0)
  return [
    pod.spec.nodeName ? 1 : 0,
    phaseRank[pod.status?.phase ?? 'Pending'] ?? 0,
    ready ? 1 : 0,
    Number.isInteger(cost) ? cost : 0,
    -onNode,
    ready ? ageClass(podCondition(pod, 'Ready')?.lastTransitionTime, now) : 0,
    -mostRestarts(pod),
    ageClass(pod.metadata.creationTimestamp, now),
  ]
}

/** Restarts of the container that restarted most: upstream compares pods by their worst one. */
function mostRestarts({ status }: Pod): number {
  return Math.max(0, ...(status?.containerStatuses ?? []).map(({ restartCount }) => restartCount))
}

/** Power of two of an age, so that pods of about the same age are told apart by chance and not by seconds. */
function ageClass(since: string | undefined, now: number): number {
  const seconds = (now - (parseTime(since) ?? now)) / 1000
  return seconds < 1 ? 0 : Math.floor(Math.log2(seconds)) + 1
}

function compare(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((value, i) => value !== b[i])
  return at < 0 ? 0 : (a[at] ?? 0) - (b[at] ?? 0)
}
