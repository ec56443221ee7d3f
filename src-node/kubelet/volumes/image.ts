import { mkdir } from 'node:fs/promises'
import type { ImageVolumeSource, Pod } from '#types/core/v1'
import { isMountPoint } from './empty-dir.ts'
import type { VolumeHost } from './volumes.ts'

/** The directories that an image on the node is made of, the uppermost first. */
export type LayersOf = (pod: Pod, source: ImageVolumeSource) => Promise<string[]>

/** Nobody may change what is in an image, nor run it from there. */
const FLAGS = 'ro,noexec'

/**
 * Mounts what is in an image at `directory` (kubernetes.io, "Volumes: image"; KEP-4639): its layers one over the other, as the engine
 * itself lays them for a container. A copy would cost the image's size for each pod.
 */
export async function setUpImage(host: VolumeHost, directory: string, layers: readonly string[]): Promise<void> {
  await mkdir(directory, { recursive: true })
  if (await isMountPoint(directory)) return
  const [first, ...below] = layers
  if (first === undefined) throw new Error('the image has no layers')
  if (below.length > 0) {
    const options = `${FLAGS},lowerdir=${layers.join(':')}`
    await host.run('mount', ['-t', 'overlay', '-o', options, 'overlay', directory])
    return
  }
  // Of a single layer there is nothing to lay over: the same directory, seen again.
  await host.run('mount', ['--bind', first, directory])
  await host.run('mount', ['-o', `remount,bind,${FLAGS}`, directory])
}
