import { isAtomicType } from '../../../../src-kube/machinery/fields-v1/shape.ts'
import {
  closedValues,
  type Field,
  type FieldType,
  type StructSchema,
} from '../../../../src-kube/machinery/schema/index.ts'
import type { Docs } from './docs.ts'

/** Where references point: `#/definitions/` in version 2, `#/components/schemas/` in version 3. */
export interface Dialect {
  prefix: string
}

const homes: Record<string, string> = {
  'meta/v1': 'io.k8s.apimachinery.pkg.apis.meta.v1',
  'apiextensions.k8s.io': 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions',
  'apiregistration.k8s.io': 'io.k8s.kube-aggregator.pkg.apis.apiregistration',
}

/** The name upstream gives a type's definition: `io.k8s.api.apps.v1.Deployment`. */
export function definitionName({ groupVersion, type }: Pick<StructSchema, 'groupVersion' | 'type'>): string {
  const home = homes[groupVersion]
  if (home) return `${home}.${type}`
  const [group, version] = groupVersion.includes('/')
    ? (groupVersion.split('/') as [string, string])
    : ['core', groupVersion]
  const special = homes[group]
  return special ? `${special}.${version}.${type}` : `io.k8s.api.${group.split('.')[0]}.${version}.${type}`
}

/**
 * Adds the definition of a type and of all it refers to. `x-kubernetes-*` extensions carry patch and list keys, as clients need
 * them for three-way merges.
 */
export function addDefinition(into: Record<string, unknown>, schema: StructSchema, dialect: Dialect, docs: Docs): void {
  const name = definitionName(schema)
  if (name in into) return
  const definition: Record<string, unknown> = { type: 'object' }
  into[name] = definition
  const description = docs(schema)
  if (description) definition['description'] = description
  const required = [...schema.fields.values()]
    .filter((field) => field.presence === 'required')
    .map((field) => field.name)
  if (required.length > 0) definition['required'] = required
  definition['properties'] = Object.fromEntries(
    [...schema.fields.values()].map((field) => [field.name, property(into, field, { schema, dialect, docs })]),
  )
  if (isAtomicType(schema)) definition['x-kubernetes-map-type'] = 'atomic'
}

interface Place {
  schema: StructSchema
  dialect: Dialect
  docs: Docs
}

function property(into: Record<string, unknown>, field: Field, place: Place): object {
  const { type } = field
  // Not every field of an old version that only refers to a type has words of its own.
  const words = place.docs(place.schema, field.name) ?? (type.kind === 'struct' ? place.docs(type.struct) : undefined)
  const values = closedValues(place.schema.groupVersion, type.go)
  return {
    ...(words ? { description: words } : {}),
    ...typeSchema(into, type, place),
    ...(values && !values.includes('""') ? { enum: values } : {}),
    ...(field.default === undefined ? {} : { default: field.default }),
    ...(field.patchStrategy.length > 0 ? { 'x-kubernetes-patch-strategy': field.patchStrategy.join(',') } : {}),
    ...(field.patchMergeKey ? { 'x-kubernetes-patch-merge-key': field.patchMergeKey } : {}),
    ...listExtensions(field),
  }
}

function listExtensions({ type, listType, listKeys }: Field): object {
  if (!listType) return {}
  const keys = listKeys.length > 0 ? { 'x-kubernetes-list-map-keys': listKeys } : {}
  if (type.kind === 'list') return { 'x-kubernetes-list-type': listType, ...keys }
  return type.kind === 'map' ? { 'x-kubernetes-map-type': listType } : {}
}

const referenced: Partial<Record<FieldType['kind'], string>> = {
  quantity: 'io.k8s.apimachinery.pkg.api.resource.Quantity',
  intOrString: 'io.k8s.apimachinery.pkg.util.intstr.IntOrString',
}
const referencedGo: Record<string, string> = {
  Time: 'io.k8s.apimachinery.pkg.apis.meta.v1.Time',
  MicroTime: 'io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime',
  RawExtension: 'io.k8s.apimachinery.pkg.runtime.RawExtension',
  FieldsV1: 'io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1',
  Duration: 'io.k8s.apimachinery.pkg.apis.meta.v1.Duration',
}

const leaves: Record<string, object> = {
  'io.k8s.apimachinery.pkg.api.resource.Quantity': { oneOf: [{ type: 'string' }, { type: 'number' }] },
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': {
    format: 'int-or-string',
    oneOf: [{ type: 'integer' }, { type: 'string' }],
  },
  'io.k8s.apimachinery.pkg.apis.meta.v1.Time': { type: 'string', format: 'date-time' },
  'io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime': { type: 'string', format: 'date-time' },
  'io.k8s.apimachinery.pkg.apis.meta.v1.Duration': { type: 'string' },
  'io.k8s.apimachinery.pkg.runtime.RawExtension': { type: 'object' },
  'io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1': { type: 'object' },
}
/** Version 2 has no `oneOf`: these are strings there, as upstream publishes them. */
const leavesV2: Record<string, object> = {
  'io.k8s.apimachinery.pkg.api.resource.Quantity': { type: 'string' },
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': { type: 'string', format: 'int-or-string' },
}

function typeSchema(into: Record<string, unknown>, type: FieldType, place: Place): object {
  const leaf = referenced[type.kind] ?? referencedGo[type.go]
  if (leaf) {
    const old = place.dialect.prefix === '#/definitions/' ? leavesV2[leaf] : undefined
    into[leaf] ??= old ?? leaves[leaf]
    return reference(leaf, place)
  }
  switch (type.kind) {
    case 'struct':
      addDefinition(into, type.struct, place.dialect, place.docs)
      return reference(definitionName(type.struct), place)
    case 'list':
      return { type: 'array', items: typeSchema(into, type.element, place) }
    case 'map':
      return { type: 'object', additionalProperties: typeSchema(into, type.element, place) }
    case 'int':
      return { type: 'integer', format: /64/.test(type.go) ? 'int64' : 'int32' }
    case 'float':
      return { type: 'number', format: 'double' }
    case 'boolean':
      return { type: 'boolean' }
    case 'bytes':
      return { type: 'string', format: 'byte' }
    case 'object':
      return { type: 'object' }
    case 'any':
      return anything(into, type.go, place)
    default:
      return { type: 'string' }
  }
}

/**
 * What JSON schemas within CustomResourceDefinitions may hold in several shapes. Each has a definition that says no more than that: `kubectl
 * explain` does not go on where a schema is empty.
 */
const open: Record<string, string> = {
  JSON: 'Any JSON value.',
  JSONSchemaPropsOrArray: 'A JSON schema, or a list of them.',
  JSONSchemaPropsOrBool: 'A JSON schema, or whether anything is allowed at all.',
  JSONSchemaPropsOrStringArray: 'A JSON schema, or a list of names.',
}

function anything(into: Record<string, unknown>, go: string, place: Place): object {
  if (go === 'JSONSchemaDependencies')
    return { type: 'object', additionalProperties: anything(into, 'JSONSchemaPropsOrStringArray', place) }
  const description = open[go]
  if (description === undefined) return {}
  const name = definitionName({ groupVersion: place.schema.groupVersion, type: go })
  into[name] ??= { description }
  return reference(name, place)
}

/** Version 3 lets a reference have siblings only inside `allOf`. */
function reference(name: string, { dialect }: Place): object {
  const ref = { $ref: `${dialect.prefix}${name}` }
  return dialect.prefix === '#/definitions/' ? ref : { allOf: [ref] }
}
