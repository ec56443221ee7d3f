import type { CustomVersion } from '../../../../src-kube/kinds/custom/version.ts'
import type { KindDescriptor } from '../../../../src-kube/kinds/descriptor.ts'
import { parseApiVersion } from '../../../../src-kube/machinery/gvk.ts'
import { schemaOf } from '../../../../src-kube/machinery/schema/index.ts'
import type { JsonSchema } from '../../../../src-kube/machinery/structural/types.ts'
import { addDefinition, definitionName, type Dialect } from './definitions.ts'
import type { Docs } from './docs.ts'

interface CustomKind {
  apiVersion: string
  descriptor: Pick<KindDescriptor, 'kind' | 'listKind'> & Partial<Pick<KindDescriptor, 'selectableFields'>>
  custom: CustomVersion
}

type Schema = Record<string, unknown>

/** The name of a custom kind's definition: `com.example.stable.v1.CronTab`. */
export function customName(apiVersion: string, kind: string): string {
  const { group, version } = parseApiVersion(apiVersion)
  return `${group.split('.').toReversed().join('.')}.${version}.${kind}`
}

/** Adds a custom kind and its list, so that clients explain and check it as they do built-in kinds. */
export function addCustomKind(into: Schema, kind: CustomKind, dialect: Dialect, docs: Docs): void {
  const { apiVersion, descriptor, custom } = kind
  const gvk = (name: string) => [{ ...parseApiVersion(apiVersion), kind: name }]
  const name = customName(apiVersion, descriptor.kind)
  into[name] = {
    ...ownDefinition(into, custom, dialect, docs),
    ...selectable(descriptor.selectableFields),
    'x-kubernetes-group-version-kind': gvk(descriptor.kind),
  }
  into[customName(apiVersion, descriptor.listKind)] = {
    description: `${descriptor.listKind} is a list of ${descriptor.kind}`,
    type: 'object',
    required: ['items'],
    properties: {
      ...metaProperties(into, 'ListMeta', dialect, docs),
      items: {
        description: `List of ${descriptor.kind.toLowerCase()}s. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md`,
        type: 'array',
        items: refTo(name, dialect),
      },
    },
    'x-kubernetes-group-version-kind': gvk(descriptor.listKind),
  }
}

/** What clients may select by (KEP-4358). */
const selectable = (fields: KindDescriptor['selectableFields'] = {}): Schema => {
  const paths = Object.keys(fields)
  return paths.length > 0 ? { 'x-kubernetes-selectable-fields': paths.map((fieldPath) => ({ fieldPath })) } : {}
}

/** Old clients refuse every field beside those that a definition names: of an object that may have any, version 2 names none. */
function ownDefinition(into: Schema, { schema, preserves }: CustomVersion, dialect: Dialect, docs: Docs): Schema {
  const old = dialect.prefix === '#/definitions/'
  const open = preserves || schema?.['x-kubernetes-preserve-unknown-fields'] === true
  if (!schema || (old && open)) return { type: 'object' }
  const meta = (): Schema => metaProperties(into, 'ObjectMeta', dialect, docs)
  const own = withEmbedded(old ? inVersion2(schema) : (schema as Schema), meta)
  return {
    ...own,
    type: 'object',
    properties: { ...(own['properties'] as Schema | undefined), ...meta() },
    ...(preserves ? { 'x-kubernetes-preserve-unknown-fields': true } : {}),
  }
}

/** Objects within objects have what every object has. */
function withEmbedded(schema: Schema, meta: () => Schema): Schema {
  const result: Schema = { ...schema }
  const { properties, items, additionalProperties } = schema as JsonSchema
  const inner = (one: JsonSchema): Schema => withEmbedded(one as Schema, meta)
  if (properties) result['properties'] = Object.fromEntries(Object.entries(properties).map(([k, v]) => [k, inner(v)]))
  if (items && !Array.isArray(items)) result['items'] = inner(items)
  if (typeof additionalProperties === 'object') result['additionalProperties'] = inner(additionalProperties)
  if (schema['x-kubernetes-embedded-resource'])
    result['properties'] = { ...(result['properties'] as Schema | undefined), ...meta() }
  return result
}

const CONVENTIONS = 'https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md'

function metaProperties(into: Schema, type: 'ObjectMeta' | 'ListMeta', dialect: Dialect, docs: Docs): Schema {
  const meta = schemaOf('meta/v1', type)
  addDefinition(into, meta, dialect, docs)
  const of = type === 'ListMeta' ? 'list metadata' : "object's metadata"
  return {
    apiVersion: {
      description: `APIVersion defines the version of the schema in which this representation is written. More info: ${CONVENTIONS}#resources`,
      type: 'string',
    },
    kind: {
      description: `Kind is the kind of resource that this object is. More info: ${CONVENTIONS}#types-kinds`,
      type: 'string',
    },
    metadata: {
      description: `Standard ${of}. More info: ${CONVENTIONS}#metadata`,
      ...refTo(definitionName(meta), dialect),
    },
  }
}

function refTo(name: string, { prefix }: Dialect): object {
  const ref = { $ref: `${prefix}${name}` }
  return prefix === '#/definitions/' ? ref : { allOf: [ref] }
}

/** What version 2 has no words for is left out, and with it what it would make wrong (reference: apiextensions' ToStructuralOpenAPIV2). */
function inVersion2(schema: JsonSchema): Schema {
  const {
    oneOf: _a,
    anyOf: _b,
    allOf: _c,
    not: _d,
    nullable,
    properties,
    items,
    additionalProperties,
    ...rest
  } = schema
  const result: Schema = { ...rest }
  const preserves = schema['x-kubernetes-preserve-unknown-fields'] === true
  if (schema['x-kubernetes-int-or-string'] || nullable) {
    delete result['type']
    if (nullable) return withoutBounds(result)
  }
  if (preserves) return result
  if (properties)
    result['properties'] = Object.fromEntries(Object.entries(properties).map(([k, v]) => [k, inVersion2(v)]))
  if (items && !Array.isArray(items)) result['items'] = inVersion2(items)
  if (additionalProperties !== undefined)
    result['additionalProperties'] =
      typeof additionalProperties === 'object' ? inVersion2(additionalProperties) : additionalProperties
  return result
}

/** A value that may be null is of no type that version 2 knows. */
function withoutBounds(schema: Schema): Schema {
  const { required: _a, enum: _b, ...rest } = schema
  return rest
}
