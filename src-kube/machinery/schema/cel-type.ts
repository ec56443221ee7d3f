import { DYN, listOf, mapOf, simple, STRING, type CelType } from '../cel/types.ts'
import { escapeName } from '../structural/cel-values.ts'
import type { FieldType, StructSchema } from './types.ts'

const SIMPLE: Partial<Record<FieldType['kind'], CelType>> = {
  string: STRING,
  boolean: simple('bool'),
  int: simple('int'),
  float: simple('double'),
  quantity: STRING,
  time: simple('timestamp'),
}

const known = new WeakMap<StructSchema, CelType>()

/** A type of the tables as expressions see it: its fields under the names they have in expressions. */
export function structType(schema: StructSchema): CelType {
  let type = known.get(schema)
  if (!type) known.set(schema, (type = made(schema)))
  return type
}

function made(schema: StructSchema): CelType {
  let fields: Map<string, CelType> | undefined
  return {
    kind: 'object',
    name: `${schema.groupVersion}.${schema.type}`,
    field(name) {
      // Types refer to each other: fields are looked at when they are asked for.
      fields ??= new Map([...schema.fields].map(([own, { type }]) => [escapeName(own) ?? own, typeOf(type)]))
      return fields.get(name) ?? (schema.open ? DYN : undefined)
    },
  }
}

function typeOf(type: FieldType): CelType {
  switch (type.kind) {
    case 'struct':
      return structType(type.struct)
    case 'list':
      return listOf(typeOf(type.element))
    case 'map':
      return mapOf(typeOf(type.element))
    default:
      return SIMPLE[type.kind] ?? DYN
  }
}

/** An object of a kind: the type with what every object has. */
export function objectType(schema: StructSchema): CelType {
  const type = structType(schema)
  if (type.kind !== 'object') return type
  return {
    ...type,
    field: (name) => (name === 'apiVersion' || name === 'kind' ? STRING : type.field(name)),
  }
}
