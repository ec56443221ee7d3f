/** The part of JSON schema that API servers publish (OpenAPI 3.0 at `/openapi/v3`, and structural schemas of custom kinds). */
export interface JsonSchema {
  $ref?: string
  allOf?: JsonSchema[]
  oneOf?: JsonSchema[]
  anyOf?: JsonSchema[]
  type?: string
  format?: string
  description?: string
  properties?: Record<string, JsonSchema>
  required?: string[]
  items?: JsonSchema
  additionalProperties?: boolean | JsonSchema
  enum?: unknown[]
  default?: unknown
  'x-kubernetes-int-or-string'?: boolean
  'x-kubernetes-preserve-unknown-fields'?: boolean
  'x-kubernetes-embedded-resource'?: boolean
  'x-kubernetes-group-version-kind'?: Array<{ group: string; version: string; kind: string }>
}

/** All schemas of one group version, by their names in the document. */
export type Definitions = Readonly<Record<string, JsonSchema>>

/** The types that OpenAPI schemas of Kubernetes give to fields. */
export type ValueType = 'string' | 'integer' | 'number' | 'boolean' | 'object' | 'array'

/** A schema and where its references lead: what a field may hold. */
export interface FieldSchema {
  schema: JsonSchema
  definitions: Definitions
}

/** References that refer on are followed this far: a document that goes round in circles is not worth more. */
const mostSteps = 8

/** Follows `$ref`, alone or in an `allOf` beside words of the field's own, which win. */
export function resolve({ schema, definitions }: FieldSchema): FieldSchema {
  let found = schema
  for (let step = 0; step < mostSteps; step++) {
    const reference = found.$ref ?? (found.allOf?.length === 1 ? found.allOf[0]!.$ref : undefined)
    const target = reference && definitions[reference.slice(reference.lastIndexOf('/') + 1)]
    if (!target) break
    const { $ref: _, allOf: __, ...own } = found
    found = { ...target, ...own }
  }
  return { schema: found, definitions }
}

/** The schema of a kind; undefined when the document has none of it. */
export function schemaOfKind(definitions: Definitions, kind: string): FieldSchema | undefined {
  const schema = Object.values(definitions).find((s) =>
    s['x-kubernetes-group-version-kind']?.some((g) => g.kind === kind),
  )
  return schema && { schema, definitions }
}

/** Whether fields that the schema does not name may stand there. */
export function isOpen({ schema }: FieldSchema): boolean {
  return (
    schema['x-kubernetes-preserve-unknown-fields'] === true ||
    schema['x-kubernetes-embedded-resource'] === true ||
    schema.additionalProperties === true ||
    (!schema.properties && !schema.additionalProperties)
  )
}

/** What stands at a field (a name) or in a list (any number); undefined where the schema says nothing. */
export function childOf(field: FieldSchema, step: string | number): FieldSchema | undefined {
  const { schema, definitions } = resolve(field)
  const { additionalProperties } = schema
  const child =
    typeof step === 'number'
      ? schema.items
      : (schema.properties?.[step] ?? (typeof additionalProperties === 'object' ? additionalProperties : undefined))
  return child && { schema: child, definitions }
}

/** The types a value may have; none means any. */
export function typesOf(field: FieldSchema): ValueType[] {
  const { schema } = resolve(field)
  if (schema['x-kubernetes-int-or-string'] || schema.format === 'int-or-string') return ['integer', 'string']
  if (schema.type) return schema.type === 'number' ? ['number', 'integer'] : [schema.type as ValueType]
  const either = schema.oneOf ?? schema.anyOf
  const types = either?.flatMap((one) => (one.type ? [one.type as ValueType] : [])) ?? []
  if (types.length === 0) return schema.properties ? ['object'] : []
  return types.includes('number') ? [...types, 'integer'] : types
}

/** How a type is called beside a field: `string`, `[]object`, `map[string]string`. */
export function typeName(field: FieldSchema): string {
  const { schema, definitions } = resolve(field)
  if (schema.items) return `[]${typeName({ schema: schema.items, definitions })}`
  const { additionalProperties } = schema
  if (typeof additionalProperties === 'object')
    return `map[string]${typeName({ schema: additionalProperties, definitions })}`
  const types = typesOf(field).filter((type, _, all) => type !== 'integer' || !all.includes('number'))
  return types.length > 0 ? types.join('|') : 'any'
}
