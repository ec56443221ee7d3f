import type { Deployment, ReplicaSet } from '#types/apps/v1'
import { resolveIntOrPercent } from '../int-or-percent.ts'
import { DESIRED_ANNOTATION, MAX_ANNOTATION, replicasOf, sum } from './replica-sets.ts'

/** Pods that the deployment wants; upstream's default when it does not say. */
export function desiredOf(deployment: Deployment): number {
  return deployment.spec.replicas ?? 1
}

/** How far a rolling update may go beyond and below the desired number, in pods. */
export interface Limits {
  /** Pods above the desired number during an update. */
  surge: number
  /** Pods that may be missing during an update. */
  unavailable: number
}

/** Surge is rounded up and unavailability down; when both come out as 0 one pod may be unavailable, or nothing could move. */
export function limitsOf(deployment: Deployment): Limits {
  if (deployment.spec.strategy?.type === 'Recreate') return { surge: 0, unavailable: 0 }
  const desired = desiredOf(deployment)
  const { maxSurge = '25%', maxUnavailable = '25%' } = deployment.spec.strategy?.rollingUpdate ?? {}
  const surge = resolveIntOrPercent(maxSurge, desired, 'up')
  const unavailable = resolveIntOrPercent(maxUnavailable, desired, 'down')
  return { surge, unavailable: surge === 0 && unavailable === 0 ? 1 : Math.min(unavailable, desired) }
}

/** How many replicas the new replica set may have now, given all that is there. */
export function newReplicaCount(deployment: Deployment, all: readonly ReplicaSet[], current: number): number {
  const desired = desiredOf(deployment)
  if (deployment.spec.strategy?.type === 'Recreate') return desired
  const room = desired + limitsOf(deployment).surge - sum(all, replicasOf)
  if (room <= 0) return current
  return current + Math.min(room, desired - current)
}

/** What a replica set notes of the deployment's size, to scale in proportion later. */
export function sizeAnnotations(deployment: Deployment): Record<string, string> {
  const desired = desiredOf(deployment)
  return {
    [DESIRED_ANNOTATION]: String(desired),
    [MAX_ANNOTATION]: String(desired + limitsOf(deployment).surge),
  }
}

/**
 * The sizes after a deployment was scaled in the middle of an update: the difference is spread over the active replica sets in
 * proportion to their size, the rest goes to the largest ("Proportional scaling"). Keys are names.
 */
export function proportionalSizes(deployment: Deployment, active: readonly ReplicaSet[]): Map<string, number> {
  const desired = desiredOf(deployment)
  const allowed = desired > 0 ? desired + limitsOf(deployment).surge : 0
  const toAdd = allowed - sum(active, replicasOf)
  const newer = (a: ReplicaSet, b: ReplicaSet) =>
    (a.metadata.creationTimestamp ?? '') < (b.metadata.creationTimestamp ?? '') ? 1 : -1
  const ordered = active.toSorted((a, b) => replicasOf(b) - replicasOf(a) || (toAdd > 0 ? newer(a, b) : newer(b, a)))
  const sizes = new Map<string, number>()
  let added = 0
  for (const rs of ordered) {
    const share = toAdd === 0 ? 0 : proportion(deployment, rs, toAdd - added)
    sizes.set(rs.metadata.name, replicasOf(rs) + share)
    added += share
  }
  const first = ordered[0]
  if (first) {
    const size = (sizes.get(first.metadata.name) ?? 0) + toAdd - added
    sizes.set(first.metadata.name, Math.max(0, size))
  }
  return sizes
}

function proportion(deployment: Deployment, rs: ReplicaSet, left: number): number {
  if (replicasOf(rs) === 0 || left === 0) return 0
  const desired = desiredOf(deployment)
  if (desired === 0) return Math.max(-replicasOf(rs), left)
  const before = Number(rs.metadata.annotations?.[MAX_ANNOTATION] ?? 0) || deployment.status?.replicas || 0
  if (before === 0) return 0
  const size = Math.round((replicasOf(rs) * (desired + limitsOf(deployment).surge)) / before)
  const share = size - replicasOf(rs)
  return left > 0 ? Math.min(share, left) : Math.max(share, left)
}
