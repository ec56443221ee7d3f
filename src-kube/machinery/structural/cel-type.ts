import { escapeName } from '../cel/field-names.ts'
import { bool, dyn, int, listOf, mapOf, simple, string, type CelType } from '../cel/types.ts'
import { structType } from '../schema/cel-type.ts'
import { schemaOf } from '../schema/index.ts'
import { isResource, itemsOf, metaFields, type JsonSchema } from './types.ts'

const formats: Record<string, CelType> = {
  'date-time': simple('timestamp'),
  date: simple('timestamp'),
  duration: simple('duration'),
  byte: simple('bytes'),
}

/** A schema as expressions see it (kubernetes.io, "CustomResourceDefinitions: Validation rules", table of types); of a whole object see `asResource`. */
export function schemaType(schema: JsonSchema, name: string): CelType {
  if (schema['x-kubernetes-int-or-string']) return dyn
  switch (schema.type) {
    case 'string':
      return formats[schema.format ?? ''] ?? string
    case 'integer':
      return int
    case 'number':
      return simple('double')
    case 'boolean':
      return bool
    case 'array': {
      const items = itemsOf(schema)
      return listOf(items ? schemaType(items, `${name}.@idx`) : dyn)
    }
    case 'object':
      return fieldsType(schema, name)
    default:
      return dyn
  }
}

function fieldsType(schema: JsonSchema, name: string): CelType {
  const { additionalProperties, properties = {} } = schema
  if (typeof additionalProperties === 'object') return mapOf(schemaType(additionalProperties, `${name}.@elem`))
  const embedded = isResource(schema)
  const open = schema['x-kubernetes-preserve-unknown-fields'] === true || additionalProperties === true
  if (open && Object.keys(properties).length === 0 && !embedded) return dyn
  const fields = new Map<string, CelType>()
  for (const [own, property] of Object.entries(properties)) {
    const escaped = escapeName(own)
    if (escaped !== undefined) fields.set(escaped, schemaType(property, `${name}.${own}`))
  }
  return {
    kind: 'object',
    name,
    field: (field) => (embedded ? metaField(field) : undefined) ?? fields.get(field) ?? (open ? dyn : undefined),
  }
}

/** The metadata is the same in all kinds, whatever a schema says of it. */
function metaField(field: string): CelType | undefined {
  if (!metaFields.has(field)) return undefined
  return field === 'metadata' ? structType(schemaOf('meta/v1', 'ObjectMeta')) : string
}
