/** The node service of CSI drivers, as much of it as kubelets call (Container Storage Interface, version 1: "Node Service RPC"). */
import { flag, int, list, map, message, nested, text, texts, type Written, type Read } from '../plugins/rpc/message.ts'
import { method } from '../plugins/rpc/method.ts'

const Nothing = message({})

/** How a volume is to be used: as a device, or mounted, and by how many. */
const VolumeCapability = message({
  block: nested(1, Nothing),
  mount: nested(2, message({ fsType: text(1), mountFlags: texts(2), volumeMountGroup: text(3) })),
  accessMode: nested(3, message({ mode: int(1) })),
})

/** A capability as it is sent. */
export type Capability = Written<typeof VolumeCapability>

const Topology = message({ segments: map(1) })
const NodeInfo = message({ nodeId: text(1), maxVolumesPerNode: int(2), accessibleTopology: nested(3, Topology) })

/** What a driver says of the node that it runs on. */
export type DriverNodeInfo = Read<typeof NodeInfo>

const Usage = message({ available: int(1), total: int(2), used: int(3), unit: int(4) })

/** What is used of a volume, of one unit. */
export type VolumeUsage = Read<typeof Usage>

/** Units of {@link VolumeUsage}. */
export const usageUnits = { bytes: 1, inodes: 2 } as const

/** What a driver's node service can do, by number. */
export const nodeCan = {
  stage: 1,
  stats: 2,
  expand: 3,
  singleNodeMultiWriter: 5,
  mountGroup: 6,
} as const

const path = (name: string): string => `/csi.v1.Node/${name}`

/** The methods, by their names without `Node` and `Volume`. */
export const csiNode = {
  getInfo: method(path('NodeGetInfo'), Nothing, NodeInfo),
  getCapabilities: method(
    path('NodeGetCapabilities'),
    Nothing,
    message({ capabilities: list(1, message({ rpc: nested(1, message({ type: int(1) })) })) }),
  ),
  stage: method(
    path('NodeStageVolume'),
    message({
      volumeId: text(1),
      publishContext: map(2),
      stagingTargetPath: text(3),
      volumeCapability: nested(4, VolumeCapability),
      secrets: map(5),
      volumeContext: map(6),
    }),
    Nothing,
  ),
  unstage: method(path('NodeUnstageVolume'), message({ volumeId: text(1), stagingTargetPath: text(2) }), Nothing),
  publish: method(
    path('NodePublishVolume'),
    message({
      volumeId: text(1),
      publishContext: map(2),
      stagingTargetPath: text(3),
      targetPath: text(4),
      volumeCapability: nested(5, VolumeCapability),
      readonly: flag(6),
      secrets: map(7),
      volumeContext: map(8),
    }),
    Nothing,
  ),
  unpublish: method(path('NodeUnpublishVolume'), message({ volumeId: text(1), targetPath: text(2) }), Nothing),
  getStats: method(
    path('NodeGetVolumeStats'),
    message({ volumeId: text(1), volumePath: text(2), stagingTargetPath: text(3) }),
    message({ usage: list(1, Usage) }),
  ),
  expand: method(
    path('NodeExpandVolume'),
    message({
      volumeId: text(1),
      volumePath: text(2),
      capacityRange: nested(3, message({ requiredBytes: int(1), limitBytes: int(2) })),
      stagingTargetPath: text(4),
      volumeCapability: nested(5, VolumeCapability),
      secrets: map(6),
    }),
    message({ capacityBytes: int(1) }),
  ),
}
