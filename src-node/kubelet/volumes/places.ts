import { lstat, mkdir, rm, symlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Pod, Volume } from '#types/core/v1'
import { unlessMissing } from '../../host/unless-missing.ts'

/** Below which directories the volumes of pods lie. */
export interface PlaceOptions {
  /** `/var/lib/kubelet`. */
  stateDirectory: string
  /** On a file system in memory. */
  memoryDirectory: string
}

/**
 * Where the volumes of pods lie on the node. Secrets, tokens and what a pod is told of itself are kept in memory alone, never on a disk
 * (kubernetes.io, "Volumes: secret"): upstream mounts a tmpfs for each, here they are directories of one, which takes no mount a pod.
 * Their usual place leads there.
 */
export class VolumePlaces {
  readonly #options: PlaceOptions

  constructor(options: PlaceOptions) {
    this.#options = options
  }

  /** The usual place of all that is a pod's. */
  ofPod(uid: string): string {
    return join(this.#options.stateDirectory, 'pods', uid)
  }

  /** The usual place of a volume. */
  of({ metadata }: Pod, volume: Volume): string {
    return join(this.ofPod(metadata.uid), 'volumes', `kubernetes.io~${pluginOf(volume)}`, volume.name)
  }

  /** Where the kubelet is to write a volume's files. An agent from before may have them on the disk, where its containers look. */
  async toWrite(pod: Pod, volume: Volume): Promise<string> {
    const usual = this.of(pod, volume)
    if (!inMemory(volume)) return usual
    const found = await unlessMissing(lstat(usual))
    if (found?.isDirectory()) return usual
    const place = join(this.#options.memoryDirectory, pod.metadata.uid, pluginOf(volume), volume.name)
    if (!found) {
      await mkdir(dirname(usual), { recursive: true })
      await symlink(place, usual)
    }
    return place
  }

  /** Removes all that is a pod's; nothing may be mounted in it any more. Last what the next agent would know it by, should this one die. */
  async remove(uid: string): Promise<void> {
    for (const directory of [join(this.#options.memoryDirectory, uid), this.ofPod(uid)])
      await rm(directory, { recursive: true, force: true })
  }
}

/** Whether the files of a volume that the kubelet writes stay in memory. */
export const inMemory = ({ secret, projected, downwardAPI }: Volume): boolean =>
  (secret ?? projected ?? downwardAPI) !== undefined

function pluginOf(volume: Volume): string {
  if (volume.configMap) return 'configmap'
  if (volume.secret) return 'secret'
  if (volume.downwardAPI) return 'downward-api'
  if (volume.projected) return 'projected'
  if (volume.image) return 'image'
  if (volume.nfs) return 'nfs'
  return 'empty-dir'
}
