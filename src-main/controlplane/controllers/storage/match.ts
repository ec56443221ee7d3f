import type { Node, PersistentVolume, PersistentVolumeClaim } from '#types/core/v1'
import { labelSelectorMatcher } from '../../../../src-kube/machinery/labels.ts'
import { compareQuantities } from '../../../../src-kube/machinery/quantity.ts'
import { matchesNode } from '../node/fit.ts'
import { classOf, isFor, storageOf } from './names.ts'

export interface MatchOptions {
  /** The claim waits for its first consumer: only a volume that names it will do. */
  delayed: boolean
  /** The node the claim's pod will run on, when that is known. */
  node?: Node | undefined
}

/**
 * The volume for a claim ("Persistent Volumes: Binding"): one that names it, else the smallest available one that is large enough and
 * fits class, modes, selector and node. Pure.
 */
export function findVolume(
  claim: PersistentVolumeClaim,
  volumes: readonly PersistentVolume[],
  { delayed, node }: MatchOptions,
): PersistentVolume | undefined {
  const selector = claim.spec.selector && labelSelectorMatcher(claim.spec.selector)
  let best: PersistentVolume | undefined
  for (const volume of volumes) {
    if (!isLargeEnough(volume, claim) || modeOf(volume) !== modeOf(claim) || !isNear(volume, node)) continue
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

function isNear({ spec }: PersistentVolume, node: Node | undefined): boolean {
  const required = spec.nodeAffinity?.required
  return !node || !required || matchesNode(required, node)
}
