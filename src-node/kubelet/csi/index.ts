/**
 * Volumes of CSI drivers, which run as pods of the node (kubernetes.io, "Volumes: csi"; kubernetes-csi.github.io): drivers register at a socket, the
 * control plane attaches, and the kubelet has them mounted, kept and taken back.
 */
import type { PersistentVolume, Pod, Volume } from '#types/core/v1'
import type { CSIDriver } from '#types/storage.k8s.io/v1'
import { refs } from '../../../src-kube/client/refs.ts'
import type { Clock } from '../../../src-kube/machinery/clock.ts'
import { isNotFound } from '../../../src-kube/machinery/errors.ts'
import { repeat } from '../repeat.ts'
import { StepError } from '../volumes/volume-errors.ts'
import type { Attachments } from './attachments.ts'
import { Expansion, type ExpansionOptions } from './expansion.ts'
import { type CsiMount, CsiMounts, type CsiMountsOptions } from './mounts.ts'
import { type CsiVolume, inlineCsiVolume, lifecycleProblem, persistentCsiVolume } from './plan/volume.ts'
import { type CsiVolumeStats, volumeStats } from './stats.ts'

/** What the volumes of drivers are made with. */
export type CsiVolumesOptions = CsiMountsOptions &
  ExpansionOptions & {
    attachments: Pick<Attachments, 'of' | 'release'>
    clock: Clock
    signal: AbortSignal
    log(message: string): void
  }

/** Milliseconds between two looks at what mounted volumes need: whether they grew, and whether their driver wants to be told again. */
const INTERVAL = 10_000
/** Milliseconds between two times that a driver is told again. */
const REPUBLISH = 60_000

/** How a volume of a driver is used here. */
interface Live extends CsiMount {
  /** Milliseconds since the epoch at which the driver was told last. */
  told: number
}

/** The volumes that CSI drivers give to this node's pods. */
export class CsiVolumes {
  readonly #options: CsiVolumesOptions
  readonly #mounts: CsiMounts
  readonly #expansion: Expansion
  /** By path on the node. */
  readonly #live = new Map<string, Live>()
  #isKept = false

  constructor(options: CsiVolumesOptions) {
    this.#options = options
    this.#mounts = new CsiMounts(options)
    this.#expansion = new Expansion(options)
  }

  /** Whether the path is one of a volume that a driver gave. */
  has(path: string): boolean {
    return this.#live.has(path)
  }

  /** Mounts what a claim is bound to; `name` is the volume's in the pod, `readOnly` as the pod claims it. Answers where. */
  async setUpPersistent(
    pod: Pod,
    found: PersistentVolume,
    { name, readOnly }: { name: string; readOnly: boolean },
    signal?: AbortSignal,
  ): Promise<string> {
    const volume = persistentCsiVolume(found, { readOnly })!
    const object = await this.#checked(volume)
    const isAttached = object?.spec.attachRequired ?? true
    const publishContext = isAttached
      ? await this.#options.attachments.of(volume, { name, uid: pod.metadata.uid }, signal)
      : undefined
    return this.#setUp({ pod, volume, object, publishContext })
  }

  /** Mounts a volume that is written in the pod itself; answers where. */
  async setUpInline(pod: Pod, source: Volume): Promise<string> {
    const volume = inlineCsiVolume(pod, source)!
    return this.#setUp({ pod, volume, object: await this.#checked(volume) })
  }

  /** Has all volumes of the pod taken back. Throws when a driver could not, or is not here. */
  async tearDown(uid: string): Promise<void> {
    for (const [path, { pod }] of this.#live) if (pod.metadata.uid === uid) this.#live.delete(path)
    await this.#mounts.tearDown(uid)
    this.#options.attachments.release(uid)
  }

  /** What the driver says of the room in the volume at the path; undefined when it says nothing. */
  async statsOf(path: string): Promise<CsiVolumeStats | undefined> {
    const live = this.#live.get(path)
    if (!live || live.volume.mode === 'Block') return undefined
    const { pod, volume } = live
    const driver = await this.#options.drivers.find(volume.driver)
    return volumeStats(driver, volume.handle, this.#mounts.placesOf(pod, volume))
  }

  /** The driver's own object; throws when it has no such volumes. */
  async #checked(volume: CsiVolume): Promise<CSIDriver | undefined> {
    const object = await this.#driverObject(volume.driver)
    const problem = lifecycleProblem(volume, object)
    if (problem) throw new StepError('NewMounter initialization', problem)
    return object
  }

  async #driverObject(name: string): Promise<CSIDriver | undefined> {
    try {
      return await this.#options.client.resource(refs.csiDrivers).get(name)
    } catch (error) {
      if (isNotFound(error)) return undefined
      throw error
    }
  }

  async #setUp(mount: CsiMount): Promise<string> {
    const path = await this.#mounts.setUp(mount)
    await this.#expansion.look(mount.pod, mount.volume, this.#mounts.placesOf(mount.pod, mount.volume))
    const told = this.#live.get(path)?.told ?? this.#options.clock.now()
    this.#live.set(path, { ...mount, told })
    this.#keep()
    return path
  }

  /** From the first volume on. */
  #keep(): void {
    if (this.#isKept) return
    this.#isKept = true
    const { clock, signal, log } = this.#options
    const failed = (words: string): void => log(`volumes of CSI drivers: ${words}`)
    clock.after(INTERVAL, () => repeat(() => this.#look(), { interval: INTERVAL, clock, signal, failed }))
  }

  async #look(): Promise<void> {
    const { clock, log, event } = this.#options
    for (const live of this.#live.values()) {
      const { pod, volume, object } = live
      try {
        await this.#expansion.look(pod, volume, this.#mounts.placesOf(pod, volume))
        if (!object?.spec.requiresRepublish || clock.now() - live.told < REPUBLISH) continue
        live.told = clock.now()
        await this.#mounts.republish(live)
      } catch (error) {
        const words = error instanceof Error ? error.message : String(error)
        log(`volume ${volume.name} of pod ${pod.metadata.namespace}/${pod.metadata.name}: ${words}`)
        if (!(error instanceof StepError))
          event(pod, 'Warning', 'FailedMount', `MountVolume.SetUp failed for volume "${volume.name}" : ${words}`)
      }
    }
  }
}
