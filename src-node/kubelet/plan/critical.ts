import type { Pod } from '#types/core/v1'

/** `system-cluster-critical`; `system-node-critical` is above. */
const SYSTEM_CRITICAL = 2_000_000_000
/** The annotation that tells where a node has a pod from: `file`, or `api` as without it. */
export const SOURCE = 'kubernetes.io/config.source'

/** Whether a node keeps a pod whatever it lacks (kubernetes.io, "Guaranteed Scheduling For Critical Add-On Pods"). */
export function isCritical({ metadata, spec }: Pod): boolean {
  const source = metadata.annotations?.[SOURCE]
  return (source !== undefined && source !== 'api') || (spec.priority ?? 0) >= SYSTEM_CRITICAL
}
