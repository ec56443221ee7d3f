import { createHash } from 'node:crypto'
import type { Node, Pod } from '#types/core/v1'
import type { VolumeAttachment } from '#types/storage.k8s.io/v1'
import { byNode } from '../../../../../src-kube/client/indexer.ts'
import { refs } from '../../../../../src-kube/client/refs.ts'
import { isAlreadyExists } from '../../../../../src-kube/machinery/errors.ts'
import {
  type AnyController,
  type ControllerContext,
  defineController,
  done,
  requeueAfter,
  watching,
} from '../../../../../src-kube/runtime/controller.ts'
import { deleteSeen } from '../../../../../src-kube/runtime/delete-seen.ts'
import { equal } from '../../equal.ts'
import { claimsOf } from '../pod-claims.ts'
import { attachmentOf, isOurs, multiAttachWords, planAttachments, volumeOf } from './plan.ts'
import { Progress } from './progress.ts'
import { nodesOfClaim, volumesOf, type WantedVolume, wantedOn } from './wanted.ts'

/**
 * Says which volumes of CSI drivers are to be attached to which nodes, by VolumeAttachments that the drivers' own attachers carry out (kubernetes.io,
 * "VolumeAttachment"; kubernetes-csi.github.io, "external-attacher"): those of pods that are bound there and have not ended, until the node has
 * unmounted them. Upstream's attach/detach controller, for drivers whose CSIDriver does not say that they need none.
 */
export function attachDetachController(): AnyController {
  let progress: Progress
  return defineController<Node>({
    name: 'persistentvolume-attach-detach-controller',
    component: 'attachdetach-controller',
    for: refs.nodes,
    // A volume must not be attached to two nodes at once.
    workers: 1,
    concerns: ({ metadata, status }, ctx) =>
      (status?.volumesAttached?.length ?? 0) > 0 || attachmentsTo(ctx, metadata.name).length > 0,
    watches: [
      watching(refs.pods, (pod, ctx, old) => nodesOfPod(ctx, pod, old)),
      watching(refs.volumeAttachments, ({ spec }, ctx) => [
        spec.nodeName,
        ...nodesOfVolume(ctx, spec.source.persistentVolumeName),
      ]),
      watching(refs.persistentVolumeClaims, ({ metadata, spec }, ctx, old) =>
        isOfDriver(ctx, spec.volumeName) && old?.status?.phase !== 'Bound'
          ? nodesOfClaim(ctx, metadata.namespace ?? '', metadata.name)
          : [],
      ),
      watching(refs.persistentVolumes, ({ metadata, spec }, ctx, old) =>
        spec.csi && !(old && equal(spec.claimRef, old.spec.claimRef)) ? nodesOfVolume(ctx, metadata.name) : [],
      ),
      watching(refs.csiDrivers, ({ spec }, ctx, old) =>
        old && old.spec.attachRequired === spec.attachRequired
          ? []
          : ctx
              .informer(refs.nodes)
              .list()
              .map(({ metadata }) => metadata.name),
      ),
    ],
    setup(ctx) {
      progress = new Progress(ctx)
      ctx.informer(refs.pods).addIndex(byNode.name, byNode.of)
      ctx.informer(refs.volumeAttachments).addIndex(byNode.name, byNode.of)
    },
    reconcile: (ctx, node) => look(ctx, node, progress),
    async gone(ctx, name) {
      // Nobody unmounts anything there any more; pods that are still bound to it go first.
      if (wantedOn(ctx, name).length > 0) return
      for (const object of attachmentsTo(ctx, name)) await detach(ctx, object)
    },
  })
}

const attachmentsTo = (ctx: ControllerContext, node: string): VolumeAttachment[] =>
  ctx.informer(refs.volumeAttachments).byIndex(byNode.name, node).filter(isOurs)

/** A volume that is not known yet is heard of itself. */
const isOfDriver = (ctx: ControllerContext, volume: string | undefined): boolean =>
  ctx.informer(refs.persistentVolumes).get(volume ?? '')?.spec.csi !== undefined

