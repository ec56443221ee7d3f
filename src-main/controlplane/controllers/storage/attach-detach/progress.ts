import type { VolumeAttachment } from '#types/storage.k8s.io/v1'
import { refs } from '../../../../../src-kube/client/refs.ts'
import type { ControllerContext } from '../../../../../src-kube/runtime/controller.ts'
import { isOurs, volumeOf } from './plan.ts'
import type { WantedVolume } from './wanted.ts'

/** Milliseconds that a driver's attacher may take before that is told, and again after as long. */
const PATIENCE = 120_000

/** What was told of one attachment. */
interface Told {
  /** Milliseconds since the epoch at which it is told that nothing happens. */
  late: number
  /** The last error, with its time. */
  error: string
}

/**
 * What the controller remembers from one look to the next: attachments that the cache does not show yet, since when one is wanted by nobody, and what
 * the pods that wait were told. All of it may be forgotten at a restart.
 */
export class Progress {
  readonly #ctx: ControllerContext
  /** By name: made by this process, and not seen yet. */
  readonly #created = new Map<string, VolumeAttachment>()
  readonly #unwanted = new Map<string, number>()
  /** By uid: not attached when last seen. */
  readonly #pending = new Map<string, Told>()
  readonly #blocked = new Set<string>()

  constructor(ctx: ControllerContext) {
    this.#ctx = ctx
    const forget = ({ metadata }: VolumeAttachment): void => {
      this.#unwanted.delete(metadata.uid)
      this.#pending.delete(metadata.uid)
      this.#created.delete(metadata.name)
    }
    const seen = ({ metadata }: VolumeAttachment): void => void this.#created.delete(metadata.name)
    ctx.informer(refs.volumeAttachments).on({ add: seen, update: seen, delete: forget })
  }

  created(object: VolumeAttachment): void {
    if (!this.#ctx.informer(refs.volumeAttachments).get(object.metadata.name))
      this.#created.set(object.metadata.name, object)
  }

  /** The attachments of a node, with those that the cache does not show yet. */
  withCreated(node: string, attachments: readonly VolumeAttachment[]): VolumeAttachment[] {
    return [...attachments, ...[...this.#created.values()].filter(({ spec }) => spec.nodeName === node)]
  }

  /** Also one that is being detached: until that is done the volume is there. */
  isElsewhere(node: string, volume: string): boolean {
    const known = this.#ctx.informer(refs.volumeAttachments).list().filter(isOurs)
    const isOther = (one: VolumeAttachment): boolean => volumeOf(one) === volume && one.spec.nodeName !== node
    return known.some(isOther) || [...this.#created.values()].some(isOther)
  }

  unwantedSince(uid: string): number {
    const since = this.#unwanted.get(uid) ?? this.#ctx.clock.now()
    this.#unwanted.set(uid, since)
    return since
  }

  /** Whether it was not so at the last look at the node. */
  isNewlyBlocked(node: string, volume: string): boolean {
    const key = `${node}/${volume}`
    if (this.#blocked.has(key)) return false
    this.#blocked.add(key)
    return true
  }

  /** Tells pods how far the attaching of their volumes is; answers in how many milliseconds there is something to tell anew. */
  tell(node: string, wanted: readonly WantedVolume[], attachments: readonly VolumeAttachment[]): number {
    let again = Infinity
    for (const volume of wanted) {
      const found = attachments.find((one) => volumeOf(one) === volume.volume)
      if (!found) continue
      this.#blocked.delete(`${node}/${volume.volume}`)
      this.#unwanted.delete(found.metadata.uid)
      again = Math.min(again, this.#tellOne(volume, found))
    }
    return again
  }

  #tellOne(wanted: WantedVolume, { metadata, status }: VolumeAttachment): number {
    const now = this.#ctx.clock.now()
    const told = this.#pending.get(metadata.uid)
    if (status?.attached) {
      this.#pending.delete(metadata.uid)
      const words = `AttachVolume.Attach succeeded for volume ${JSON.stringify(wanted.volume)} `
      if (told) this.#event(wanted, 'Normal', 'SuccessfulAttachVolume', words)
      return Infinity
    }
    const next = { late: now + PATIENCE, error: '', ...told }
    this.#pending.set(metadata.uid, next)
    const { attachError } = status ?? {}
    const error = attachError ? `${attachError.time} ${attachError.message}` : ''
    if (error !== '' && error !== next.error) {
      Object.assign(next, { error, late: now + PATIENCE })
      this.#failed(wanted, attachError?.message ?? '')
    } else if (now >= next.late) {
      next.late = now + PATIENCE
      const { driver, handle } = wanted
      this.#failed(wanted, `timed out waiting for external-attacher of ${driver} CSI driver to attach volume ${handle}`)
    }
    return next.late - now
  }

  #failed(wanted: WantedVolume, why: string): void {
    const words = `AttachVolume.Attach failed for volume ${JSON.stringify(wanted.volume)} : ${why}`
    this.#event(wanted, 'Warning', 'FailedAttachVolume', words)
  }

  #event({ pods }: WantedVolume, type: 'Normal' | 'Warning', reason: string, words: string): void {
    for (const pod of pods) this.#ctx.events.event(pod, type, reason, words)
  }
}
