import type { ConfigMap, Secret } from '#types/core/v1'
import { foldStringData } from '../../../../src-kube/kinds/core/string-data.ts'
import type { FieldError } from '../../../../src-kube/machinery/errors.ts'
import { fieldPath, type FieldPath } from '../../../../src-kube/machinery/field-path.ts'
import { jsonFault } from '../../../../src-kube/machinery/json-syntax.ts'
import type { KubeObject } from '../../../../src-kube/machinery/meta.ts'
import { ownValue } from '../../../../src-kube/machinery/own-value.ts'
import type { Strategy } from '../strategy.ts'
import { immutable } from './checks.ts'
import { validateKey } from './data-keys.ts'
import { same } from './same.ts'

const MAX_BYTES = 1024 * 1024

export const configMapStrategy: Strategy<ConfigMap> = {
  validate: (_context, object) => validateConfigMap(object),
  validateUpdate: (_context, object, old) => [
    ...whenImmutable(object, old, ['data', 'binaryData']),
    ...validateConfigMap(object),
  ],
}

/** What a webhook brings as `stringData` lands in `data` like what a client does. */
export const secretStrategy: Strategy<Secret> = {
  prepareForCreate: (_context, object) => foldStringData(object),
  prepareForUpdate(_context, object, old) {
    foldStringData(object)
    object['type'] ||= old['type']
  },
  validate: (_context, object) => validateSecret(object),
  validateUpdate: (_context, object, old) => [
    ...immutable(object['type'], old['type'], fieldPath('type')),
    ...whenImmutable(object, old, ['data']),
    ...validateSecret(object),
  ],
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
  const errors = keys(data, fieldPath('data'))
  for (const key of Object.keys(binaryData))
    if (key in data) errors.push(fieldPath('data').key(key).invalid(key, 'duplicate of key present in binaryData'))
  errors.push(...keys(binaryData, fieldPath('binaryData')))
  const size = bytes(data, (v) => Buffer.byteLength(v)) + bytes(binaryData, base64Bytes)
  return size > MAX_BYTES ? [...errors, fieldPath('[]').tooLong(MAX_BYTES)] : errors
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
  if (bytes(data, base64Bytes) > MAX_BYTES) errors.push(path.tooLong(MAX_BYTES))
  for (const key of ownValue(requiredKeys, type) ?? []) errors.push(...validateRequired(type, data[key], path.key(key)))
  const account = 'kubernetes.io/service-account.name'
  if (type === 'kubernetes.io/service-account-token' && !metadata.annotations?.[account])
    errors.push(fieldPath('metadata', 'annotations').key(account).required())
  if (type === 'kubernetes.io/basic-auth' && !('username' in data) && !('password' in data))
    errors.push(path.key('username').required(), path.key('password').required())
  return errors
}

/** What a type asks for: an SSH key that is not empty, registries' credentials that are JSON. What they are is not told. */
function validateRequired(type: string, value: string | undefined, path: FieldPath): FieldError[] {
  if (value === undefined || (value === '' && type === 'kubernetes.io/ssh-auth')) return [path.required()]
  if (!type.startsWith('kubernetes.io/dockerc')) return []
  const words = whyNoJson(Buffer.from(value, 'base64').toString())
  return words === undefined ? [] : [path.invalid('<secret contents redacted>', words)]
}

/** Undefined for what is JSON. */
function whyNoJson(text: string): string | undefined {
  try {
    JSON.parse(text)
    return undefined
  } catch {
    return jsonFault(text)
  }
}

function keys(map: Record<string, string>, path: FieldPath): FieldError[] {
  return Object.keys(map).flatMap((key) => validateKey(key, path.key(key)))
}

function bytes(map: Record<string, string>, size: (value: string) => number): number {
  return Object.values(map).reduce((sum, value) => sum + size(value), 0)
}

function base64Bytes(text: string): number {
  return Buffer.byteLength(text, 'base64')
}
