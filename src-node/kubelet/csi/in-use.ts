import { csiVolumeName } from '../../../src-kube/kinds/storage/csi-volume.ts'
import { allRecords } from './records.ts'

/**
 * The attached volumes that pods of this node use, as its status lists them (`volumesInUse`): none of them may be detached. What an earlier agent left
 * is among them from the start.
 */
export class VolumesInUse {
  readonly #names = new Set<string>()
  readonly #changed: () => void
  #isKnown = false
  /** What was said of a volume before it was known what there is. */
  readonly #released = new Set<string>()

  /** @param changed called when the node's status is to be written */
  constructor(stateDirectory: string, { changed, log }: { changed(): void; log(message: string): void }) {
    this.#changed = changed
    allRecords(stateDirectory).then(
      (records) => {
        const found = records.flatMap(({ data }) => (data.attachmentID ? nameOf(data) : []))
        for (const name of found) if (!this.#released.has(name)) this.#names.add(name)
        this.#isKnown = true
        if (found.length > 0) changed()
      },
      (error: unknown) => log(`volumes in use: ${String(error)}`),
    )
  }

  /** Undefined before it is known what an earlier agent left. */
  list(): string[] | undefined {
    return this.#isKnown ? [...this.#names].toSorted() : undefined
  }

  add(name: string): void {
    this.#released.delete(name)
    if (this.#names.has(name)) return
    this.#names.add(name)
    this.#changed()
  }

  remove(name: string): void {
    if (!this.#isKnown) this.#released.add(name)
    if (this.#names.delete(name)) this.#changed()
  }
}

const nameOf = ({ driverName: driver, volumeHandle: handle }: { driverName: string; volumeHandle: string }): string =>
  csiVolumeName({ driver, handle })
