import type Docker from 'dockerode'
import type { Pod } from '#types/core/v1'
import type { Clock } from '../../../src-kube/machinery/clock.ts'
import type { Host } from '../../host/index.ts'
import { allContainers } from '../plan/pod-containers.ts'
import { fullName, imageExcess, imagesToRemove, type KnownImage, noticed } from '../plan/image-garbage.ts'
import { PAUSE } from './carried-images.ts'

/** Whose images are removed when the disk fills (kubernetes.io, "Garbage Collection: Container image lifecycle"). */
export interface ImageGarbageOptions {
  docker: Docker
  host: Pick<Host, 'disk'>
  clock: Clock
  signal: AbortSignal
  /** The pods of this node, whose images are in use though no container may have been made of them yet. */
  pods(): Iterable<Pod>
  /** Not all that should was to be freed, in the words of the node's event. */
  failed(words: string): void
  log(message: string): void
}

/** Milliseconds between two looks. */
const INTERVAL = 300_000
/** The disk that images are on. */
const DISK = '/var/lib/docker'

/** Removes images that nobody uses while the disk is nearly full, those first that have not been used for longest. */
export class ImageGarbage {
  readonly #options: ImageGarbageOptions
  #known: KnownImage[] = []

  constructor(options: ImageGarbageOptions) {
    this.#options = options
  }

  /** Looks every five minutes from now on; now itself none is old enough to go. */
  start(): void {
    const { clock, signal, log } = this.#options
    const run = (look: () => Promise<void>): void => {
      if (signal.aborted) return
      look()
        .catch((error: unknown) => log(`images: ${error instanceof Error ? error.message : String(error)}`))
        .finally(() => clock.after(INTERVAL, () => run(() => this.#look())))
    }
    run(() => this.#notice(clock.now()))
  }

  /** Removes images until so many bytes are free, or none is left that may go; answers the bytes. */
  async collect(bytes: number): Promise<number> {
    const { docker, clock, log } = this.#options
    const now = clock.now()
    await this.#notice(now)
    let freed = 0
    for (const { id, size } of imagesToRemove(this.#known, bytes, now)) {
      try {
        // By its id with all of its names; what has come to be used meanwhile the engine keeps.
        await docker.getImage(id).remove({ force: true })
        freed += size
      } catch (error) {
        log(`removing image ${id}: ${String(error)}`)
      }
    }
    return freed
  }

  async #look(): Promise<void> {
    const wanted = imageExcess(await this.#options.host.disk(DISK))
    // What is there is noticed each time: whoever is old enough to go must have been seen before.
    if (wanted === 0) return this.#notice(this.#options.clock.now())
    const freed = await this.collect(wanted)
    if (freed >= wanted) return
    this.#options.failed(
      `Failed to garbage collect required amount of images. Attempted to free ${wanted} bytes, but only found ${freed} bytes eligible to free.`,
    )
  }

  async #notice(now: number): Promise<void> {
    const { docker } = this.#options
    const [images, containers] = await Promise.all([docker.listImages(), docker.listContainers({ all: true })])
    const named = this.#names()
    const inUse = new Set(containers.map(({ ImageID }) => ImageID))
    for (const { Id, RepoTags, RepoDigests } of images) {
      const names = [...(RepoTags ?? []), ...(RepoDigests ?? [])]
      if (names.some((name) => named.has(fullName(name)))) inUse.add(Id)
    }
    const present = images.map(({ Id, Size }) => ({ id: Id, size: Size }))
    this.#known = noticed(this.#known, present, inUse, now)
  }

  /** Of the images that pods on this node name, for containers and volumes, and of the sandbox's. */
  #names(): ReadonlySet<string | undefined> {
    const names = [...this.#options.pods()].flatMap((pod) => [
      ...allContainers(pod).map(({ image }) => image ?? ''),
      ...(pod.spec.volumes ?? []).flatMap(({ image }) => image?.reference ?? []),
    ])
    const full = [PAUSE, ...names].map(fullName).filter((name) => name !== undefined)
    return new Set(full)
  }
}
