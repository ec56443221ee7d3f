import type { Node } from '#types/core/v1'
import type { Informer } from '../../../src-kube/client/informer.ts'
import { refs } from '../../../src-kube/client/refs.ts'
import type { Client } from '../../../src-kube/client/typed-client.ts'
import { csiVolumeName } from '../../../src-kube/kinds/storage/csi-volume.ts'
import type { Clock } from '../../../src-kube/machinery/clock.ts'
import { StepError, UnattachedError } from '../volumes/volume-errors.ts'
import type { VolumesInUse } from './in-use.ts'
import { attachmentName, type CsiVolume } from './plan/volume.ts'

/** How the kubelet learns that a volume is attached. */
export interface AttachmentsOptions {
  client: Client
  nodeName: string
  nodes: Pick<Informer<Node>, 'get' | 'on'>
  inUse: VolumesInUse
  clock: Clock
}

/** Milliseconds that a pod's volumes may take to be attached before that is told, as upstream. */
const PATIENCE = 123_000

/** Attaching is the control plane's (its attach/detach controller's); the kubelet says what it uses and waits. */
export class Attachments {
  readonly #options: AttachmentsOptions

  constructor(options: AttachmentsOptions) {
    this.#options = options
  }

  /**
   * Waits until the volume is attached to this node and nobody will detach it; answers what the driver's controller told of that. `name` is the
   * volume's in the pod of that uid.
   */
  async of(
    volume: CsiVolume,
    { name, uid }: { name: string; uid: string },
    signal: AbortSignal | undefined,
  ): Promise<Record<string, string>> {
    const { client, nodeName, inUse } = this.#options
    const unique = csiVolumeName(volume)
    inUse.add(unique, uid)
    await this.#attached(unique, name, signal)
    try {
      const found = await client.resource(refs.volumeAttachments).get(attachmentName(volume, nodeName))
      if (found.metadata.deletionTimestamp) throw new Error('volume attachment is being deleted')
      return (found.status?.attachmentMetadata ?? {}) as Record<string, string>
    } catch (error) {
      throw new StepError('WaitForAttach', error instanceof Error ? error.message : String(error), { cause: error })
    }
  }

  /** The pod has its volumes no more: those that no other pod here has may be detached. */
  release(uid: string): void {
    this.#options.inUse.release(uid)
  }

  #attached(unique: string, name: string, signal: AbortSignal | undefined): Promise<void> {
    const { nodes, nodeName, clock } = this.#options
    const isReady = ({ status }: Node): boolean =>
      (status?.volumesAttached?.some((one) => one.name === unique) ?? false) &&
      (status?.volumesInUse?.includes(unique) ?? false)
    const known = nodes.get(nodeName)
    if (known && isReady(known)) return Promise.resolve()
    return new Promise((resolve, reject) => {
      const end = (settle: () => void): void => {
        timer.cancel()
        signal?.removeEventListener('abort', abort)
        // Its first calls come before it can be stopped.
        queueMicrotask(() => stop())
        settle()
      }
      const timer = clock.after(PATIENCE, () => end(() => reject(new UnattachedError(name))))
      const abort = (): void => end(() => reject(new UnattachedError(name)))
      signal?.addEventListener('abort', abort, { once: true })
      const look = (node: Node): void => {
        if (node.metadata.name === nodeName && isReady(node)) end(resolve)
      }
      const stop = nodes.on({ add: look, update: look })
    })
  }
}
