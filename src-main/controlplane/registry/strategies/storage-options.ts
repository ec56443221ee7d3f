import type {
  PersistentVolumeClaimSpec,
  PersistentVolumeSpec,
  TypedLocalObjectReference,
  TypedObjectReference,
} from '#types/core/v1'
import type { FieldError } from '../../../../src-kube/machinery/errors.ts'
import type { FieldPath } from '../../../../src-kube/machinery/field-path.ts'
import { isDns1123Subdomain } from '../../../../src-kube/machinery/names.ts'
import { milliValue } from '../../../../src-kube/machinery/quantity.ts'
import { oneOf, validateLabelSelector } from './checks.ts'
import { validateNodeSelector } from './pod/affinity.ts'
import { inOrder, validateForeignSource, validateNfs } from './pod/volume-sources.ts'

/** Fields of a volume's spec that are not its source. */
const besides = new Set([
  'accessModes',
  'capacity',
  'claimRef',
  'mountOptions',
  'nodeAffinity',
  'persistentVolumeReclaimPolicy',
  'storageClassName',
  'volumeAttributesClassName',
  'volumeMode',
])

/** The sources that a volume's spec names, of which there is to be one, in the order in which they are judged. */
export const sourcesOf = (spec: Partial<PersistentVolumeSpec>): string[] =>
  inOrder(
    Object.entries(spec)
      .filter(([key, value]) => !besides.has(key) && value !== undefined)
      .map(([key]) => key),
  )

const secrets = [
  'controllerPublishSecretRef',
  'controllerExpandSecretRef',
  'nodePublishSecretRef',
  'nodeExpandSecretRef',
  'nodeStageSecretRef',
] as const

const volumeModes = ['Block', 'Filesystem']

const modes = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod']

/** kubernetes.io, "Persistent Volumes: Access Modes": one pod alone and anybody else exclude each other. */
export function validateAccessModes(accessModes: readonly string[], path: FieldPath): FieldError[] {
  const errors = accessModes.flatMap((mode) => oneOf(mode, modes, path))
  if (
    accessModes.includes('ReadWriteOncePod') &&
    accessModes.some((mode) => mode !== 'ReadWriteOncePod' && modes.includes(mode))
  )
    errors.push(path.forbidden('may not use ReadWriteOncePod with other access modes'))
  return errors
}

/**
 * Where a claim's volume comes from stands in both of its fields, whichever was given (kubernetes.io, "Persistent Volumes: Volume populators
 * and data sources"), and is in the claim's own namespace: the feature gate CrossNamespaceVolumeDataSource is off.
 */
export function shareDataSource(spec: PersistentVolumeClaimSpec): PersistentVolumeClaimSpec {
  const { dataSource, dataSourceRef } = spec
  if (!dataSourceRef) return dataSource ? { ...spec, dataSourceRef: dataSource } : spec
  const { namespace, ...own } = dataSourceRef
  if (dataSource) return namespace === undefined ? spec : { ...spec, dataSourceRef: own }
  return { ...spec, dataSource: own, dataSourceRef: own }
}

/** What volumes and claims say alike: a class, and whether they are a disk or a file system. */
function validateShared(
  { storageClassName: name, volumeMode }: { storageClassName?: string | undefined; volumeMode?: string | undefined },
  path: FieldPath,
): FieldError[] {
  const errors = name ? isDns1123Subdomain(name).map((w) => path.child('storageClassName').invalid(name, w)) : []
  if (volumeMode !== undefined && !volumeModes.includes(volumeMode))
    errors.push(path.child('volumeMode').notSupported(volumeMode, volumeModes))
  return errors
}

/** kubernetes.io, "Persistent Volumes": what a claim asks for, be it one of its own or an ephemeral volume's. */
export function validateClaimSpec(spec: Partial<PersistentVolumeClaimSpec>, path: FieldPath): FieldError[] {
  const { accessModes = [], resources } = spec
  const errors = validateAccessModes(accessModes, path.child('accessModes'))
  if (accessModes.length === 0) errors.push(path.child('accessModes').required('at least 1 access mode is required'))
  if (!resources?.requests?.['storage']) errors.push(path.child('resources').key('storage').required())
  return [...errors, ...validateClaimOptions(spec, path)]
}

