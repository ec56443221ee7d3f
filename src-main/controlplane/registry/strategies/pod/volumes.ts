import type { ImageVolumeSource, KeyToPath, ProjectedVolumeSource, Volume, VolumeProjection } from '#types/core/v1'
import { checkShared } from '../../../../../src-kube/machinery/deep-freeze.ts'
import type { FieldError } from '../../../../../src-kube/machinery/errors.ts'
import type { FieldPath } from '../../../../../src-kube/machinery/field-path.ts'
import { isDns1123Label } from '../../../../../src-kube/machinery/names.ts'
import { milliValue } from '../../../../../src-kube/machinery/quantity.ts'
import { oneOf } from '../checks.ts'
import { validateClaimSpec } from '../storage-options.ts'
import { validatePodField } from './environment.ts'
import { validateFilePath } from './file-path.ts'
import { validatePodCertificate, validateTrustBundle } from './projected-certificates.ts'
import { validateResourceFile } from './resource-field.ts'
import { inOrder, validateForeignSource, validateNfs } from './volume-sources.ts'

/** What of a pod may become a file. */
const podFields = ['metadata.annotations', 'metadata.labels', 'metadata.name', 'metadata.namespace', 'metadata.uid']
/** When an image is fetched: a container's, or a volume's. */
export const pullPolicies = ['Always', 'IfNotPresent', 'Never']
const MODE_WORDS = 'must be a number between 0 and 0777 (octal), both inclusive'
const hostPathTypes = [
  '',
  'BlockDevice',
  'CharDevice',
  'Directory',
  'DirectoryOrCreate',
  'File',
  'FileOrCreate',
  'Socket',
]

/**
 * kubernetes.io, "Volumes": names once each, exactly one source each. A template may leave to its pods which image one is made of. Those that are
 * fine are added to `found`: others are not there for containers.
 */
export function validateVolumes(
  volumes: readonly Volume[],
  path: FieldPath,
  errors: FieldError[],
  { isTemplate, volumes: found }: { isTemplate: boolean; volumes: Map<string, Volume | undefined> },
): void {
  const names = new Set<string>()
  for (let i = 0; i < volumes.length; i++) {
    const volume = volumes[i]!
    const at = path.index(i)
    const before = errors.length
    validateSource(volume, at, errors)
    if (volume.image) validateImage(volume.image, at.child('image'), isTemplate, errors)
    if (!volume.name) errors.push(at.child('name').required())
    else for (const word of isDns1123Label(volume.name)) errors.push(at.child('name').invalid(volume.name, word))
    if (volume.name && names.has(volume.name)) errors.push(at.child('name').duplicate(volume.name))
    // A name is only taken by a volume that is fine.
    if (errors.length > before) continue
    names.add(volume.name)
    found.set(volume.name, volume)
  }
}

function validateSource(volume: Volume, path: FieldPath, errors: FieldError[]): void {
  const [first, ...others] = inOrder(Object.keys(volume).filter((key) => key !== 'name' && volume[key as keyof Volume]))
  if (first === undefined) errors.push(path.required('must specify a volume type'))
  else if (others.length > 0) {
    for (const key of others) errors.push(path.child(key).forbidden('may not specify more than 1 volume type'))
    // What is one too many is not looked into.
    return validateSource({ name: volume.name, [first]: volume[first as keyof Volume] }, path, errors)
  }
  const { secret, configMap, projected, downwardAPI } = volume
  if (secret) {
    const at = path.child('secret')
    if (!secret.secretName) errors.push(at.child('secretName').required())
    validateFiles(secret, at, errors)
  }
  if (configMap) {
    const at = path.child('configMap')
    if (!configMap.name) errors.push(at.child('name').required())
    validateFiles(configMap, at, errors)
  }
  if (projected)
    errors.push(...checkShared(sound, projected, () => validateProjected(projected, path.child('projected'))))
  if (downwardAPI) {
    validateMode(downwardAPI.defaultMode, path.child('downwardAPI', 'defaultMode'), errors)
    validateDownward(downwardAPI.items ?? [], path.child('downwardAPI'), errors)
  }
  validateOthers(volume, path, errors)
}

/** Sources that are a field or two. */
function validateOthers(volume: Volume, path: FieldPath, errors: FieldError[]): void {
  const { hostPath, emptyDir, persistentVolumeClaim, nfs, ephemeral } = volume
  if (hostPath) {
    const at = path.child('hostPath')
    if (!hostPath.path) errors.push(at.child('path').required())
    else if (hostPath.path.split('/').includes('..'))
      errors.push(at.child('path').invalid(hostPath.path, "must not contain '..'"))
    if (!hostPathTypes.includes(hostPath.type ?? ''))
      errors.push(at.child('type').notSupported(hostPath.type, hostPathTypes))
  }
  if (emptyDir?.sizeLimit !== undefined && milliValue(emptyDir.sizeLimit) < 0)
    errors.push(path.child('emptyDir', 'sizeLimit').forbidden('SizeLimit field must be a valid resource quantity'))
  if (persistentVolumeClaim && !persistentVolumeClaim.claimName)
    errors.push(path.child('persistentVolumeClaim', 'claimName').required())
  if (nfs) errors.push(...validateNfs(nfs, path.child('nfs')))
  if (ephemeral) {
    const at = path.child('ephemeral', 'volumeClaimTemplate')
    const template = ephemeral.volumeClaimTemplate
    if (template) errors.push(...validateClaimSpec(template.spec, at.child('spec')))
    else errors.push(at.required())
  }
  validateForeignSource(volume, path, errors)
}

