import { join } from 'node:path'
import { type CsiVolume, sha256 } from './volume.ts'

/** The file beside a mount that says what is mounted: the next agent, and whoever looks after a node, read it. */
export const DATA_FILE = 'vol_data.json'

/** What stands in the file. */
export interface VolumeData {
  specVolID: string
  volumeHandle: string
  driverName: string
  nodeName: string
  attachmentID: string
  volumeLifecycleMode: string
}

/** Where things of one volume are on the node, at upstream's places, which drivers know. */
export interface CsiPlaces {
  /** Where the driver prepares the volume for all pods of the node. */
  staging: string
  /** The directory of the data of that. */
  stagingData: string
  /** Where the driver gives it to the pod. */
  target: string
  /** The directory with {@link DATA_FILE} of the pod's volume. */
  data: string
  /** By which the pod is known to have the volume: a directory, or a link to a device. */
  entry: string
}

/** Below the pod's directory: its volumes of drivers, and its devices. */
export const podVolumes = (state: string, uid: string): string =>
  join(state, 'pods', uid, 'volumes', 'kubernetes.io~csi')
/** As {@link podVolumes}, of volumes without a file system. */
export const podDevices = (state: string, uid: string): string =>
  join(state, 'pods', uid, 'volumeDevices', 'kubernetes.io~csi')

const plugin = (state: string): string => join(state, 'plugins', 'kubernetes.io', 'csi')

/** The places of a pod's volume; `state` is `/var/lib/kubelet`. */
export function csiPlaces(
  state: string,
  uid: string,
  { name, driver, handle, mode }: Pick<CsiVolume, 'name' | 'driver' | 'handle' | 'mode'>,
): CsiPlaces {
  if (mode === 'Block') {
    const devices = join(plugin(state), 'volumeDevices')
    const data = deviceData(state, name)
    return {
      staging: join(devices, 'staging', name),
      stagingData: join(devices, name),
      target: join(devices, 'publish', name, uid),
      data,
      entry: join(podDevices(state, uid), name),
    }
  }
  const global = join(plugin(state), driver, sha256(handle))
  const entry = join(podVolumes(state, uid), name)
  return { staging: join(global, 'globalmount'), stagingData: global, target: join(entry, 'mount'), data: entry, entry }
}

/** Where the data of a device is. */
export const deviceData = (state: string, name: string): string => join(plugin(state), 'volumeDevices', name, 'data')
