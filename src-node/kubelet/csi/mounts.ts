import { mkdir, rm, rmdir, symlink, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Pod } from '#types/core/v1'
import type { CSIDriver } from '#types/storage.k8s.io/v1'
import { csiVolumeName } from '../../../src-kube/kinds/storage/csi-volume.ts'
import { mountsUnder } from '../../host/index.ts'
import { unlessMissing } from '../../host/unless-missing.ts'
import { RpcError } from '../plugins/rpc/codes.ts'
import { giveToGroup } from '../volumes/ownership.ts'
import { StepError } from '../volumes/volume-errors.ts'
import type { VolumeHost } from '../volumes/volumes.ts'
import { csiNode, nodeCan } from './api.ts'
import type { CsiDriver, CsiDrivers } from './drivers.ts'
import { Locks } from './locks.ts'
import { csiPlaces, type CsiPlaces } from './plan/places.ts'
import { attachmentName, capabilityOf, type CsiVolume, givesToGroup } from './plan/volume.ts'
import { allRecords, type CsiRecord, recordsOfPod, writeData } from './records.ts'
import { publishFacts, type RequestSources, secretOf } from './requests.ts'

/** What mounting through drivers takes. */
export interface CsiMountsOptions extends RequestSources {
  stateDirectory: string
  nodeName: string
  host: VolumeHost
  drivers: Pick<CsiDrivers, 'find'>
}

/** A volume, and for whom. */
export interface CsiMount {
  pod: Pod
  volume: CsiVolume
  /** The driver's own object, which says what it wants to know. */
  object: CSIDriver | undefined
  /** What its controller told of the attachment; undefined for a volume that is not attached. */
  publishContext?: Readonly<Record<string, string>> | undefined
}

/**
 * Has drivers give volumes to pods and take them back (Container Storage Interface, "Node Service RPC"): prepared once a node, published once a pod,
 * and back in the opposite order. Who has what is read from the node's disk, so that the next agent takes back what this one gave. What concerns one
 * volume is done in order.
 */
export class CsiMounts {
  readonly #options: CsiMountsOptions
  readonly #locks = new Locks()
  /** What this agent had done: an earlier one's is asked for again, which changes nothing at the driver. */
  readonly #staged = new Set<string>()
  readonly #published = new Set<string>()

  constructor(options: CsiMountsOptions) {
    this.#options = options
  }

