import type { FieldError } from '../errors.ts'
import type { FieldPath } from '../field-path.ts'
import { flawOfPattern } from '../regexp.ts'
import { prune } from './prune.ts'
import { itemsOf, type JsonSchema } from './types.ts'
import { validateExtensions } from './lists.ts'
import { validateSchema } from './validate.ts'

const types = ['array', 'boolean', 'integer', 'number', 'object', 'string']
const unsupportedKeys = ['$ref', 'definitions', 'dependencies', 'id', 'additionalItems', 'patternProperties'] as const

/** What of a structural schema depends on its definition (kubernetes.io, "Specifying a structural schema"). */
export interface RuleOptions {
  /** Whether defaults may be given: where unknown fields are kept, nothing is defaulted. */
  allowDefaults: boolean
}

/** What a schema of a CustomResourceDefinition may not say (kubernetes.io, "CustomResourceDefinitions: Validation"), at every depth. */
export function checkSchema(schema: JsonSchema, path: FieldPath, options: RuleOptions): FieldError[] {
  const { allowDefaults } = options
  const { properties = {} } = schema
  return [
    ...check(schema, path, allowDefaults ? undefined : 'must not be set'),
    ...meta
      .filter((name) => allowDefaults && properties[name])
      .flatMap((name) =>
        defaultsIn(properties[name]!, path.child('properties').key(name)).map((at) =>
          at.forbidden(`must not be set in top-level ${name}`),
        ),
      ),
  ]
}

/** What every object has, and gets from the server. */
const meta = ['apiVersion', 'kind', 'metadata']

/** Where in a schema defaults stand. */
function defaultsIn(schema: JsonSchema, path: FieldPath): FieldPath[] {
  const below = inner(schema, path).flatMap(([nested, at]) => defaultsIn(nested, at))
  return schema.default === undefined ? below : [path.child('default'), ...below]
}

function check(schema: JsonSchema, path: FieldPath, noDefaults: string | undefined): FieldError[] {
  return [
    ...unsupported(schema, path),
    ...typeRules(schema, path),
    ...listRules(schema, path),
    ...defaultRules(schema, path, noDefaults),
    ...inner(schema, path).flatMap(([nested, at]) => check(nested, at, noDefaults)),
  ]
}

function inner(schema: JsonSchema, path: FieldPath): Array<[JsonSchema, FieldPath]> {
  const found: Array<[JsonSchema, FieldPath]> = []
  if (typeof schema.additionalProperties === 'object')
    found.push([schema.additionalProperties, path.child('additionalProperties')])
  for (const [name, property] of Object.entries(schema.properties ?? {}))
    found.push([property, path.child('properties').key(name)])
  const items = itemsOf(schema)
  if (items) found.push([items, path.child('items')])
  for (const junctor of ['allOf', 'oneOf', 'anyOf'] as const)
    for (const [i, nested] of (schema[junctor] ?? []).entries()) found.push([nested, path.child(junctor).index(i)])
  if (schema.not) found.push([schema.not, path.child('not')])
  return found
}

function unsupported(schema: JsonSchema, path: FieldPath): FieldError[] {
  const errors = unsupportedKeys
    .filter((name) => schema[name] !== undefined)
    .map((name) => path.child(name).forbidden(`${name} is not supported`))
  const { additionalProperties, properties = {} } = schema
  const at = path.child('additionalProperties')
  if (schema.uniqueItems)
    errors.push(
      path
        .child('uniqueItems')
        .forbidden('uniqueItems cannot be set to true since the runtime complexity becomes quadratic'),
    )
  if (additionalProperties !== undefined && additionalProperties !== true && Object.keys(properties).length > 0)
    errors.push(at.forbidden('additionalProperties and properties are mutual exclusive'))
  if (Array.isArray(schema.items))
    errors.push(path.child('items').forbidden('items must be a schema object and not an array'))
  return errors
}

function typeRules(schema: JsonSchema, path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  const { type = '', pattern, 'x-kubernetes-map-type': mapType } = schema
  const at = path.child('type')
  if (type !== '' && !types.includes(type)) errors.push(at.notSupported(type, types))
  if (type === 'null') errors.push(at.forbidden('type cannot be set to null, use nullable as an alternative'))
  const flaw = pattern && flawOfPattern(pattern)
  if (flaw)
    errors.push(path.child('pattern').invalid(pattern, `must be a valid regular expression, but isn't: ${flaw}`))
  if (schema['x-kubernetes-preserve-unknown-fields'] === false)
    errors.push(path.child('x-kubernetes-preserve-unknown-fields').invalid(false, 'must be true or undefined'))
  if (mapType === undefined) return errors
  const words = 'must be object if x-kubernetes-map-type is specified'
  if (type !== 'object') errors.push(type === '' ? at.required(words) : at.invalid(type, words))
  if (!['atomic', 'granular'].includes(mapType))
    errors.push(path.child('x-kubernetes-map-type').notSupported(mapType, ['atomic', 'granular']))
  return errors
}

