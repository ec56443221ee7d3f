import type { Pod } from '#types/core/v1'

/** What one container uses just now: thousandths of a CPU, or of a byte, as quantities count in thousandths. */
export interface ContainerUsage {
  cpu: number
  memory: number
}

/** By container name. */
export type PodUsage = ReadonlyMap<string, ContainerUsage>

/** Measures pods; answers by uid, without those that cannot be measured now. */
export type UsageSource = (pods: readonly Pod[]) => Promise<ReadonlyMap<string, PodUsage>>

/** A source for clusters that measure nothing. */
export const noUsage: UsageSource = () => Promise.resolve(new Map())

/** A pod's use of a resource, or that of one of its containers; undefined when it was not measured. */
export function usedBy(usage: PodUsage | undefined, resource: string, container?: string): number | undefined {
  if (!usage || (resource !== 'cpu' && resource !== 'memory')) return undefined
  if (container !== undefined) return usage.get(container)?.[resource]
  return [...usage.values()].reduce((sum, one) => sum + one[resource], 0)
}
