import type { Container, EnvVar, FileKeySelector, ObjectFieldSelector } from '#types/core/v1'
import type { FieldError } from '../../../../../src-kube/machinery/errors.ts'
import type { FieldPath } from '../../../../../src-kube/machinery/field-path.ts'
import { isDns1123Label, isDns1123Subdomain } from '../../../../../src-kube/machinery/names.ts'
import { validateKey } from '../data-keys.ts'
import { validateFilePath } from './file-path.ts'
import { validateResourceField } from './resource-field.ts'

const NAME_WORDS = "a valid environment variable name must consist only of printable ASCII characters other than '='"
const VARIABLE_NAME = /^[ -<>-~]+$/
const fields = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
]
/** What is known of a pod at all, wherever it is to be had. */
const labels = new Set([
  ...fields,
  'metadata.annotations',
  'metadata.labels',
  'spec.restartPolicy',
  'spec.schedulerName',
  'status.phase',
])
const SUBSCRIPTED = /^metadata\.(labels|annotations)\['.+'\]$/

/** Why a field of the pod is not to be had; `known` are those that this place offers (kubernetes.io, "Downward API"). */
export function validatePodField(
  { fieldPath: field, apiVersion = 'v1' }: ObjectFieldSelector,
  known: readonly string[],
  path: FieldPath,
): FieldError[] {
  if (!field) return [path.required()]
  if (apiVersion !== 'v1')
    return [path.invalid(field, `error converting fieldPath: unsupported pod version: ${apiVersion}`)]
  if (known.includes(field) || SUBSCRIPTED.test(field)) return []
  return labels.has(field)
    ? [path.notSupported(field, known)]
    : [path.invalid(field, `error converting fieldPath: field label not supported: ${field}`)]
}

/** One variable of `env`: a name, and a value or one place that it comes from. `parent` is the container's path. */
export function validateEnv(env: EnvVar, parent: FieldPath, i: number, errors: FieldError[]): void {
  if (!env.name) errors.push(parent.child('env').index(i).child('name').required())
  else if (!VARIABLE_NAME.test(env.name))
    errors.push(parent.child('env').index(i).child('name').invalid(env.name, NAME_WORDS))
  if (env.valueFrom) errors.push(...validateValueFrom(env, parent.child('env').index(i).child('valueFrom')))
}

function validateValueFrom({ value, valueFrom = {} }: EnvVar, path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  const sources = Object.values(valueFrom).filter((source) => source !== undefined)
  if (sources.length === 0) {
    const known = '`fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`'
    errors.push(path.invalid('', `must specify one of: ${known}`))
  } else if (value) errors.push(path.invalid('', 'may not be specified when `value` is not empty'))
  else if (sources.length > 1) errors.push(path.invalid('', 'may not have more than one field specified at a time'))
  for (const kind of ['configMapKeyRef', 'secretKeyRef'] as const) {
    const source = valueFrom[kind]
    if (!source) continue
    const { name = '', key = '' } = source as { name?: string; key?: string }
    for (const word of isDns1123Subdomain(name)) errors.push(path.child(kind, 'name').invalid(name, word))
    if (key) errors.push(...validateKey(key, path.child(kind, 'key')))
    else errors.push(path.child(kind, 'key').required())
  }
  const { fieldRef, resourceFieldRef, fileKeyRef } = valueFrom
  if (fileKeyRef) errors.push(...validateFileKey(fileKeyRef, path.child('fileKeyRef')))
  if (fieldRef) {
    const at = path.child('fieldRef', 'fieldPath')
    errors.push(...validatePodField(fieldRef, fields, at))
  }
  if (resourceFieldRef) errors.push(...validateResourceField(resourceFieldRef, path.child('resourceFieldRef')))
  return errors
}

/** kubernetes.io, "Define Environment Variable Values Using An Init Container". */
function validateFileKey({ volumeName, path: file, key }: FileKeySelector, path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  if (!volumeName) errors.push(path.child('volumeName').required())
  else for (const word of isDns1123Label(volumeName)) errors.push(path.child('volumeName').invalid(volumeName, word))
  validateFilePath(file, path.child('path'), errors)
  if (!key) errors.push(path.child('key').required())
  else if (!VARIABLE_NAME.test(key)) errors.push(path.child('key').invalid(key, NAME_WORDS))
  return errors
}

/** `envFrom`: each entry is one ConfigMap or one Secret. */
export function validateEnvFrom(sources: NonNullable<Container['envFrom']>, path: FieldPath): FieldError[] {
  return sources.flatMap(({ prefix, configMapRef, secretRef }, i) => {
    const at = path.index(i)
    const errors: FieldError[] = []
    if (prefix && !VARIABLE_NAME.test(prefix)) errors.push(at.child('prefix').invalid(prefix, NAME_WORDS))
    for (const [kind, source] of Object.entries({ configMapRef, secretRef })) {
      if (!source) continue
      const { name = '' } = source
      if (!name) errors.push(at.child(kind, 'name').required())
      else for (const word of isDns1123Subdomain(name)) errors.push(at.child(kind, 'name').invalid(name, word))
    }
    if (!configMapRef && !secretRef) errors.push(at.invalid('', 'must specify one of: `configMapRef` or `secretRef`'))
    else if (configMapRef && secretRef)
      errors.push(at.invalid('', 'may not have more than one field specified at a time'))
    return errors
  })
}