const listTypes = ['atomic', 'set', 'map']

function listRules(schema: JsonSchema, path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  const { type = '', 'x-kubernetes-list-type': listType, 'x-kubernetes-list-map-keys': keys = [] } = schema
  if (listType !== undefined) {
    const words = 'must be array if x-kubernetes-list-type is specified'
    if (type !== 'array')
      errors.push(type === '' ? path.child('type').required(words) : path.child('type').invalid(type, words))
    if (!listTypes.includes(listType))
      errors.push(path.child('x-kubernetes-list-type').notSupported(listType, listTypes))
  }
  if ((listType === 'set' || listType === 'map') && itemsOf(schema)?.nullable)
    errors.push(
      path.child('items', 'nullable').forbidden(`cannot be nullable when x-kubernetes-list-type is ${listType}`),
    )
  if (type === 'array' && listType === 'set') errors.push(...setRules(itemsOf(schema), path.child('items')))
  if (listType !== 'map') {
    const words = 'must be map if x-kubernetes-list-map-keys is non-empty'
    const at = path.child('x-kubernetes-list-type')
    if (keys.length > 0) errors.push(listType === undefined ? at.required(words) : at.invalid(listType, words))
    return errors
  }
  if (keys.length === 0)
    errors.push(path.child('x-kubernetes-list-map-keys').required('must not be empty if x-kubernetes-list-type is map'))
  return [...errors, ...keyRules(schema, keys, path)]
}

/** Items of a set are told apart as wholes. */
function setRules(items: JsonSchema | undefined, at: FieldPath): FieldError[] {
  const words = 'must be atomic as item of a list with x-kubernetes-list-type=set'
  const { type, 'x-kubernetes-list-type': listType, 'x-kubernetes-map-type': mapType } = items ?? {}
  if (type === 'array' && listType !== undefined && listType !== 'atomic')
    return [at.child('x-kubernetes-list-type').invalid(listType, words)]
  if (type === 'object' && mapType !== 'atomic')
    return [at.child('x-kubernetes-map-type').invalid(listType ?? null, words)]
  return []
}

/** The fields by which items of a list are known are there, and are plain values. */
function keyRules(schema: JsonSchema, keys: readonly string[], path: FieldPath): FieldError[] {
  const at = path.child('items')
  const items = itemsOf(schema)
  if (!items) return [at.required('must have a schema if x-kubernetes-list-type is map')]
  const errors: FieldError[] = []
  if (items.type !== 'object')
    errors.push(
      at.child('type').invalid(items.type ?? '', "must be object if parent array's x-kubernetes-list-type is map"),
    )
  const listed = path.child('x-kubernetes-list-map-keys')
  if (new Set(keys).size < keys.length) errors.push(listed.invalid(keys, 'must not contain duplicate entries'))
  const { properties = {}, required = [] } = items
  for (const key of keys) {
    const property = properties[key]
    const where = at.child('properties').key(key)
    if (!property) errors.push(listed.invalid(keys, 'entries must all be names of item properties'))
    else if (property.type === 'array' || property.type === 'object')
      errors.push(
        where
          .child('type')
          .invalid(property.type, "must be a scalar type if parent array's x-kubernetes-list-type is map"),
      )
    else if (!required.includes(key) && property.default === undefined)
      errors.push(
        where
          .child('default')
          .required(
            'this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property',
          ),
      )
    if (property?.nullable)
      errors.push(
        where.child('nullable').forbidden('this property is in x-kubernetes-list-map-keys, so it cannot be nullable'),
      )
  }
  return errors
}

/** A default must be what it would be checked for, and nothing that would be dropped. */
function defaultRules(schema: JsonSchema, path: FieldPath, none: string | undefined): FieldError[] {
  if (schema.default === undefined) return []
  const at = path.child('default')
  if (none) return [at.forbidden(none)]
  const kept = structuredClone(schema.default)
  const unknown = prune(kept, schema)
  const errors = unknown.length > 0 ? [at.invalid(schema.default, 'must not have unknown fields')] : []
  // Items that are there twice are told of when an object has them.
  const extensions = validateExtensions(schema.default, schema).filter(({ type }) => type !== 'FieldValueDuplicate')
  errors.push(...[...extensions, ...validateSchema(schema.default, schema)].map((error) => below(at, error)))
  return errors
}

const below = (at: FieldPath, error: FieldError): FieldError => ({
  ...error,
  field: error.field === '' || error.field.startsWith('[') ? `${at}${error.field}` : `${at}.${error.field}`,
})
