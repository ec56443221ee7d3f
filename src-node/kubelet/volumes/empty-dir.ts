import { chmod, mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { EmptyDirVolumeSource, Pod } from '#types/core/v1'
import { bytesValue } from '../../../src-kube/machinery/quantity.ts'
import type { VolumeHost } from './volumes.ts'

/** Makes the directory, on a tmpfs for medium `Memory`. What is there already is kept (kubernetes.io, "Volumes: emptyDir"). */
export async function setUpEmptyDir(
  host: VolumeHost,
  directory: string,
  source: EmptyDirVolumeSource,
  pod: Pod,
): Promise<void> {
  const { medium = '' } = source
  if (medium !== '' && medium !== 'Memory') throw new Error(`unknown storage medium "${medium}"`)
  await mkdir(directory, { recursive: true })
  if (medium === 'Memory' && !(await isMountPoint(directory))) {
    const size = tmpfsSize(source, pod)
    const options = size === undefined ? [] : ['-o', `size=${size}`]
    await host.run('mount', ['-t', 'tmpfs', ...options, 'tmpfs', directory])
  }
  await chmod(directory, 0o777)
}

/** Bytes: no more than the volume's own limit, and no more than the memory of the pod, or of all its containers; undefined where nothing limits it. */
function tmpfsSize({ sizeLimit }: EmptyDirVolumeSource, { spec }: Pod): number | undefined {
  const limits = spec.containers.map(({ resources }) => bytesValue(resources?.limits?.['memory']))
  const together = limits.every((limit) => limit > 0) ? limits.reduce((sum, limit) => sum + limit, 0) : 0
  const ofPod = bytesValue(spec.resources?.limits?.['memory']) || together
  const bounds = [bytesValue(sizeLimit), ofPod].filter((bytes) => bytes > 0)
  return bounds.length > 0 ? Math.min(...bounds) : undefined
}

/** Whether another file system is mounted here. */
export async function isMountPoint(directory: string): Promise<boolean> {
  const [here, parent] = await Promise.all([stat(directory), stat(dirname(directory))])
  return here.dev !== parent.dev
}
