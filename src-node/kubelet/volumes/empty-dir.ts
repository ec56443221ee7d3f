import { chmod, mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { EmptyDirVolumeSource, Pod } from '#types/core/v1'
import { bytesValue } from '../../../src-kube/machinery/quantity.ts'
import type { VolumeHost } from './volumes.ts'

/** The pod whose directory is made, and how much memory it may take where it is in memory. */
export interface EmptyDirOptions {
  host: VolumeHost
  pod: Pod
  /** What the node has for its pods. */
  allocatable(): Promise<Readonly<Record<string, string>>>
}

/** Makes the directory, on a tmpfs for medium `Memory`. What is there already is kept (kubernetes.io, "Volumes: emptyDir"). */
export async function setUpEmptyDir(
  directory: string,
  source: EmptyDirVolumeSource,
  { host, pod, allocatable }: EmptyDirOptions,
): Promise<void> {
  const { medium = '' } = source
  if (medium !== '' && medium !== 'Memory') throw new Error(`unknown storage medium "${medium}"`)
  await mkdir(directory, { recursive: true })
  if (medium === 'Memory' && (await isMountPoint(directory))) return
  await chmod(directory, 0o777)
  // A tmpfs has a mode of its own.
  if (medium === 'Memory') {
    const size = tmpfsSize(source, pod, bytesValue((await allocatable())['memory']))
    await host.run('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', directory])
  }
}

/** Bytes: no more than the volume's own limit, the memory of the pod, or of all its containers, and that which the node has for pods. */
function tmpfsSize({ sizeLimit }: EmptyDirVolumeSource, { spec }: Pod, ofNode: number): number {
  const limits = spec.containers.map(({ resources }) => bytesValue(resources?.limits?.['memory']))
  const together = limits.every((limit) => limit > 0) ? limits.reduce((sum, limit) => sum + limit, 0) : 0
  const ofPod = bytesValue(spec.resources?.limits?.['memory']) || together
  return Math.min(...[bytesValue(sizeLimit), ofPod, ofNode].filter((bytes) => bytes > 0))
}

/** Whether another file system is mounted here. */
export async function isMountPoint(directory: string): Promise<boolean> {
  const [here, parent] = await Promise.all([stat(directory), stat(dirname(directory))])
  return here.dev !== parent.dev
}
