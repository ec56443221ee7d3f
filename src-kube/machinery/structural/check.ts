import type { FieldError } from '../errors.ts'
import type { FieldPath } from '../field-path.ts'
import { equal } from '../fields-v1/owned.ts'
import { itemsOf, type JsonSchema } from './types.ts'

type Level = 'root' | 'field' | 'item'

const emptyType: Record<Level, string> = {
  root: 'must not be empty at the root',
  field: 'must not be empty for specified object fields',
  item: 'must not be empty for specified array items',
}

/**
 * What keeps a schema from being structural (kubernetes.io, "CustomResourceDefinitions: Specifying a structural schema"): every part has a type,
 * metadata is left alone, and what `allOf`, `anyOf`, `oneOf` and `not` speak of is specified outside of them too.
 */
export function checkStructural(schema: JsonSchema, path: FieldPath): FieldError[] {
  return [...invariants(schema, path, 'root'), ...completeness(schema, path)]
}

function invariants(schema: JsonSchema, path: FieldPath, level: Level): FieldError[] {
  const errors = typeErrors(schema, path, level)
  const { properties = {}, additionalProperties } = schema
  if (level === 'root' || schema['x-kubernetes-embedded-resource']) errors.push(...checkMeta(properties, path, level))
  if (level === 'root' && additionalProperties !== undefined)
    errors.push(path.child('additionalProperties').forbidden('must not be used at the root'))
  for (const [name, property] of Object.entries(properties))
    errors.push(...invariants(property, path.child('properties').key(name), 'field'))
  if (typeof additionalProperties === 'object')
    errors.push(...invariants(additionalProperties, path.child('additionalProperties'), 'field'))
  const items = itemsOf(schema)
  if (items) errors.push(...invariants(items, path.child('items'), 'item'))
  else if (schema.type === 'array' && schema.items === undefined)
    errors.push(path.child('items').required('must be specified'))
  return errors
}

function typeErrors(schema: JsonSchema, path: FieldPath, level: Level): FieldError[] {
  const errors: FieldError[] = []
  const { type = '', properties = {} } = schema
  const at = path.child('type')
  const free = schema['x-kubernetes-int-or-string'] || schema['x-kubernetes-preserve-unknown-fields']
  if (type === '' && (!free || level === 'root')) errors.push(at.required(emptyType[level]))
  else if (level === 'root' && type !== 'object') errors.push(at.invalid(type, 'must be object at the root'))
  errors.push(...extensionErrors(schema, path))
  if (!schema['x-kubernetes-embedded-resource']) return errors
  const words = 'must be object if x-kubernetes-embedded-resource is true'
  if (type !== 'object') errors.push(type === '' ? at.required(words) : at.invalid(type, words))
  if (!schema['x-kubernetes-preserve-unknown-fields'] && Object.keys(properties).length === 0)
    errors.push(
      path
        .child('properties')
        .required(
          'must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields',
        ),
    )
  if (schema.additionalProperties)
    errors.push(
      path.child('additionalProperties').forbidden('must not be used if x-kubernetes-embedded-resource is set'),
    )
  return errors
}

/** A number or a text has no fields. */
function extensionErrors(schema: JsonSchema, path: FieldPath): FieldError[] {
  if (!schema['x-kubernetes-int-or-string']) return []
  return (['x-kubernetes-preserve-unknown-fields', 'x-kubernetes-embedded-resource'] as const)
    .filter((name) => schema[name])
    .map((name) => path.child(name).invalid(true, 'must be false if x-kubernetes-int-or-string is true'))
}

/** `apiVersion` and `kind` are text; of the metadata of the whole object only names can be restricted. */
function checkMeta(properties: Record<string, JsonSchema>, path: FieldPath, level: Level): FieldError[] {
  const errors: FieldError[] = []
  for (const name of ['apiVersion', 'kind']) {
    const { type = '' } = properties[name] ?? { type: 'string' }
    if (type !== 'string') errors.push(path.child('properties').key(name).child('type').invalid(type, 'must be string'))
  }
  const { metadata } = properties
  if (!metadata) return errors
  const at = path.child('properties').key('metadata')
  if (metadata.type !== 'object') errors.push(at.child('type').invalid(metadata.type ?? '', 'must be object'))
  if (level !== 'root') return errors
  const { type: _t, description: _d, properties: named = {}, ...rest } = metadata
  const others = Object.keys(named).filter((name) => name !== 'name' && name !== 'generateName')
  if (others.length > 0 || Object.values(rest).some((value) => value !== undefined))
    errors.push(
      at.forbidden('must not specify anything other than name and generateName, but metadata is implicitly specified'),
    )
  return errors
}