/** Pods without claims, which are most, concern nobody. */
function nodesOfPod(ctx: ControllerContext, pod: Pod, old: Pod | undefined): string[] {
  const { nodeName } = pod.spec
  if (!nodeName || !pod.spec.volumes || claimsOf(pod).length === 0) return []
  if (old?.spec.nodeName === nodeName && old.status?.phase === pod.status?.phase) return []
  return [nodeName, ...volumesOf(ctx, pod).flatMap(({ metadata }) => nodesOfVolume(ctx, metadata.name))]
}

function nodesOfVolume(ctx: ControllerContext, name: string | undefined): string[] {
  const claim = name === undefined ? undefined : ctx.informer(refs.persistentVolumes).get(name)?.spec.claimRef
  return claim?.name ? nodesOfClaim(ctx, claim.namespace ?? '', claim.name) : []
}

async function look(ctx: ControllerContext, node: Node, progress: Progress) {
  const { name } = node.metadata
  const csiOf = (object: VolumeAttachment) => ctx.informer(refs.persistentVolumes).get(volumeOf(object) ?? '')?.spec.csi
  const wanted = wantedOn(ctx, name)
  const attachments = progress.withCreated(name, attachmentsTo(ctx, name))
  const plan = planAttachments({
    node,
    wanted,
    attachments: attachments.map((object) => attachmentOf(object, csiOf(object))),
    isElsewhere: (volume) => progress.isElsewhere(name, volume),
    unwantedSince: (uid) => progress.unwantedSince(uid),
    now: ctx.clock.now(),
  })
  const before = node.status?.volumesAttached ?? []
  // What is not attached any more is told before it is detached: nobody begins to mount it.
  if (!equal(before, plan.attached)) {
    const body = { status: { volumesAttached: plan.attached } }
    const type = 'application/merge-patch+json'
    await ctx.client.resource(refs.nodes).patch({ name, type, subresource: 'status', body })
  }
  for (const object of plan.detach) await detach(ctx, object)
  for (const volume of plan.attach) await attach(ctx, name, volume, progress)
  for (const volume of plan.blocked) tellBlocked(ctx, name, volume, progress)
  const again = Math.min(plan.again ?? Infinity, progress.tell(name, wanted, attachments))
  return again < Infinity ? requeueAfter(again) : done
}

async function attach(ctx: ControllerContext, node: string, wanted: WantedVolume, progress: Progress): Promise<void> {
  const { driver, handle, volume } = wanted
  try {
    const made = await ctx.client.resource(refs.volumeAttachments).create({
      apiVersion: 'storage.k8s.io/v1',
      kind: 'VolumeAttachment',
      metadata: { name: attachmentName(`${handle}${driver}${node}`) },
      spec: { attacher: driver, nodeName: node, source: { persistentVolumeName: volume } },
    })
    progress.created(made)
  } catch (error) {
    // The cache is behind.
    if (!isAlreadyExists(error)) throw error
  }
}

const detach = (ctx: ControllerContext, object: VolumeAttachment): Promise<void> =>
  deleteSeen(ctx.client, refs.volumeAttachments, object)

/** By which kubelets find it, too. */
const attachmentName = (words: string): string => `csi-${createHash('sha256').update(words).digest('hex')}`

function tellBlocked(ctx: ControllerContext, node: string, wanted: WantedVolume, progress: Progress): void {
  if (!progress.isNewlyBlocked(node, wanted.volume)) return
  const users = ctx
    .informer(refs.pods)
    .list()
    .filter(({ spec }) => spec.nodeName && spec.nodeName !== node && spec.volumes)
    .filter((pod) => volumesOf(ctx, pod).some(({ metadata }) => metadata.name === wanted.volume))
    .map(({ metadata }) => ({ namespace: metadata.namespace ?? '', name: metadata.name }))
  const words = multiAttachWords(wanted, users)
  for (const pod of wanted.pods) ctx.events.event(pod, 'Warning', 'FailedAttachVolume', words)
}
