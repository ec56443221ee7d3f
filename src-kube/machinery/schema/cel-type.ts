import { escapeName } from '../cel/field-names.ts'
import { bool, dyn, int, listOf, mapOf, simple, string, type CelType, type ObjectType } from '../cel/types.ts'
import type { FieldType, StructSchema } from './types.ts'

const simpleTypes: Partial<Record<FieldType['kind'], CelType>> = {
  string,
  boolean: bool,
  int,
  float: simple('double'),
  quantity: string,
  time: simple('timestamp'),
}

const known = new WeakMap<StructSchema, ObjectType>()

/** A type of the tables as expressions see it: its fields under the names they have in expressions. */
export function structType(schema: StructSchema): ObjectType {
  let type = known.get(schema)
  if (!type) known.set(schema, (type = newType(schema)))
  return type
}

function newType(schema: StructSchema): ObjectType {
  let fields: Map<string, CelType> | undefined
  return {
    kind: 'object',
    name: `${schema.groupVersion}.${schema.type}`,
    field(name) {
      // Types refer to each other: fields are looked at when they are asked for.
      fields ??= new Map([...schema.fields].map(([own, { type }]) => [escapeName(own) ?? own, typeOf(type)]))
      return fields.get(name) ?? (schema.open ? dyn : undefined)
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
      return simpleTypes[type.kind] ?? dyn
  }
}

/** An object of a kind: the type with what every object has. */
export function objectType(schema: StructSchema): ObjectType {
  const type = structType(schema)
  return {
    ...type,
    field: (name) => (name === 'apiVersion' || name === 'kind' ? string : type.field(name)),
  }
}
