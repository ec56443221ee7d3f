import type { Node } from '#types/core/v1'
import type { VolumeAttachment } from '#types/storage.k8s.io/v1'
import { csiVolumeName } from '../../../../../src-kube/kinds/storage/csi-volume.ts'
import { isReady } from '../../node/readiness.ts'
import type { WantedVolume } from './wanted.ts'

/** That a volume is, or is to be, attached to the node; what is not known of its volume any more has no unique name. */
export interface Attachment {
  object: VolumeAttachment
  unique: string | undefined
}

/** What there is when a node is looked at. */
export interface AttachmentFacts {
  node: Node
  wanted: readonly WantedVolume[]
  /** Of this node. */
  attachments: readonly Attachment[]
  /** Whether another node has the volume, or is about to. */
  isElsewhere(volume: string): boolean
  /** When it was first seen, in milliseconds since the epoch, that nobody wants the attachment of that uid. */
  unwantedSince(uid: string): number
  now: number
}

/** What is to be done. */
export interface AttachmentPlan {
  attach: WantedVolume[]
  /** Another node has them alone. */
  blocked: WantedVolume[]
  detach: VolumeAttachment[]
  /** The node's `status.volumesAttached`. */
  attached: Array<{ name: string; devicePath: string }>
  /** Milliseconds until a volume that is still in use on a silent node is taken from it all the same. */
  again: number | undefined
}

/** Milliseconds that a node which is not ready is given to unmount (kubernetes.io, "Non-graceful node shutdown handling"). */
const PATIENCE = 360_000
const OUT_OF_SERVICE = 'node.kubernetes.io/out-of-service'

/** What of a node's volumes is to be attached and detached. */
export function planAttachments(facts: AttachmentFacts): AttachmentPlan {
  const { node, wanted, attachments, isElsewhere } = facts
  const kept = new Set(wanted.map(({ volume }) => volume))
  const missing = wanted.filter(({ volume }) => !attachments.some(({ object }) => volumeOf(object) === volume))
  const isBlocked = ({ isExclusive, volume }: WantedVolume): boolean => isExclusive && isElsewhere(volume)
  const plan: AttachmentPlan = {
    attach: missing.filter((one) => !isBlocked(one)),
    blocked: missing.filter(isBlocked),
    detach: [],
    attached: [],
    again: undefined,
  }
  const held: string[] = []
  for (const { object, unique } of attachments) {
    const { deletionTimestamp, uid } = object.metadata
    if (deletionTimestamp) continue
    const wait = kept.has(volumeOf(object) ?? '') ? undefined : patienceFor(facts, unique, uid)
    if (wait === 0) plan.detach.push(object)
    else if (object.status?.attached && unique) held.push(unique)
    if (wait) plan.again = Math.min(plan.again ?? Infinity, wait)
  }
  plan.attached = held.toSorted().map((name) => ({ name, devicePath: '' }))
  // As long as it waits for the node itself, the node will be heard of.
  if (isReady(node)) plan.again = undefined
  return plan
}

/** Milliseconds until what nobody wants may be detached: none when the node says that it does not use it, or nobody asks the node any more. */
function patienceFor({ node, unwantedSince, now }: AttachmentFacts, unique: string | undefined, uid: string): number {
  if (unique === undefined || !node.status?.volumesInUse?.includes(unique)) return 0
  if (node.spec?.taints?.some(({ key }) => key === OUT_OF_SERVICE)) return 0
  const left = Math.max(0, unwantedSince(uid) + PATIENCE - now)
  return isReady(node) ? Infinity : left
}

/** The persistent volume that is attached. */
export const volumeOf = ({ spec }: VolumeAttachment): string | undefined => spec.source.persistentVolumeName

/** By its volume, which may be gone. */
export const attachmentOf = (
  object: VolumeAttachment,
  csi: { driver: string; volumeHandle: string } | undefined,
): Attachment => ({
  object,
  unique: csi && csiVolumeName({ driver: csi.driver, handle: csi.volumeHandle }),
})

/** Whether the attach/detach controller made it: others' attachments are theirs. */
export const isOurs = ({ metadata }: VolumeAttachment): boolean => /^csi-[0-9a-f]{64}$/.test(metadata.name)

/** Why an exclusive volume cannot come to another node, in upstream's words; `users` are the pods that have it there. */
export function multiAttachWords(
  { volume, pods }: WantedVolume,
  users: ReadonlyArray<{ namespace: string; name: string }>,
): string {
  const here = new Set(pods.map(({ metadata }) => metadata.namespace))
  const named = users.filter(({ namespace }) => here.has(namespace)).map(({ name }) => name)
  const others = users.length - named.length
  const start = `Multi-Attach error for volume ${JSON.stringify(volume)} `
  if (users.length === 0)
    return `${start}Volume is already exclusively attached to one node and can't be attached to another`
  if (named.length === 0) return `${start}Volume is already used by ${others} pod(s) in different namespaces`
  const more = others > 0 ? ` and ${others} pod(s) in different namespaces` : ''
  return `${start}Volume is already used by pod(s) ${named.join(', ')}${more}`
}