const junctors = ['allOf', 'anyOf', 'oneOf'] as const

function completeness(schema: JsonSchema, path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  const types = typesOf(schema)
  for (const [nested, at] of nestedIn(schema, path)) {
    if (!types.includes(nested)) errors.push(...forbidden(nested, at, nested === schema.allOf?.[0]))
    errors.push(...complete(nested, at, schema, path))
  }
  const items = itemsOf(schema)
  if (items) errors.push(...completeness(items, path.child('items')))
  for (const [name, property] of Object.entries(schema.properties ?? {}))
    errors.push(...completeness(property, path.child('properties').key(name)))
  if (typeof schema.additionalProperties === 'object')
    errors.push(...completeness(schema.additionalProperties, path.child('additionalProperties')))
  return errors
}

function nestedIn(schema: JsonSchema, path: FieldPath): Array<[JsonSchema, FieldPath]> {
  const found = junctors.flatMap((name) =>
    (schema[name] ?? []).map((nested, i): [JsonSchema, FieldPath] => [nested, path.child(name).index(i)]),
  )
  if (schema.not) found.push([schema.not, path.child('not')])
  return found
}

const mustBe: ReadonlyArray<[keyof JsonSchema, string]> = [
  ['description', 'must be empty to be structural'],
  ['type', 'must be empty to be structural'],
  ['title', 'must be empty to be structural'],
  ['default', 'must be undefined to be structural'],
  ['nullable', 'must be false to be structural'],
  ['externalDocs', 'must be undefined to be structural'],
  ['additionalProperties', 'must be undefined to be structural'],
  ['x-kubernetes-validations', 'must be empty to be structural'],
  ['x-kubernetes-preserve-unknown-fields', 'must be false to be structural'],
  ['x-kubernetes-embedded-resource', 'must be false to be structural'],
  ['x-kubernetes-int-or-string', 'must be false to be structural'],
  ['x-kubernetes-list-map-keys', 'must be empty to be structural'],
  ['x-kubernetes-list-type', 'must be undefined to be structural'],
  ['x-kubernetes-map-type', 'must be undefined to be structural'],
]

const intOrString: readonly JsonSchema[] = [{ type: 'integer' }, { type: 'string' }]

/** The two types of an int-or-string, which `anyOf` may tell apart in this order and without another word. */
const typesOf = ({ anyOf = [] }: JsonSchema): readonly JsonSchema[] => (equal(anyOf, intOrString) ? anyOf : [])

function isSaid(schema: JsonSchema, name: keyof JsonSchema): boolean {
  const value: unknown = schema[name]
  if (name === 'default' || name === 'additionalProperties') return value !== undefined
  return Array.isArray(value) ? value.length > 0 : Boolean(value)
}

/**
 * What a nested schema may not say.
 *
 * @param first Whether it is the first of `allOf`, which may tell the types of an int-or-string apart.
 */
function forbidden(schema: JsonSchema, path: FieldPath, first = false): FieldError[] {
  const errors = mustBe
    .filter(([name]) => isSaid(schema, name))
    .map(([name, words]) => path.child(name).forbidden(words))
  const { properties = {} } = schema
  if (properties['metadata'])
    errors.push(path.child('properties').key('metadata').forbidden('must not be specified in a nested context'))
  const items = itemsOf(schema)
  if (items) errors.push(...forbidden(items, path.child('items')))
  for (const [name, property] of Object.entries(properties))
    errors.push(...forbidden(property, path.child('properties').key(name)))
  const types = first ? typesOf(schema) : []
  for (const [nested, at] of nestedIn(schema, path)) if (!types.includes(nested)) errors.push(...forbidden(nested, at))
  return errors
}

/** What a nested schema names must stand in the schema around it. */
function complete(nested: JsonSchema, at: FieldPath, schema: JsonSchema | undefined, path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  const items = itemsOf(nested)
  if (items) {
    const outer = schema && itemsOf(schema)
    const where = path.child('items')
    if (!outer) errors.push(where.required(`because it is defined in ${at.child('items')}`))
    else errors.push(...complete(items, at.child('items'), outer, where))
  }
  for (const [name, property] of Object.entries(nested.properties ?? {})) {
    const outer = schema?.properties?.[name]
    const where = path.child('properties').key(name)
    const from = at.child('properties').key(name)
    if (!outer) errors.push(where.required(`because it is defined in ${from}`))
    else errors.push(...complete(property, from, outer, where))
  }
  for (const [inner, from] of nestedIn(nested, at)) errors.push(...complete(inner, from, schema, path))
  return errors
}