function validateClaimOptions(spec: Partial<PersistentVolumeClaimSpec>, path: FieldPath): FieldError[] {
  const size = spec.resources?.requests?.['storage']
  const { selector, dataSource } = spec
  const errors = selector ? validateLabelSelector(selector, path.child('selector')) : []
  if (size !== undefined && milliValue(size) <= 0)
    errors.push(path.child('resources').key('storage').invalid(size, 'must be greater than zero'))
  errors.push(...validateShared(spec, path))
  for (const field of ['name', 'kind'] as const)
    if (dataSource && !dataSource[field]) errors.push(path.child('dataSource', field).required())
  const { dataSourceRef } = spec
  if (dataSource && dataSourceRef && !isSameSource(dataSource, dataSourceRef))
    errors.push(path.invalid({}, 'must match dataSourceRef'))
  return errors
}

const isSameSource = (a: TypedLocalObjectReference, b: TypedObjectReference): boolean =>
  a.kind === b.kind && a.name === b.name && (a.apiGroup ?? '') === (b.apiGroup ?? '')

/** What a volume says of itself besides its access modes and whether it has exactly one source. */
export function validateVolumeOptions(spec: Partial<PersistentVolumeSpec>, path: FieldPath): FieldError[] {
  const size = spec.capacity?.['storage']
  const errors: FieldError[] = []
  if (size !== undefined && milliValue(size) <= 0)
    errors.push(path.child('capacity').key('storage').invalid(size, 'must be greater than zero'))
  const { nodeAffinity } = spec
  validateSource(spec, path, errors)
  if (nodeAffinity) {
    const at = path.child('nodeAffinity', 'required')
    if (nodeAffinity.required) errors.push(...validateNodeSelector(nodeAffinity.required.nodeSelectorTerms, at))
    else errors.push(at.required('must specify required node constraints'))
  }
  return [...errors, ...validateShared(spec, path)]
}

/** The place where a volume's bytes are; what is one too many is not looked into. */
function validateSource(spec: Partial<PersistentVolumeSpec>, path: FieldPath, errors: FieldError[]): void {
  const [first] = sourcesOf(spec)
  if (!first) return
  const source = { [first]: spec[first as keyof PersistentVolumeSpec] } as Partial<PersistentVolumeSpec>
  const { hostPath, local, csi, nfs } = source
  if (hostPath) errors.push(...validatePath(hostPath.path, path.child('hostPath', 'path')))
  if (hostPath?.path === '/' && spec.persistentVolumeReclaimPolicy === 'Recycle')
    errors.push(
      path.child('persistentVolumeReclaimPolicy').forbidden("may not be 'recycle' for a hostPath mount of '/'"),
    )
  if (local) errors.push(...validatePath(local.path, path.child('local', 'path')))
  validateForeignSource(source as object, path, errors)
  if (nfs) errors.push(...validateNfs(nfs, path.child('nfs')))
  if (csi) errors.push(...validateCsi(csi, path.child('csi')))
}

/** A volume of CSI is one by its handle; the secrets that its driver is given have a name and a namespace each. */
function validateCsi(csi: NonNullable<PersistentVolumeSpec['csi']>, path: FieldPath): FieldError[] {
  const errors = csi.volumeHandle ? [] : [path.child('volumeHandle').required()]
  for (const field of secrets) {
    const secret = csi[field]
    if (!secret) continue
    for (const part of ['name', 'namespace'] as const)
      if (!secret[part]) errors.push(path.child(field, part).required())
  }
  return errors
}

function validatePath(text: string | undefined, path: FieldPath): FieldError[] {
  if (!text) return [path.required()]
  return text.split('/').includes('..') ? [path.invalid(text, "must not contain '..'")] : []
}
