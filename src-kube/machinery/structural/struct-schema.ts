import { schemaOf, type Field, type FieldType, type StructSchema } from '../schema/index.ts'
import { asResource, isResource, itemsOf, type JsonSchema } from './types.ts'

/** A value whose parts are known only by what it is: objects are merged field by field, lists are atomic. */
export const DEDUCED = 'deduced'

const scalar: FieldType = { kind: 'any', go: 'JSON' }
const deduced: FieldType = { kind: 'any', go: DEDUCED }

/**
 * A custom resource's schema in the form in which server-side apply knows the built-in kinds: which lists are sets or maps, which objects are
 * atomic (kubernetes.io, "Server-Side Apply", merge strategy). Without a schema everything is deduced from the values.
 */
export function structOfSchema(groupVersion: string, kind: string, schema: JsonSchema | undefined): StructSchema {
  const known = schema ?? { 'x-kubernetes-preserve-unknown-fields': true }
  return new StructuralSchema(groupVersion, kind, asResource(known))
}

/** A class, like that of the tables: V8 reads objects of one shape faster than literals of many. */
class StructuralSchema implements StructSchema {
  readonly groupVersion: string
  readonly type: string
  readonly embedded = []
  readonly open: boolean
  readonly #schema: JsonSchema
  #fields: ReadonlyMap<string, Field> | undefined

  constructor(groupVersion: string, type: string, schema: JsonSchema) {
    this.groupVersion = groupVersion
    this.type = type
    this.open = schema['x-kubernetes-preserve-unknown-fields'] === true
    this.#schema = schema
  }

  get fields(): ReadonlyMap<string, Field> {
    return (this.#fields ??= this.#make())
  }

  #make(): Map<string, Field> {
    const { groupVersion, type } = this
    const made = new Map<string, Field>()
    for (const [name, property] of Object.entries(this.#schema.properties ?? {}))
      made.set(name, field(name, property, typeOf(groupVersion, `${type}.${name}`, property)))
    if (!isResource(this.#schema)) return made
    for (const name of ['apiVersion', 'kind']) made.set(name, field(name, {}, { kind: 'string', go: 'string' }))
    const metadata = schemaOf('meta/v1', 'ObjectMeta')
    return made.set('metadata', field('metadata', {}, { kind: 'struct', go: 'ObjectMeta', struct: metadata }))
  }
}

function typeOf(groupVersion: string, path: string, schema: JsonSchema): FieldType {
  if (schema['x-kubernetes-int-or-string']) return scalar
  const items = itemsOf(schema)
  if (items) return { kind: 'list', go: path, element: typeOf(groupVersion, `${path}[]`, items) }
  const { additionalProperties, properties } = schema
  if (typeof additionalProperties === 'object' && !properties)
    return { kind: 'map', go: path, element: typeOf(groupVersion, `${path}{}`, additionalProperties) }
  if (properties || isResource(schema))
    return { kind: 'struct', go: path, struct: new StructuralSchema(groupVersion, path, schema) }
  return schema.type === 'object' || schema['x-kubernetes-preserve-unknown-fields'] ? deduced : scalar
}

function field(name: string, schema: JsonSchema, type: FieldType): Field {
  const listType = schema['x-kubernetes-list-type'] ?? schema['x-kubernetes-map-type']
  return {
    name,
    type,
    presence: 'optional',
    number: undefined,
    wire: '-',
    default: schema.default,
    patchStrategy: [],
    patchMergeKey: undefined,
    listType,
    listKeys: schema['x-kubernetes-list-map-keys'] ?? [],
    pointer: true,
    omitempty: false,
  }
}
