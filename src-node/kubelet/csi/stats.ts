import { csiNode, nodeCan, usageUnits, type VolumeUsage } from './api.ts'
import type { CsiDriver } from './drivers.ts'
import type { CsiPlaces } from './plan/places.ts'

/** What a driver says of the room in a volume; inodes only where it counts them. */
export interface CsiVolumeStats {
  used: number
  total: number
  free: number
  inodes?: { used: number; total: number; free: number }
}

/** Asks the driver; undefined when it tells nothing of volumes. */
export async function volumeStats(
  driver: CsiDriver,
  handle: string,
  { target, staging }: CsiPlaces,
): Promise<CsiVolumeStats | undefined> {
  const can = await driver.can()
  if (!can.has(nodeCan.stats)) return undefined
  const { usage } = await driver.call(csiNode.getStats, {
    volumeId: handle,
    volumePath: target,
    stagingTargetPath: can.has(nodeCan.stage) ? staging : '',
  })
  return statsOf(usage)
}

/** What of a driver's answer is told on. */
function statsOf(usage: readonly VolumeUsage[]): CsiVolumeStats | undefined {
  const bytes = usage.find(({ unit }) => unit === usageUnits.bytes)
  if (!bytes) return undefined
  const inodes = usage.find(({ unit }) => unit === usageUnits.inodes)
  const of = ({ used, total, available: free }: VolumeUsage) => ({ used, total, free })
  return { ...of(bytes), ...(inodes ? { inodes: of(inodes) } : {}) }
}
