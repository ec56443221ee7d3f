import { csiVolumeName } from '../../../src-kube/kinds/storage/csi-volume.ts'
import { allRecords } from './records.ts'

/**
 * The attached volumes that pods of this node use, as its status lists them (`volumesInUse`): none of them may be detached. A pod uses one from when it
 * waits for it until all of its volumes are taken back; what an earlier agent left is known from the disk.
 */
export class VolumesInUse {
  /** By the volume's name the uids of pods. */
  readonly #users = new Map<string, Set<string>>()
  readonly #changed: () => void
  #isKnown = false
  /** Pods that ended before it was known what there is. */
  readonly #ended = new Set<string>()

  /** @param changed called when the node's status is to be written */
  constructor(stateDirectory: string, { changed, log }: { changed(): void; log(message: string): void }) {
    this.#changed = changed
    allRecords(stateDirectory).then(
      (records) => {
        this.#isKnown = true
        for (const { uid, data } of records) if (data.attachmentID && !this.#ended.has(uid)) this.add(nameOf(data), uid)
        this.#ended.clear()
      },
      (error: unknown) => log(`volumes in use: ${String(error)}`),
    )
  }

  /** Undefined before it is known what an earlier agent left. */
  list(): string[] | undefined {
    return this.#isKnown ? [...this.#users.keys()].toSorted() : undefined
  }

  add(name: string, uid: string): void {
    const users = this.#users.get(name)
    if (users) return void users.add(uid)
    this.#users.set(name, new Set([uid]))
    this.#changed()
  }

  /** The pod has no volumes any more. */
  release(uid: string): void {
    if (!this.#isKnown) this.#ended.add(uid)
    const before = this.#users.size
    for (const [name, users] of this.#users) if (users.delete(uid) && users.size === 0) this.#users.delete(name)
    if (this.#users.size < before) this.#changed()
  }
}

const nameOf = ({ driverName: driver, volumeHandle: handle }: { driverName: string; volumeHandle: string }): string =>
  csiVolumeName({ driver, handle })
