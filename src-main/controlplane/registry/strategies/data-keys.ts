import type { FieldError } from '../../../../src-kube/machinery/errors.ts'
import type { FieldPath } from '../../../../src-kube/machinery/field-path.ts'

const WORDS =
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"

/** A key of a ConfigMap or a Secret, which may become a file's name (kubernetes.io, "ConfigMaps"). */
export function validateKey(key: string, path: FieldPath): FieldError[] {
  if (key.length > 253) return [path.invalid(key, 'must be no more than 253 characters')]
  if (key === '.' || key.startsWith('..'))
    return [path.invalid(key, key.length <= 2 ? `must not be '${key}'` : "must not start with '..'")]
  return /^[-._a-zA-Z0-9]+$/.test(key) ? [] : [path.invalid(key, WORDS)]
}
