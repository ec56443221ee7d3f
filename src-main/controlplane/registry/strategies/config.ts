import type { ConfigMap, Secret } from '#types/core/v1'
import type { FieldError } from '../../../../src-kube/machinery/errors.ts'
import { fieldPath } from '../../../../src-kube/machinery/field-path.ts'
import type { FieldPath } from '../../../../src-kube/machinery/field-path.ts'
import type { KubeObject } from '../../../../src-kube/machinery/meta.ts'
import type { Strategy } from '../strategy.ts'
import { immutable } from './checks.ts'
import { same } from './same.ts'

const maxBytes = 1024 * 1024

export const configMapStrategy: Strategy = {
  validate: (_context, object) => validateConfigMap(object as unknown as ConfigMap),
  validateUpdate: (_context, object, old) => [
    ...whenImmutable(object, old, ['data', 'binaryData']),
    ...validateConfigMap(object as unknown as ConfigMap),
  ],
}

/** `stringData` is write-only: it lands, encoded, in `data` (kubernetes.io, "Secrets"). */
export const secretStrategy: Strategy = {
  prepareForCreate: (_context, object) => mergeStringData(object as unknown as Secret),
  prepareForUpdate(_context, object, old) {
    mergeStringData(object as unknown as Secret)
    object['type'] ||= old['type']
  },
  validate: (_context, object) => validateSecret(object as unknown as Secret),
  validateUpdate: (_context, object, old) => [
    ...immutable(object['type'], old['type'], fieldPath('type')),
    ...whenImmutable(object, old, ['data']),
    ...validateSecret(object as unknown as Secret),
  ],
}

function mergeStringData(secret: Secret): void {
  if (!secret.stringData) return
  secret.data = { ...secret.data }
  for (const [key, value] of Object.entries(secret.stringData)) secret.data[key] = Buffer.from(value).toString('base64')
  delete secret.stringData
}

function whenImmutable(object: KubeObject, old: KubeObject, fields: readonly string[]): FieldError[] {
  if (old['immutable'] !== true) return []
  const errors: FieldError[] = []
  const detail = 'field is immutable when `immutable` is set'
  if (object['immutable'] !== true) errors.push(fieldPath('immutable').forbidden(detail))
  for (const field of fields) if (!same(object[field], old[field])) errors.push(fieldPath(field).forbidden(detail))
  return errors
}

function validateConfigMap({ data = {}, binaryData = {} }: ConfigMap): FieldError[] {
  const errors = [...keys(data, fieldPath('data')), ...keys(binaryData, fieldPath('binaryData'))]
  for (const key of Object.keys(binaryData))
    if (key in data) errors.push(fieldPath('data').key(key).invalid(key, 'duplicate of key present in binaryData'))
  const size = bytes(data, (v) => Buffer.byteLength(v)) + bytes(binaryData, base64Bytes)
  return size > maxBytes ? [...errors, fieldPath('').tooLong(maxBytes)] : errors
}

const requiredKeys: Record<string, readonly string[]> = {
  'kubernetes.io/dockerconfigjson': ['.dockerconfigjson'],
  'kubernetes.io/dockercfg': ['.dockercfg'],
  'kubernetes.io/ssh-auth': ['ssh-privatekey'],
  'kubernetes.io/tls': ['tls.crt', 'tls.key'],
}

function validateSecret({ data = {}, type = '', metadata }: Secret): FieldError[] {
  const path = fieldPath('data')
  const errors = keys(data, path)
  if (bytes(data, base64Bytes) > maxBytes) errors.push(path.tooLong(maxBytes))
  for (const key of requiredKeys[type] ?? []) if (!(key in data)) errors.push(path.key(key).required())
  const account = 'kubernetes.io/service-account.name'
  if (type === 'kubernetes.io/service-account-token' && !metadata.annotations?.[account])
    errors.push(fieldPath('metadata', 'annotations').key(account).required())
  if (type === 'kubernetes.io/basic-auth' && !('username' in data) && !('password' in data))
    errors.push(path.key('username').required(), path.key('password').required())
  return errors
}

function keys(map: Record<string, string>, path: FieldPath): FieldError[] {
  return Object.keys(map).flatMap((key) => {
    const at = path.key(key)
    if (key.length > 253) return [at.invalid(key, 'must be no more than 253 characters')]
    if (key === '.' || key === '..' || key.startsWith('..'))
      return [at.invalid(key, key.length <= 2 ? `must not be '${key}'` : "must not start with '..'")]
    if (/^[-._a-zA-Z0-9]+$/.test(key)) return []
    return [
      at.invalid(
        key,
        "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')",
      ),
    ]
  })
}

function bytes(map: Record<string, string>, size: (value: string) => number): number {
  return Object.values(map).reduce((sum, value) => sum + size(value), 0)
}

function base64Bytes(text: string): number {
  return Buffer.byteLength(text, 'base64')
}
