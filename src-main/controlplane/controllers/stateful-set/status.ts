import type { StatefulSet, StatefulSetStatus } from '#types/apps/v1'
import type { Pod } from '#types/core/v1'
import { equal } from '../equal.ts'
import { revisionOfPod } from './identity.ts'
import { isRunningAndReady, type RevisionNames, untilAvailable } from './plan.ts'

/** What a set's status is counted from. */
export interface Counted {
  pods: readonly Pod[]
  names: RevisionNames
  /** How often the hash of a revision was taken already; absent as none. */
  collisionCount: number | undefined
  /** Milliseconds since the epoch. */
  now: number
}

/** Counts a set's pods; a finished roll-out makes the update's revision the current one. */
export function statefulSetStatus(
  set: StatefulSet,
  { pods, names: { current, update }, collisionCount, now }: Counted,
): StatefulSetStatus {
  const staying = pods.filter(({ metadata }) => !metadata.deletionTimestamp)
  const of = (revision: string) => staying.filter((pod) => revisionOfPod(pod) === revision).length
  const status = {
    ...set.status,
    observedGeneration: set.metadata.generation,
    replicas: pods.length,
    readyReplicas: pods.filter(isRunningAndReady).length,
    availableReplicas: pods.filter((pod) => untilAvailable(set, pod, now) === 0).length,
    currentReplicas: of(current),
    updatedReplicas: of(update),
    currentRevision: current,
    updateRevision: update,
    collisionCount: collisionCount ?? 0,
  }
  const wanted = set.spec.replicas ?? 1
  const { replicas, readyReplicas, updatedReplicas } = status
  const rolls = set.spec.updateStrategy?.type !== 'OnDelete'
  if (!rolls || updatedReplicas !== wanted || readyReplicas !== wanted || replicas !== wanted) return status
  return { ...status, currentReplicas: updatedReplicas, currentRevision: update }
}

/** Zero and absent are the same in a status. */
export function isSameStatus(set: StatefulSet, next: StatefulSetStatus): boolean {
  return equal(normal(set.status), normal(next))
}

function normal(status: StatefulSetStatus | undefined): object {
  const counts = { currentReplicas: 0, updatedReplicas: 0, readyReplicas: 0, availableReplicas: 0, collisionCount: 0 }
  const given = Object.entries(status ?? {}).filter(([, value]) => value !== undefined)
  return { ...counts, ...Object.fromEntries(given) }
}
