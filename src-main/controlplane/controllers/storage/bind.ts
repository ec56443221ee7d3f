import type { PersistentVolume, PersistentVolumeClaim } from '#types/core/v1'
import { isFor } from '../../../../src-kube/kinds/storage/matching.ts'
import { refs } from '../../../../src-kube/client/refs.ts'
import { formatTime } from '../../../../src-kube/machinery/time.ts'
import type { ControllerContext } from '../../../../src-kube/runtime/controller.ts'
import { equal } from '../equal.ts'
import { BIND_COMPLETED, BOUND_BY_CONTROLLER } from './names.ts'

type Phase = NonNullable<NonNullable<PersistentVolume['status']>['phase']>

/**
 * Ties a claim and a volume in four writes, each of which can be taken up after an interruption: volume, its phase, claim, its phase.
 * The volume comes first: a claim is never bound to a volume that does not know of it.
 */
export async function bind(
  ctx: ControllerContext,
  claim: PersistentVolumeClaim,
  volume: PersistentVolume,
): Promise<void> {
  const tied = await tieVolume(ctx, volume, claim)
  await setVolumePhase(ctx, tied, 'Bound')
  const bound = await tieClaim(ctx, claim, tied)
  const { accessModes, capacity, volumeAttributesClassName } = tied.spec
  const grown = bound.status?.phase === 'Bound' ? bound.status.capacity : undefined
  const status = {
    ...bound.status,
    phase: 'Bound' as const,
    ...(accessModes ? { accessModes } : {}),
    ...((grown ?? capacity) ? { capacity: grown ?? capacity } : {}),
    ...attributesOf(bound, volumeAttributesClassName),
  }
  if (!equal(status, bound.status))
    await ctx.client.resource(refs.persistentVolumeClaims).updateStatus({ ...bound, status })
}

/** The attributes that a claim's volume was made with; from then on who modifies the volume says them (kubernetes.io, "Volume Attributes Classes"). */
const attributesOf = ({ status }: PersistentVolumeClaim, currentVolumeAttributesClassName: string | undefined) =>
  currentVolumeAttributesClassName && !status?.currentVolumeAttributesClassName
    ? { currentVolumeAttributesClassName }
    : {}

async function tieVolume(
  ctx: ControllerContext,
  volume: PersistentVolume,
  claim: PersistentVolumeClaim,
): Promise<PersistentVolume> {
  const { spec, metadata } = volume
  if (isFor(volume, claim) && spec.claimRef?.uid === claim.metadata.uid) return volume
  const { name, namespace, uid, resourceVersion } = claim.metadata
  const claimRef = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', name, namespace, uid, resourceVersion }
  const ours = isFor(volume, claim) ? {} : { [BOUND_BY_CONTROLLER]: 'yes' }
  const annotations = { ...metadata.annotations, ...ours }
  return ctx.client
    .resource(refs.persistentVolumes)
    .update({ ...volume, metadata: { ...metadata, annotations }, spec: { ...spec, claimRef } })
}

async function tieClaim(
  ctx: ControllerContext,
  claim: PersistentVolumeClaim,
  volume: PersistentVolume,
): Promise<PersistentVolumeClaim> {
  const { metadata, spec } = claim
  const volumeName = volume.metadata.name
  const ours = spec.volumeName ? {} : { [BOUND_BY_CONTROLLER]: 'yes' }
  const annotations = { ...metadata.annotations, ...ours, [BIND_COMPLETED]: 'yes' }
  if (spec.volumeName === volumeName && equal(annotations, metadata.annotations)) return claim
  return ctx.client
    .resource(refs.persistentVolumeClaims)
    .update({ ...claim, metadata: { ...metadata, annotations }, spec: { ...spec, volumeName } })
}

/** Sets a volume's phase, with a message for people where something failed; answers the volume as it then stands. */
export async function setVolumePhase(
  ctx: ControllerContext,
  volume: PersistentVolume,
  phase: Phase,
  message?: string,
): Promise<PersistentVolume> {
  const { status } = volume
  if (status?.phase === phase) return volume
  const { message: _, ...rest } = status ?? {}
  const lastPhaseTransitionTime = formatTime(ctx.clock.now())
  const next = { ...rest, phase, lastPhaseTransitionTime, ...(message ? { message } : {}) }
  return ctx.client.resource(refs.persistentVolumes).updateStatus({ ...volume, status: next })
}
