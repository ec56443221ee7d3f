import type { ReplicaSet, ReplicaSetStatus } from '#types/apps/v1'
import type { Pod } from '#types/core/v1'
import { formatTime } from '../../../src-kube/machinery/time.ts'
import { isPodAvailable, isPodReady } from './pods.ts'
import { equal } from './equal.ts'

/** Why pods could not be made or removed. */
export interface Failure {
  reason: 'FailedCreate' | 'FailedDelete'
  error: unknown
}

/** Counts an owner's active pods. `now` is milliseconds since the epoch. */
export function replicaStatus(
  owner: ReplicaSet,
  active: readonly Pod[],
  terminating: number,
  now: number,
): ReplicaSetStatus {
  const wanted = Object.entries(owner.spec.template?.metadata?.labels ?? {})
  const fullyLabeled = active.filter((pod) => wanted.every(([k, v]) => pod.metadata.labels?.[k] === v))
  const minReady = owner.spec.minReadySeconds ?? 0
  return {
    ...owner.status,
    replicas: active.length,
    fullyLabeledReplicas: fullyLabeled.length,
    readyReplicas: active.filter(isPodReady).length,
    availableReplicas: active.filter((pod) => isPodAvailable(pod, minReady, now)).length,
    ...(owner.kind === 'ReplicaSet' ? { terminatingReplicas: terminating } : {}),
    observedGeneration: owner.metadata.generation,
  }
}

/** Sets or removes the condition ReplicaFailure. */
export function withFailure(status: ReplicaSetStatus, failure: Failure | undefined, now: number): ReplicaSetStatus {
  const had = status.conditions?.find((condition) => condition.type === 'ReplicaFailure')
  if (!failure && !had) return status
  const others = (status.conditions ?? []).filter((condition) => condition.type !== 'ReplicaFailure')
  if (!failure) return { ...status, conditions: others }
  if (had?.reason === failure.reason) return status
  const message = failure.error instanceof Error ? failure.error.message : String(failure.error)
  const condition = {
    type: 'ReplicaFailure',
    status: 'True' as const,
    lastTransitionTime: formatTime(now),
    reason: failure.reason,
    message,
  }
  return { ...status, conditions: [...others, condition] }
}

/** Zero and absent are the same in a status. */
export function sameStatus(owner: ReplicaSet, next: ReplicaSetStatus): boolean {
  return equal(normal(owner.status ?? { replicas: -1 }), normal(next))
}

function normal(status: ReplicaSetStatus) {
  return {
    ...status,
    fullyLabeledReplicas: status.fullyLabeledReplicas ?? 0,
    readyReplicas: status.readyReplicas ?? 0,
    availableReplicas: status.availableReplicas ?? 0,
    terminatingReplicas: status.terminatingReplicas ?? 0,
    conditions: status.conditions ?? [],
  }
}
