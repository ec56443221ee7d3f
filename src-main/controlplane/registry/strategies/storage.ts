import type { PersistentVolume, PersistentVolumeClaim } from '#types/core/v1'
import type { FieldError } from '../../../../src-kube/machinery/errors.ts'
import { fieldPath } from '../../../../src-kube/machinery/field-path.ts'
import { milliValue } from '../../../../src-kube/machinery/quantity.ts'
import type { KubeObject } from '../../../../src-kube/machinery/meta.ts'
import { immutable } from './checks.ts'
import { describeDifference } from './difference.ts'
import { same } from './same.ts'
import { shareDataSource, sourcesOf } from './storage-options.ts'

const path = fieldPath('spec')

/** A claim is settled once made: bound to a volume once, and when bound it may only ask for more (kubernetes.io, "Persistent Volumes"). */
export function validateClaimChange(object: KubeObject, before: KubeObject): FieldError[] {
  const now = shareDataSource((object as PersistentVolumeClaim).spec ?? {})
  const { spec, status } = before as PersistentVolumeClaim
  const old = shareDataSource(spec)
  const bound = status?.phase === 'Bound'
  const frozen = {
    ...now,
    ...(old.volumeName ? {} : { volumeName: old.volumeName }),
    ...(old.storageClassName === undefined ? { storageClassName: undefined } : {}),
    ...(bound ? { volumeAttributesClassName: old.volumeAttributesClassName } : {}),
    ...(bound ? { resources: { ...now.resources, requests: old.resources?.requests } } : {}),
  }
  if (!same(frozen, old))
    return [
      path.forbidden(
        `spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims\n${describeDifference('PersistentVolumeClaimSpec', old, frozen)}`,
      ),
    ]
  const size = now.resources?.requests?.['storage']
  const had = old.resources?.requests?.['storage']
  const capacity = status?.capacity?.['storage']
  const shrunk = size !== undefined && had !== undefined && milliValue(size) < milliValue(had)
  return shrunk && (capacity === undefined || milliValue(size) <= milliValue(capacity))
    ? [path.child('resources', 'requests', 'storage').forbidden('field can not be less than status.capacity')]
    : []
}

/** What a claim has is never less than nothing. */
export function validateClaimStatus(object: KubeObject): FieldError[] {
  const { capacity = {} } = (object as PersistentVolumeClaim).status ?? {}
  return Object.entries(capacity)
    .filter(([, amount]) => milliValue(amount) < 0)
    .map(([name, amount]) =>
      fieldPath('status', 'capacity')
        .key(name)
        .invalid(milliValue(amount) / 1000, 'must be a valid resource quantity'),
    )
}

/** Where a volume's bytes are: exactly one source, which needs a place when it is a disk of one node. */
export function validateVolumeSource(object: KubeObject): FieldError[] {
  const { spec } = object as PersistentVolume
  const sources = sourcesOf(spec ?? {})
  if (sources.length === 0) return [path.required('must specify a volume type')]
  const errors = sources.slice(1).map((key) => path.child(key).forbidden('may not specify more than 1 volume type'))
  if (spec?.local && !spec.nodeAffinity?.required)
    errors.push(path.child('nodeAffinity').required('Local volume requires node affinity'))
  const policy = spec?.persistentVolumeReclaimPolicy
  const policies = ['Delete', 'Recycle', 'Retain']
  if (policy && !policies.includes(policy))
    errors.push(path.child('persistentVolumeReclaimPolicy').notSupported(policy, policies))
  return errors
}

/** The source of a volume and its mode may not change, nor its node affinity once it has one (reference: `ValidatePersistentVolumeUpdate`). */
export function validateVolumeChange(object: KubeObject, old: KubeObject): FieldError[] {
  const { spec: now } = object as PersistentVolume
  const { spec: before } = old as PersistentVolume
  const source = (spec: PersistentVolume['spec'] = {}) =>
    sourcesOf(spec).map((key) => [key, spec[key as keyof typeof spec]])
  const errors = same(source(now), source(before))
    ? []
    : [path.child('persistentvolumesource').forbidden('spec.persistentvolumesource is immutable after creation')]
  errors.push(...immutable(now.volumeMode, before.volumeMode, fieldPath('volumeMode')))
  if (before.nodeAffinity) errors.push(...immutable(now.nodeAffinity, before.nodeAffinity, path.child('nodeAffinity')))
  return errors
}
