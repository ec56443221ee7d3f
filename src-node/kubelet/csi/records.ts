import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { unlessMissing } from '../../host/unless-missing.ts'
import {
  csiPlaces,
  type CsiPlaces,
  DATA_FILE,
  deviceData,
  podDevices,
  podVolumes,
  type VolumeData,
} from './plan/places.ts'

/** A volume that a driver gave to a pod, as the node's disk has it: what there is outlives the agent that asked for it. */
export interface CsiRecord {
  uid: string
  data: VolumeData
  mode: 'Filesystem' | 'Block'
  places: CsiPlaces
}

/** Notes in a directory, which is made, what is mounted beside it. */
export async function writeData(directory: string, data: Partial<VolumeData>): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o750 })
  await writeFile(join(directory, DATA_FILE), JSON.stringify(data))
}

/** The volumes of drivers that a pod has; `state` is `/var/lib/kubelet`. */
export async function recordsOfPod(state: string, uid: string): Promise<CsiRecord[]> {
  const volumes = await namesIn(podVolumes(state, uid))
  const devices = await namesIn(podDevices(state, uid))
  const found = await Promise.all([
    ...volumes.map((name) => recordIn(state, uid, 'Filesystem', join(podVolumes(state, uid), name))),
    ...devices.map((name) => recordIn(state, uid, 'Block', deviceData(state, name))),
  ])
  return found.flatMap((record) => record ?? [])
}

/** The volumes of drivers that pods of this node have. */
export async function allRecords(state: string): Promise<CsiRecord[]> {
  const pods = await namesIn(join(state, 'pods'))
  return (await Promise.all(pods.map((uid) => recordsOfPod(state, uid)))).flat()
}

const namesIn = async (directory: string): Promise<string[]> => (await unlessMissing(readdir(directory))) ?? []

async function recordIn(
  state: string,
  uid: string,
  mode: CsiRecord['mode'],
  directory: string,
): Promise<CsiRecord | undefined> {
  const text = await unlessMissing(readFile(join(directory, DATA_FILE), 'utf8'))
  // Of an agent that died while it wrote; nothing was asked of the driver before.
  if (!text) return undefined
  const data = JSON.parse(text) as VolumeData
  const { specVolID: name, driverName: driver, volumeHandle: handle } = data
  return { uid, data, mode, places: csiPlaces(state, uid, { name, driver, handle, mode }) }
}
