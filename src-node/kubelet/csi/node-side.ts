import type { KubeletOptions } from '../options.ts'
import { NodeAnnouncer } from './announce.ts'
import { Attachments } from './attachments.ts'
import { CsiDrivers } from './drivers.ts'
import { VolumesInUse } from './in-use.ts'

/** What of CSI belongs to the node as a whole. */
export interface CsiNodeSide {
  drivers: CsiDrivers
  attachments: Attachments
  inUse: VolumesInUse
}

/** The node's drivers and attached volumes; its CSINode is made as soon as the node is known. `changed` has the node's status written. */
export function createCsiNodeSide(options: KubeletOptions, changed: () => void): CsiNodeSide {
  const announcer = new NodeAnnouncer(options)
  announcer.prepare().catch((error: unknown) => options.log(`CSINode: ${String(error)}`))
  const inUse = new VolumesInUse(options.stateDirectory, { ...options, changed })
  return { drivers: new CsiDrivers(announcer), attachments: new Attachments({ ...options, inUse }), inUse }
}
