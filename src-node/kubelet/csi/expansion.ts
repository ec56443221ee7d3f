import type { Pod } from '#types/core/v1'
import { refs } from '../../../src-kube/client/refs.ts'
import type { Client } from '../../../src-kube/client/typed-client.ts'
import { StepError } from '../volumes/volume-errors.ts'
import { csiNode, nodeCan } from './api.ts'
import type { CsiDrivers } from './drivers.ts'
import { expandedStatus, expansionOf } from './plan/expansion.ts'
import type { CsiPlaces } from './plan/places.ts'
import { capabilityOf, type CsiVolume, persistentCsiVolume } from './plan/volume.ts'
import { type RequestSources, secretOf } from './requests.ts'

/** What making volumes larger takes. */
export interface ExpansionOptions extends RequestSources {
  client: Client
  drivers: Pick<CsiDrivers, 'find'>
  event(pod: Pod, type: 'Normal' | 'Warning', reason: string, message: string): void
}

/**
 * The node's part of making a volume larger: what is on it follows once the volume itself is (kubernetes.io, "Expanding Persistent Volumes Claims",
 * "Resizing an in-use PersistentVolumeClaim"), and only then has the claim what it asked for. Drivers that have no such part are not asked.
 */
export class Expansion {
  readonly #options: ExpansionOptions

  constructor(options: ExpansionOptions) {
    this.#options = options
  }

  /** Looks whether the volume of the pod is larger than its claim knows, and has the driver see to it. */
  async look(pod: Pod, known: CsiVolume, places: CsiPlaces): Promise<void> {
    const { name, driver, claim, readOnly, lifecycle } = known
    if (!claim || readOnly || lifecycle === 'Ephemeral') return
    const { client, drivers } = this.#options
    const node = await drivers.find(driver)
    const can = await node.can()
    if (!can.has(nodeCan.expand)) return
    const claims = client.resource(refs.persistentVolumeClaims)
    const held = await claims.get(claim.name, claim.namespace)
    // Most claims have what they asked for: their volumes need not be read.
    const wanted = held.spec.resources?.requests?.['storage'] as string | undefined
    if (expansionOf(known.capacity, held) === undefined && expansionOf(wanted, held) === undefined) return
    const volume = persistentCsiVolume(await client.resource(refs.persistentVolumes).get(name), { readOnly })
    const bytes = expansionOf(volume?.capacity, held)
    if (!volume || bytes === undefined) return
    try {
      const secrets = await secretOf(this.#options, volume.secrets.expand, 'NodeExpandSecretRef')
      await node.call(csiNode.expand, {
        volumeId: volume.handle,
        volumePath: places.target,
        capacityRange: { requiredBytes: bytes },
        stagingTargetPath: can.has(nodeCan.stage) ? places.staging : '',
        volumeCapability: capabilityOf(volume, can),
        secrets,
      })
    } catch (error) {
      const words = error instanceof Error ? error.message : String(error)
      this.#options.event(pod, 'Warning', 'VolumeResizeFailed', expandWords(name, words))
      throw new StepError('NodeExpandVolume', words, { cause: error })
    }
    const body = expandedStatus(volume.capacity!, held)
    const type = 'application/merge-patch+json'
    await claims.patch({ name: claim.name, namespace: claim.namespace, type, subresource: 'status', body })
    const done = `MountVolume.NodeExpandVolume succeeded for volume ${JSON.stringify(name)} `
    this.#options.event(pod, 'Normal', 'FileSystemResizeSuccessful', done)
  }
}

const expandWords = (name: string, words: string): string =>
  `NodeExpandVolume.NodeExpandVolume failed for volume ${JSON.stringify(name)} : Expander.NodeExpand failed to expand the volume : ${words}`
