import type { PersistentVolume, PersistentVolumeClaim } from '#types/core/v1'
import { labelSelectorMatcher } from '../../machinery/labels.ts'
import { compareQuantities } from '../../machinery/quantity.ts'

const LEGACY_CLASS = 'volume.beta.kubernetes.io/storage-class'

/** A class of this provisioner has volumes made by hand only. */
export const NO_PROVISIONER = 'kubernetes.io/no-provisioner'

/** A claim's or a volume's class; empty for none. */
export function classOf({ metadata, spec }: PersistentVolume | PersistentVolumeClaim): string {
  return metadata.annotations?.[LEGACY_CLASS] ?? spec.storageClassName ?? ''
}

const storageOf = (quantities: Record<string, string> | undefined): string => quantities?.['storage'] ?? '0'

/** Whether a volume names a claim, and no other claim of that name. */
export function isFor({ spec: { claimRef } }: PersistentVolume, { metadata }: PersistentVolumeClaim): boolean {
  if (claimRef?.name !== metadata.name || claimRef.namespace !== metadata.namespace) return false
  return !claimRef.uid || claimRef.uid === metadata.uid
}

/** What restricts the volumes that may be bound to a claim. */
export interface MatchOptions {
  /** The claim waits for its first consumer: only a volume that names it will do. */
  delayed?: boolean | undefined
  /** Whether a volume can be had where the claim's pod will run; all can when absent. */
  reaches?: ((volume: PersistentVolume) => boolean) | undefined
}

/**
 * The volume for a claim ("Persistent Volumes: Binding"): one that names it, else the smallest available one that is large enough and
 * fits class, modes, selector and node. Pure.
 */
export function findVolume(
  claim: PersistentVolumeClaim,
  volumes: readonly PersistentVolume[],
  { delayed = false, reaches = () => true }: MatchOptions = {},
): PersistentVolume | undefined {
  const selector = claim.spec.selector && labelSelectorMatcher(claim.spec.selector)
  let best: PersistentVolume | undefined
  for (const volume of volumes) {
    if (!isLargeEnough(volume, claim) || modeOf(volume) !== modeOf(claim) || !reaches(volume)) continue
    if (isFor(volume, claim)) return volume
    if (delayed || !isFree(volume)) continue
    if (selector && !selector.matches(volume.metadata.labels ?? {})) continue
    if (mismatch(volume, claim)) continue
    if (!best || isSmaller(volume, best)) best = volume
  }
  return best
}

/** Why a volume cannot serve a claim that asks for it by name; undefined when it can. */
export function mismatch(volume: PersistentVolume, claim: PersistentVolumeClaim): string | undefined {
  if (!isLargeEnough(volume, claim)) return 'requested PV is too small'
  if (classOf(volume) !== classOf(claim)) return 'storageClassName does not match'
  if ((volume.spec.volumeAttributesClassName ?? '') !== (claim.spec.volumeAttributesClassName ?? ''))
    return 'volumeAttributesClassName does not match'
  if (modeOf(volume) !== modeOf(claim)) return 'incompatible volumeMode'
  const modes = new Set(volume.spec.accessModes)
  return (claim.spec.accessModes ?? []).every((mode) => modes.has(mode)) ? undefined : 'incompatible accessMode'
}

const modeOf = ({ spec }: PersistentVolume | PersistentVolumeClaim): string => spec.volumeMode ?? 'Filesystem'

const isFree = ({ spec, status, metadata }: PersistentVolume): boolean =>
  !spec.claimRef && !metadata.deletionTimestamp && status?.phase === 'Available'

function isLargeEnough(volume: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  return compareQuantities(storageOf(volume.spec.capacity), storageOf(claim.spec.resources?.requests)) >= 0
}

function isSmaller(a: PersistentVolume, b: PersistentVolume): boolean {
  return compareQuantities(storageOf(a.spec.capacity), storageOf(b.spec.capacity)) < 0
}
