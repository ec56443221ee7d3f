import type { Node } from '#types/core/v1'

/** What a node's kube-proxy knows of itself. */
export interface ProxyFacts {
  /** Milliseconds since the epoch, now and when rules were last written. */
  now: number
  lastUpdated: number
  /** Since when a change waits to be written; undefined when none does. */
  pendingSince: number | undefined
  /** Undefined for a node that is not there (any more). */
  node: Node | undefined
}

/** An answer of a health port; the body is JSON. */
export interface HealthAnswer {
  status: 200 | 503
  body: string
}

/** Milliseconds that a change may wait: two of kube-proxy's sync periods. */
const PATIENCE = 60_000
/** A node with it is about to be removed: load balancers are to drain it (KEP-3836). */
const LEAVING = 'ToBeDeletedByClusterAutoscaler'

/**
 * kube-proxy's answers at port 10256 (kubernetes.io, "Ports and Protocols"; KEP-3836): `/livez` tells whether changes are written, `/healthz` besides
 * whether load balancers should send anything new to this node. Pure.
 */
export function proxyHealth(path: '/healthz' | '/livez', facts: ProxyFacts): HealthAnswer {
  const { now, lastUpdated, pendingSince, node } = facts
  const isAlive = isWorking(now, pendingSince)
  const time = (at: number): string => new Date(at).toISOString()
  const answer = { lastUpdated: time(isAlive ? now : lastUpdated), currentTime: time(now) }
  if (path === '/livez') return { status: isAlive ? 200 : 503, body: JSON.stringify(answer) }
  const nodeEligible = isEligible(node)
  return { status: isAlive && nodeEligible ? 200 : 503, body: JSON.stringify({ ...answer, nodeEligible }) }
}

/** Whether no change has waited too long; both in milliseconds since the epoch. */
export const isWorking = (now: number, pendingSince: number | undefined): boolean =>
  pendingSince === undefined || now - pendingSince < PATIENCE

const isEligible = (node: Node | undefined): boolean =>
  node !== undefined &&
  node.metadata.deletionTimestamp === undefined &&
  !node.spec.taints?.some(({ key }) => key === LEAVING)
