import { chmod, mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { EmptyDirVolumeSource } from '#types/core/v1'
import { bytesValue } from '../../../src-kube/machinery/quantity.ts'
import type { VolumeHost } from './volumes.ts'

/** Makes the directory, on a tmpfs for medium `Memory`. What is there already is kept. */
export async function setUpEmptyDir(host: VolumeHost, directory: string, source: EmptyDirVolumeSource): Promise<void> {
  await mkdir(directory, { recursive: true })
  if (source.medium === 'Memory' && !(await isMountPoint(directory))) {
    const size = source.sizeLimit === undefined ? [] : ['-o', `size=${bytesValue(source.sizeLimit)}`]
    await host.run('mount', ['-t', 'tmpfs', ...size, 'tmpfs', directory])
  }
  await chmod(directory, 0o777)
}

/** Whether another file system is mounted here. */
export async function isMountPoint(directory: string): Promise<boolean> {
  const [here, parent] = await Promise.all([stat(directory), stat(dirname(directory))])
  return here.dev !== parent.dev
}
