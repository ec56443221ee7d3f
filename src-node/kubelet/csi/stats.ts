import { csiNode, NODE_CAN, UNIT, type VolumeUsage } from './api.ts'
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
  if (!can.has(NODE_CAN.stats)) return undefined
  const { usage } = await driver.call(csiNode.getStats, {
    volumeId: handle,
    volumePath: target,
    stagingTargetPath: can.has(NODE_CAN.stage) ? staging : '',
  })
  return statsOf(usage)
}

/** What of a driver's answer is told on. */
function statsOf(usage: readonly VolumeUsage[]): CsiVolumeStats | undefined {
  const bytes = usage.find(({ unit }) => unit === UNIT.bytes)
  if (!bytes) return undefined
  const inodes = usage.find(({ unit }) => unit === UNIT.inodes)
  const of = ({ used, total, available: free }: VolumeUsage) => ({ used, total, free })
  return { ...of(bytes), ...(inodes ? { inodes: of(inodes) } : {}) }
}