/** kubernetes.io, "Use an Image Volume With a Pod". */
function validateImage(
  { reference, pullPolicy }: ImageVolumeSource,
  path: FieldPath,
  isTemplate: boolean,
  errors: FieldError[],
): void {
  if (!reference && !isTemplate) errors.push(path.child('reference').required())
  errors.push(...oneOf(pullPolicy, pullPolicies, path.child('pullPolicy')))
}

interface Files {
  defaultMode?: number | undefined
  items?: KeyToPath[] | undefined
}

function validateFiles({ defaultMode, items }: Files, path: FieldPath, errors: FieldError[]): void {
  validateMode(defaultMode, path.child('defaultMode'), errors)
  if (!items) return
  for (const [i, item] of items.entries()) {
    const at = path.child('items').index(i)
    if (!item.key) errors.push(at.child('key').required())
    validateFilePath(item.path, at.child('path'), errors)
    validateMode(item.mode, at.child('mode'), errors)
  }
}

function validateMode(mode: number | undefined, path: FieldPath, errors: FieldError[]): void {
  if (mode !== undefined && (mode < 0 || mode > 0o777)) errors.push(path.invalid(mode, MODE_WORDS))
}

type DownwardItems = NonNullable<NonNullable<Volume['downwardAPI']>['items']>

function validateDownward(items: DownwardItems, path: FieldPath, errors: FieldError[]): void {
  for (const { path: file, fieldRef, resourceFieldRef, mode } of items) {
    // Upstream names no index here.
    validateFilePath(file, path.child('path'), errors)
    if (fieldRef && resourceFieldRef)
      errors.push(path.invalid('resource', 'fieldRef and resourceFieldRef can not be specified simultaneously'))
    else if (!fieldRef && !resourceFieldRef)
      errors.push(path.required('one of fieldRef and resourceFieldRef is required'))
    if (fieldRef) errors.push(...validatePodField(fieldRef, podFields, path.child('fieldRef', 'fieldPath')))
    if (resourceFieldRef) errors.push(...validateResourceFile(resourceFieldRef, path.child('resourceFieldRef')))
    validateMode(mode, path.child('mode'), errors)
  }
}

/** Projections in which nothing is wrong: that of a pod's token is one for all pods. */
const sound = new WeakSet<ProjectedVolumeSource>()

function validateProjected(projected: ProjectedVolumeSource, path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  validateMode(projected.defaultMode, path.child('defaultMode'), errors)
  if (!projected.sources) return errors
  for (const [i, source] of projected.sources.entries()) {
    const at = path.child('sources').index(i)
    let count = 0
    for (const kind in source) {
      if (source[kind as keyof typeof source] === undefined) continue
      count++
      if (count > 1) errors.push(at.child(kind).forbidden('may not specify more than 1 volume type per source'))
    }
    for (const kind of ['secret', 'configMap'] as const) {
      const file = source[kind]
      if (!file) continue
      if (!file.name) errors.push(at.child(kind, 'name').required())
      validateFiles(file, at.child(kind), errors)
    }
    if (source.downwardAPI) validateDownward(source.downwardAPI.items ?? [], at.child('downwardAPI'), errors)
    if (source.serviceAccountToken) validateToken(source.serviceAccountToken, at.child('serviceAccountToken'), errors)
    validateCertificates(source, at, errors)
  }
  const taken = new Set<string>()
  for (const { file, told } of projected.sources.flatMap(filesOf)) {
    if (taken.has(file)) errors.push(path.invalid(told, 'conflicting duplicate paths'))
    if (file) taken.add(file)
  }
  return errors
}

/** The files that a source is said to make, and what a second one of the same name is told of. */
function filesOf({ secret, configMap, downwardAPI, serviceAccountToken: token }: VolumeProjection) {
  const named = [secret, configMap].flatMap((source) =>
    (source?.items ?? []).map(({ path: file }) => ({ file, told: source?.name })),
  )
  const paths = [...(downwardAPI?.items ?? []), ...(token ? [token] : [])]
  return [...named, ...paths.map(({ path: file }) => ({ file, told: file }))]
}

function validateCertificates(source: VolumeProjection, path: FieldPath, errors: FieldError[]): void {
  const { clusterTrustBundle: bundle, podCertificate: certificate } = source
  if (bundle) {
    const at = path.child('clusterTrustBundle')
    errors.push(...validateTrustBundle(bundle, at))
    validateFilePath(bundle.path, at.child('path'), errors)
  }
  if (!certificate) return
  const at = path.child('podCertificate')
  errors.push(...validatePodCertificate(certificate, at))
  for (const name of ['credentialBundlePath', 'keyPath', 'certificateChainPath'] as const)
    if (certificate[name]) validateFilePath(certificate[name], at.child(name), errors)
}

function validateToken(
  token: { expirationSeconds?: number | undefined; path: string },
  path: FieldPath,
  errors: FieldError[],
): void {
  const { expirationSeconds: seconds } = token
  if (seconds !== undefined && seconds < 600)
    errors.push(path.child('expirationSeconds').invalid(seconds, 'may not specify a duration less than 10 minutes'))
  if (seconds !== undefined && seconds > 2 ** 32)
    errors.push(path.child('expirationSeconds').invalid(seconds, 'may not specify a duration larger than 2^32 seconds'))
  validateFilePath(token.path, path.child('path'), errors)
}
