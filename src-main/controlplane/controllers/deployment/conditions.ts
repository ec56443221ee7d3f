import type { Deployment, DeploymentCondition, DeploymentStatus, ReplicaSet } from '#types/apps/v1'
import { formatTime, parseTime } from '../../../../src-kube/machinery/time.ts'
import { desiredOf, limitsOf } from './limits.ts'
import { replicasOf, sum } from './replica-sets.ts'

const NO_DEADLINE = 0x7fffffff

/** Deadline in milliseconds, or undefined when the deployment has none. */
export function progressDeadline(deployment: Deployment): number | undefined {
  const seconds = deployment.spec.progressDeadlineSeconds
  return seconds === undefined || seconds === NO_DEADLINE ? undefined : seconds * 1000
}

/** The condition of that type, if the status has one. */
export function conditionOf(status: DeploymentStatus | undefined, type: string): DeploymentCondition | undefined {
  return status?.conditions?.find((condition) => condition.type === type)
}

/** Sets a condition; the transition time moves only with the status. The same status and reason change nothing. */
export function setCondition(
  status: DeploymentStatus,
  given: Pick<DeploymentCondition, 'type' | 'status' | 'reason' | 'message'>,
  now: number,
): DeploymentStatus {
  const old = conditionOf(status, given.type)
  if (old && old.status === given.status && old.reason === given.reason) return status
  const time = formatTime(now)
  const lastTransitionTime = old?.status === given.status ? old.lastTransitionTime : time
  return withCondition(status, { ...given, lastUpdateTime: time, lastTransitionTime })
}

function withCondition(status: DeploymentStatus, condition: DeploymentCondition): DeploymentStatus {
  return { ...status, conditions: [...withoutCondition(status, condition.type), condition] }
}

function withoutCondition(status: DeploymentStatus, type: string): DeploymentCondition[] {
  return (status.conditions ?? []).filter((condition) => condition.type !== type)
}

/** Counts and the condition Available. */
export function calculateStatus(
  deployment: Deployment,
  all: readonly ReplicaSet[],
  newSet: ReplicaSet | undefined,
  now: number,
): DeploymentStatus {
  const available = sum(all, (rs) => rs.status?.availableReplicas ?? 0)
  const status: DeploymentStatus = {
    ...deployment.status,
    observedGeneration: deployment.metadata.generation,
    replicas: sum(all, (rs) => rs.status?.replicas ?? 0),
    updatedReplicas: newSet?.status?.replicas ?? 0,
    readyReplicas: sum(all, (rs) => rs.status?.readyReplicas ?? 0),
    availableReplicas: available,
    unavailableReplicas: Math.max(0, sum(all, replicasOf) - available),
    terminatingReplicas: sum(all, (rs) => rs.status?.terminatingReplicas ?? 0),
  }
  const enough = available >= desiredOf(deployment) - limitsOf(deployment).unavailable
  const condition = enough
    ? { status: 'True', reason: 'MinimumReplicasAvailable', message: 'Deployment has minimum availability.' }
    : {
        status: 'False',
        reason: 'MinimumReplicasUnavailable',
        message: 'Deployment does not have minimum availability.',
      }
  return setCondition(status, { type: 'Available', ...condition }, now)
}

/** All replicas are of the newest template and available, and no old ones are left. */
export function isComplete(deployment: Deployment, status: DeploymentStatus): boolean {
  const desired = desiredOf(deployment)
  return (
    (status.updatedReplicas ?? 0) === desired &&
    (status.replicas ?? 0) === desired &&
    (status.availableReplicas ?? 0) === desired &&
    (status.observedGeneration ?? 0) >= (deployment.metadata.generation ?? 0)
  )
}

function hasProgressed(old: DeploymentStatus, next: DeploymentStatus): boolean {
  const oldPods = (status: DeploymentStatus) => (status.replicas ?? 0) - (status.updatedReplicas ?? 0)
  return (
    (next.updatedReplicas ?? 0) > (old.updatedReplicas ?? 0) ||
    oldPods(next) < oldPods(old) ||
    (next.readyReplicas ?? 0) > (old.readyReplicas ?? 0) ||
    (next.availableReplicas ?? 0) > (old.availableReplicas ?? 0)
  )
}

/** Milliseconds until the deadline of a rollout that stands still (at most 0: it is over); undefined when none applies. */
export function deadlineIn(deployment: Deployment, status: DeploymentStatus, now: number): number | undefined {
  const deadline = progressDeadline(deployment)
  const condition = conditionOf(status, 'Progressing')
  if (deadline === undefined || !condition || condition.reason === 'NewReplicaSetAvailable') return undefined
  if (condition.reason === 'ProgressDeadlineExceeded' || deployment.spec.paused) return undefined
  return (parseTime(condition.lastUpdateTime) ?? now) + deadline - now
}

/** Adds Progressing and ReplicaFailure to counted status ("Deployment status" in the Kubernetes documentation). */
export function withProgress(
  deployment: Deployment,
  counted: DeploymentStatus,
  { all, newSet }: { all: readonly ReplicaSet[]; newSet: ReplicaSet | undefined },
  now: number,
): DeploymentStatus {
  let status = counted
  const current = conditionOf(deployment.status, 'Progressing')
  const settled = status.replicas === status.updatedReplicas && current?.reason === 'NewReplicaSetAvailable'
  if (progressDeadline(deployment) === undefined)
    status = { ...status, conditions: withoutCondition(status, 'Progressing') }
  else if (!settled) status = progressing(deployment, status, newSet, now)
  const failure = [...(newSet ? [newSet] : []), ...all]
    .flatMap((rs) => rs.status?.conditions ?? [])
    .find((condition) => condition.type === 'ReplicaFailure')
  if (failure) {
    const { type, status: value, reason, message } = failure
    return setCondition(status, { type, status: value, reason, message }, now)
  }
  return { ...status, conditions: withoutCondition(status, 'ReplicaFailure') }
}

function progressing(
  deployment: Deployment,
  status: DeploymentStatus,
  newSet: ReplicaSet | undefined,
  now: number,
): DeploymentStatus {
  const type = 'Progressing'
  const subject = newSet ? `ReplicaSet "${newSet.metadata.name}"` : `Deployment "${deployment.metadata.name}"`
  if (isComplete(deployment, status)) {
    const message = `${subject} has successfully progressed.`
    return setCondition(status, { type, status: 'True', reason: 'NewReplicaSetAvailable', message }, now)
  }
  if (hasProgressed(deployment.status ?? {}, status)) {
    const current = conditionOf(status, type)
    const time = formatTime(now)
    return withCondition(status, {
      type,
      status: 'True',
      reason: 'ReplicaSetUpdated',
      message: `${subject} is progressing.`,
      lastUpdateTime: time,
      lastTransitionTime: current?.status === 'True' ? current.lastTransitionTime : time,
    })
  }
  const left = deadlineIn(deployment, status, now)
  if (left === undefined || left > 0) return status
  const message = `${subject} has timed out progressing.`
  return setCondition(status, { type, status: 'False', reason: 'ProgressDeadlineExceeded', message }, now)
}
