import type { FieldError } from '../errors.ts'
import { fieldPath, type FieldPath } from '../field-path.ts'
import { equal } from '../fields-v1/owned.ts'
import { isDns1035Label, isPathSegment } from '../names.ts'
import { hasOwnProperty, isFields, itemsOf, metaFields, propertyOf, type JsonSchema } from './types.ts'

/**
 * What a schema says beyond JSON schema: items of sets and of lists with keys are there once, and embedded resources say what they are.
 */
export function validateExtensions(value: unknown, schema: JsonSchema): FieldError[] {
  return walk(value, schema, fieldPath())
}

function walk(value: unknown, schema: JsonSchema, path: FieldPath): FieldError[] {
  if (Array.isArray(value)) {
    const errors = duplicates(value as unknown[], schema, path)
    const items = itemsOf(schema)
    if (items) for (const [i, item] of (value as unknown[]).entries()) errors.push(...walk(item, items, path.index(i)))
    return errors
  }
  if (!isFields(value)) return []
  const errors = schema['x-kubernetes-embedded-resource'] ? embeddedErrors(value, path) : []
  for (const [name, part] of Object.entries(value)) {
    const inner = propertyOf(schema, name)
    if (inner && !(schema['x-kubernetes-embedded-resource'] && metaFields.has(name)))
      errors.push(...walk(part, inner, hasOwnProperty(schema, name) ? path.child(name) : path.key(name)))
  }
  return errors
}

/** What an object within an object must say of itself; decoding has seen to it that what it says is text. */
function embeddedErrors(value: Record<string, unknown>, path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  for (const name of ['apiVersion', 'kind'])
    if (!value[name]) errors.push(path.child(name).required('must not be empty'))
  const { apiVersion, kind, metadata } = value as { apiVersion?: string; kind?: string; metadata?: { name?: string } }
  if (apiVersion && apiVersion.split('/').length > 2)
    errors.push(path.child('apiVersion').invalid(apiVersion, `unexpected GroupVersion string: ${apiVersion}`))
  const words = kind ? isDns1035Label(kind.toLowerCase()) : []
  if (words.length > 0)
    errors.push(path.child('kind').invalid(kind, `may have mixed case, but should otherwise match: ${words.join(',')}`))
  const name = metadata?.name
  return [...errors, ...isPathSegment(name).map((fault) => path.child('metadata', 'name').invalid(name, fault))]
}

function duplicates(list: unknown[], schema: JsonSchema, path: FieldPath): FieldError[] {
  const type = schema['x-kubernetes-list-type']
  if (type !== 'set' && type !== 'map') return []
  const keys = schema['x-kubernetes-list-map-keys'] ?? []
  const keyed = (item: unknown): unknown =>
    type === 'set' ? item : Object.fromEntries(keys.map((key) => [key, isFields(item) ? item[key] : undefined]))
  const seen: unknown[] = []
  const errors: FieldError[] = []
  for (const [i, item] of list.entries()) {
    const key = keyed(item)
    if (seen.some((one) => equal(one, key))) errors.push(path.index(i).duplicate(key))
    else seen.push(key)
  }
  return errors
}