  placesOf(pod: Pod, volume: CsiVolume): CsiPlaces {
    return csiPlaces(this.#options.stateDirectory, pod.metadata.uid, volume)
  }

  /** Answers where the volume is on the node. */
  setUp(mount: CsiMount): Promise<string> {
    return this.#setUp(mount, { again: false })
  }

  /** Has the driver told once more of a volume that is set up, with what there is to tell now (kubernetes.io, "CSIDriver: requiresRepublish"). */
  async republish(mount: CsiMount): Promise<void> {
    await this.#setUp(mount, { again: true })
  }

  #setUp(mount: CsiMount, { again }: { again: boolean }): Promise<string> {
    return this.#locks.run(csiVolumeName(mount.volume), async () => {
      const driver = await this.#driverOf(mount.volume)
      const can = await driver.can()
      const stages = can.has(nodeCan.stage) && mount.volume.lifecycle === 'Persistent'
      if (stages) await this.#stage(mount, driver, can)
      return this.#publish(mount, driver, { can, stages, again })
    })
  }

  /** Has all volumes of the pod taken back. Throws when a driver could not; what others could stays so. */
  async tearDown(uid: string): Promise<void> {
    const records = await recordsOfPod(this.#options.stateDirectory, uid)
    const done = await Promise.allSettled(records.map((record) => this.#takeBack(record)))
    for (const one of done) if (one.status === 'rejected') throw one.reason
  }

  async #driverOf({ driver, mode, lifecycle }: CsiVolume): Promise<CsiDriver> {
    try {
      return await this.#options.drivers.find(driver)
    } catch (error) {
      const words = error instanceof Error ? error.message : String(error)
      if (lifecycle === 'Ephemeral')
        throw new Error(`kubernetes.io/csi: mounter.SetUpAt failed to get CSI client: ${words}`, { cause: error })
      if (mode === 'Block')
        throw new StepError(
          'SetUpDevice',
          `kubernetes.io/csi: blockMapper.SetUpDevice failed to get CSI client: ${words}`,
        )
      throw new StepError(
        'MountDevice',
        `kubernetes.io/csi: attacher.MountDevice failed to create newCsiDriverClient: ${words}`,
      )
    }
  }

  async #stage(
    { pod, volume, publishContext = {} }: CsiMount,
    driver: CsiDriver,
    can: ReadonlySet<number>,
  ): Promise<void> {
    const key = csiVolumeName(volume)
    if (this.#staged.has(key)) return
    const { staging, stagingData } = this.placesOf(pod, volume)
    const isBlock = volume.mode === 'Block'
    try {
      const secrets = await secretOf(this.#options, volume.secrets.stage, 'NodeStageSecretRef')
      await mkdir(staging, { recursive: true, mode: 0o750 })
      if (!isBlock) await writeData(stagingData, { volumeHandle: volume.handle, driverName: volume.driver })
      await driver.call(csiNode.stage, {
        volumeId: volume.handle,
        publishContext,
        stagingTargetPath: staging,
        volumeCapability: capabilityOf(volume, can, groupOf(pod)),
        secrets,
        volumeContext: volume.attributes,
      })
    } catch (error) {
      throw new StepError(isBlock ? 'SetUpDevice' : 'MountDevice', wordsOf(error), { cause: error })
    }
    this.#staged.add(key)
  }

  async #publish(
    { pod, volume, object, publishContext }: CsiMount,
    driver: CsiDriver,
    { can, stages, again }: { can: ReadonlySet<number>; stages: boolean; again: boolean },
  ): Promise<string> {
    const places = this.placesOf(pod, volume)
    const key = `${pod.metadata.uid}/${volume.name}`
    // Told again only who still has it.
    if (this.#published.has(key) !== again) return places.target
    const facts = await publishFacts(this.#options, pod, volume, object)
    await this.#note(volume, places, publishContext !== undefined)
    try {
      await driver.call(csiNode.publish, {
        volumeId: volume.handle,
        publishContext: publishContext ?? {},
        stagingTargetPath: stages ? places.staging : '',
        targetPath: places.target,
        volumeCapability: capabilityOf(volume, can, groupOf(pod)),
        readonly: volume.readOnly,
        ...facts,
      })
    } catch (error) {
      if (!again && isFinal(error)) await this.#forget({ mode: volume.mode, places })
      if (volume.mode === 'Block') throw new StepError('MapPodDevice', wordsOf(error), { cause: error })
      throw error
    }
    if (givesToGroup(volume, object) && !can.has(nodeCan.mountGroup))
      await giveToGroup(this.#options.host, pod, places.target)
    this.#published.add(key)
    return places.target
  }

  /** Before the driver is asked: whatever becomes of the call, it will be told that the pod has the volume no more. */
  async #note(volume: CsiVolume, places: CsiPlaces, isAttached: boolean): Promise<void> {
    const { nodeName } = this.#options
    await writeData(places.data, {
      specVolID: volume.name,
      volumeHandle: volume.handle,
      driverName: volume.driver,
      nodeName,
      attachmentID: isAttached ? attachmentName(volume, nodeName) : '',
      volumeLifecycleMode: volume.lifecycle,
    })
    await mkdir(dirname(places.target), { recursive: true, mode: 0o750 })
    if (volume.mode === 'Filesystem') return
    await mkdir(dirname(places.entry), { recursive: true, mode: 0o750 })
    await unlessMissing(unlink(places.entry))
    await symlink(places.target, places.entry)
  }

  #takeBack(record: CsiRecord): Promise<void> {
    const { data, uid, places } = record
    const { driverName: driver, volumeHandle: handle, specVolID } = data
    const key = csiVolumeName({ driver, handle })
    return this.#locks.run(key, async () => {
      const found = await this.#options.drivers.find(driver)
      this.#published.delete(`${uid}/${specVolID}`)
      await found.call(csiNode.unpublish, { volumeId: handle, targetPath: places.target })
      await this.#forget(record)
      const others = await allRecords(this.#options.stateDirectory)
      if (others.some(({ data: other }) => other.driverName === driver && other.volumeHandle === handle)) return
      if (data.volumeLifecycleMode === 'Persistent' && (await found.can()).has(nodeCan.stage)) {
        this.#staged.delete(key)
        await found.call(csiNode.unstage, { volumeId: handle, stagingTargetPath: places.staging })
      }
      await this.#clear(places.staging)
      await rm(places.stagingData, { recursive: true, force: true })
    })
  }

  async #forget({ mode, places }: Pick<CsiRecord, 'mode' | 'places'>): Promise<void> {
    await this.#clear(places.target)
    if (mode === 'Block') await unlessMissing(unlink(places.entry))
    else await rm(places.entry, { recursive: true, force: true })
  }

  /** Removes what a driver left there: nothing that is still mounted, whose files are the volume's own. */
  async #clear(place: string): Promise<void> {
    const { host } = this.#options
    const mounted = await mountsUnder((path) => host.readFile(path), dirname(place))
    for (const path of mounted) if (path === place || path.startsWith(`${place}/`)) await host.run('umount', [path])
    const removed = rmdir(place).catch(async (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOTDIR') throw error
      // What a device was shown at.
      await unlink(place)
    })
    await unlessMissing(removed)
  }
}

const groupOf = ({ spec }: Pod): number | undefined => spec.securityContext?.fsGroup

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** A driver may still be at it after these (Container Storage Interface, "Error Scheme"); after all others nothing is mounted. */
const isFinal = (error: unknown): boolean =>
  error instanceof RpcError &&
  !(['Canceled', 'DeadlineExceeded', 'Unavailable', 'ResourceExhausted', 'Aborted'] as const).some((name) =>
    error.is(name),
  )
