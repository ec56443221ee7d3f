import type { PersistentVolume, PersistentVolumeClaim } from '#types/core/v1'
import { refs } from '../../../../src-kube/client/refs.ts'
import { isNotFound } from '../../../../src-kube/machinery/errors.ts'
import {
  type AnyController,
  type ControllerContext,
  defineController,
  done,
  watching,
} from '../../../../src-kube/runtime/controller.ts'
import { deleteSeen } from '../../../../src-kube/runtime/delete-seen.ts'
import { setVolumePhase } from './bind.ts'
import { BOUND_BY_CONTROLLER, PROVISIONED_BY } from './names.ts'

/**
 * Keeps a volume's phase ("Persistent Volumes: Phase") and sees to what becomes of it when its claim is gone: `Retain` leaves it
 * Released until somebody clears `claimRef`, `Delete` is for whoever provisioned it.
 */
export function volumePhases(): AnyController {
  return defineController<PersistentVolume>({
    name: 'persistentvolume-phases',
    component: 'persistentvolume-controller',
    for: refs.persistentVolumes,
    workers: 1,
    watches: [
      watching(refs.persistentVolumeClaims, ({ spec, metadata }, ctx, old) => {
        const names = [spec.volumeName, old?.spec.volumeName].filter((name) => name !== undefined)
        return [...names, ...ctx.informer(refs.persistentVolumes).byIndex(BY_CLAIM, keyOf(metadata)).map(nameOf)]
      }),
    ],
    setup(ctx) {
      ctx
        .informer(refs.persistentVolumes)
        .addIndex(BY_CLAIM, ({ spec: { claimRef } }) =>
          claimRef?.name ? [`${claimRef.namespace}/${claimRef.name}`] : [],
        )
    },
    async reconcile(ctx, volume) {
      await sync(ctx, volume)
      return done
    },
  })
}

const BY_CLAIM = 'claim'
const keyOf = ({ namespace, name }: PersistentVolumeClaim['metadata']) => `${namespace}/${name}`
const nameOf = ({ metadata }: PersistentVolume) => metadata.name

async function sync(ctx: ControllerContext, volume: PersistentVolume): Promise<void> {
  const { claimRef } = volume.spec
  if (!claimRef?.uid) return void (await setVolumePhase(ctx, volume, 'Available'))
  const claim = await claimOf(ctx, claimRef)
  if (!claim) return release(ctx, volume)
  const { volumeName } = claim.spec
  // The other half of a binding in progress belongs to the binder.
  if (!volumeName) return
  if (volumeName === volume.metadata.name) return void (await setVolumePhase(ctx, volume, 'Bound'))
  await letGo(ctx, volume)
}

/** The claim a volume is bound to; asks the server before it believes that it is gone. */
async function claimOf(
  ctx: ControllerContext,
  { namespace, name, uid }: NonNullable<PersistentVolume['spec']['claimRef']>,
): Promise<PersistentVolumeClaim | undefined> {
  const known = ctx.informer(refs.persistentVolumeClaims).get(`${namespace}/${name}`)
  if (known?.metadata.uid === uid) return known
  try {
    const found = await ctx.client.resource(refs.persistentVolumeClaims).get(name ?? '', namespace)
    return found.metadata.uid === uid ? found : undefined
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}

/** The claim is gone: the volume is no longer bound, and nobody else's yet. */
async function release(ctx: ControllerContext, volume: PersistentVolume): Promise<void> {
  const phase = volume.status?.phase
  const released = phase === 'Failed' ? volume : await setVolumePhase(ctx, volume, 'Released')
  const policy = released.spec.persistentVolumeReclaimPolicy ?? 'Retain'
  if (policy === 'Retain' || released.metadata.deletionTimestamp) return
  if (policy === 'Delete' && released.metadata.annotations?.[PROVISIONED_BY]) return
  // A pod empties what has a directory (cloud/volume-recycler.ts).
  if (policy === 'Recycle' && (released.spec.hostPath ?? released.spec.nfs)) return
  if (policy === 'Delete' && TEMPORARY.test(released.spec.hostPath?.path ?? '')) return remove(ctx, released)
  if (phase === 'Failed') return
  const words = failure(released)
  await setVolumePhase(ctx, released, 'Failed', words)
  ctx.events.event(released, 'Warning', policy === 'Delete' ? 'VolumeFailedDelete' : 'VolumeFailedRecycle', words)
}

/** What Kubernetes' own deleter of directories of a host takes (kubernetes.io, "Persistent Volumes": for trying things on a single node). */
const TEMPORARY = /\/tmp\/.+/

/** Why nobody reclaims a volume. */
function failure({ metadata, spec }: PersistentVolume): string {
  const isDeleted = spec.persistentVolumeReclaimPolicy === 'Delete'
  if (isDeleted && spec.hostPath)
    return `host_path deleter only supports /tmp/.+ but received provided ${spec.hostPath.path}`
  const verb = isDeleted ? 'delet' : 'recycl'
  return `error getting ${verb}er volume plugin for volume ${JSON.stringify(metadata.name)}: no ${verb}able volume plugin matched`
}

/** The volume alone: what is in the directory is on some node, as it is in a cluster whose controllers run elsewhere. */
const remove = (ctx: ControllerContext, volume: PersistentVolume): Promise<void> =>
  deleteSeen(ctx.client, refs.persistentVolumes, volume)

/** Its claim is bound to another volume: one that the binder tied comes free, or is reclaimed when it was made for the claim. */
async function letGo(ctx: ControllerContext, volume: PersistentVolume): Promise<void> {
  const { annotations = {} } = volume.metadata
  if (annotations[PROVISIONED_BY] && volume.spec.persistentVolumeReclaimPolicy === 'Delete') return release(ctx, volume)
  if (annotations[BOUND_BY_CONTROLLER] === undefined) {
    const { uid: _, resourceVersion: __, ...claimRef } = volume.spec.claimRef!
    return update(ctx, { ...volume, spec: { ...volume.spec, claimRef } })
  }
  const { [BOUND_BY_CONTROLLER]: _, ...others } = annotations
  const { claimRef: __, ...spec } = volume.spec
  return update(ctx, { ...volume, metadata: { ...volume.metadata, annotations: others }, spec })
}

async function update(ctx: ControllerContext, volume: PersistentVolume): Promise<void> {
  const updated = await ctx.client.resource(refs.persistentVolumes).update(volume)
  await setVolumePhase(ctx, updated, 'Available')
}
