import type { Deployment, ReplicaSet } from '#types/apps/v1'
import { desiredOf, limitsOf, newReplicaCount } from './limits.ts'
import { byAge, isActive, replicasOf, sum } from './replica-sets.ts'

/** One replica set and the size it shall have. */
export interface Resize {
  rs: ReplicaSet
  replicas: number
}

/**
 * The next steps of a rolling update: first the new set grows into the surge; when it cannot, old sets shrink, the unhealthy pods
 * first, never below what must stay available. Pure: reads sizes and statuses only.
 */
export function rollingSteps(deployment: Deployment, newSet: ReplicaSet, old: readonly ReplicaSet[]): Resize[] {
  const desired = desiredOf(deployment)
  const current = replicasOf(newSet)
  const all = [...old, newSet]
  const next = current > desired ? desired : newReplicaCount(deployment, all, current)
  if (next !== current) return [{ rs: newSet, replicas: next }]
  return shrinkOld(deployment, newSet, old)
}

function shrinkOld(deployment: Deployment, newSet: ReplicaSet, old: readonly ReplicaSet[]): Resize[] {
  const active = old.filter(isActive).toSorted(byAge)
  if (active.length === 0) return []
  const minAvailable = desiredOf(deployment) - limitsOf(deployment).unavailable
  const newUnavailable = replicasOf(newSet) - (newSet.status?.availableReplicas ?? 0)
  const room = sum([...active, newSet], replicasOf) - minAvailable - newUnavailable
  if (room <= 0) return []
  const sizes = new Map(active.map((rs) => [rs, replicasOf(rs)]))
  removeUnhealthy(sizes, room)
  let spare = sum([...active, newSet], (rs) => rs.status?.availableReplicas ?? 0) - minAvailable
  for (const [rs, size] of sizes) {
    if (spare <= 0) break
    const less = Math.min(size, spare)
    sizes.set(rs, size - less)
    spare -= less
  }
  return [...sizes].filter(([rs, size]) => size !== replicasOf(rs)).map(([rs, replicas]) => ({ rs, replicas }))
}

/** Pods that are not available go first: they serve nobody and may never. */
function removeUnhealthy(sizes: Map<ReplicaSet, number>, room: number): void {
  let left = room
  for (const [rs, size] of sizes) {
    if (left <= 0) return
    const less = Math.min(left, Math.max(0, size - (rs.status?.availableReplicas ?? 0)))
    sizes.set(rs, size - less)
    left -= less
  }
}
