import type { Pod } from '#types/core/v1'
import type { Client } from '../../../src-kube/client/typed-client.ts'
import type { Attachments } from '../csi/attachments.ts'
import type { CsiDrivers } from '../csi/drivers.ts'
import type { CsiVolumeStats } from '../csi/stats.ts'
import type { Clock } from '../../../src-kube/machinery/clock.ts'
import type { Host } from '../../host/index.ts'
import type { NodeFacts } from '../runtime/node-facts.ts'
import type { LayersOf } from './image.ts'

/** What volumes need of the node's system. */
export type VolumeHost = Pick<Host, 'run' | 'readFile'>

/** What the kubelet knows of a pod besides its object. */
export interface VolumeFacts {
  podIp?: string | undefined
  /** Ends waiting for what others do: the pod goes. */
  signal?: AbortSignal | undefined
}

/** All that volumes of pods are made from; directories lie below `stateDirectory` and go with their pods. */
export interface VolumesOptions {
  client: Client
  stateDirectory: string
  /** On a file system in memory; goes with the node's machine. */
  memoryDirectory: string
  nodeName: string
  nodeIp: string
  nodeFacts: Pick<NodeFacts, 'allocatable'>
  host: VolumeHost
  layersOf: LayersOf
  /** Drivers that registered here, and the attaching that others do for them. */
  csi: { drivers: Pick<CsiDrivers, 'find'>; attachments: Pick<Attachments, 'of' | 'release'> }
  /** Tells of a pod. */
  event(pod: Pod, type: 'Normal' | 'Warning', reason: string, message: string): void
  clock: Clock
  signal: AbortSignal
  log(message: string): void
}

/** The volumes of the pods on this node. */
export interface Volumes {
  /**
   * Makes the volumes that the pod uses; answers the path on the node of each, by its name. Throws `VolumeError` when one cannot be made;
   * may be called again. Files made from configMaps, secrets and tokens are kept up to date until the tear-down.
   */
  setUp(pod: Pod, facts: VolumeFacts): Promise<Map<string, string>>
  /** The groups that volumes of the pod say their users are of, as long as the volumes stand. */
  groupsOf(uid: string): readonly number[]
  /** The pod's labels, annotations or address changed. */
  update(pod: Pod, facts: VolumeFacts): Promise<void>
  /** What the driver of the volume at the path says of the room in it; undefined when it says nothing or is none's. */
  statsOf(path: string): Promise<CsiVolumeStats | undefined>
  /** Unmounts and removes all of the pod's volumes. */
  tearDown(uid: string): Promise<void>
}
