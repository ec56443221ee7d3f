import { durationOf, timestampOf } from '../cel/functions-time.ts'
import { escapeName } from '../cel/field-names.ts'
import { CelError, type Value } from '../cel/index.ts'
import { isFields, itemsOf, metaFields, type Fields, type JsonSchema } from './types.ts'

/** A value as rules see it: times and durations by their formats, properties by their escaped names. Nulls of an object are not there. */
export function celValue(value: unknown, schema: JsonSchema | undefined, root = false): Value {
  if (typeof value === 'string') return textValue(value, schema?.format)
  if (Array.isArray(value)) {
    const items = schema && itemsOf(schema)
    return (value as unknown[]).map((item) => celValue(item, items))
  }
  if (!isFields(value)) return value as Value
  return schema && typeof schema.additionalProperties === 'object'
    ? mapValue(value, schema.additionalProperties)
    : objectValue(value, schema, root)
}

function textValue(value: string, format: string | undefined): Value {
  try {
    if (format === 'date-time') return timestampOf(value)
    if (format === 'date') return timestampOf(`${value}T00:00:00Z`)
    return format === 'duration' ? durationOf(value) : value
  } catch (error) {
    // Of a form that the format allows and rules do not: it stays a text.
    if (error instanceof CelError) return value
    throw error
  }
}

const mapValue = (value: Fields, schema: JsonSchema): Value =>
  Object.fromEntries(Object.entries(value).map(([key, item]) => [key, celValue(item, schema)]))

function objectValue(value: Fields, schema: JsonSchema | undefined, root: boolean): Value {
  const result: Record<string, Value> = {}
  const meta = root || schema?.['x-kubernetes-embedded-resource'] === true
  for (const [name, part] of Object.entries(value)) {
    if (part === undefined || part === null) continue
    const property = schema?.properties?.[name]
    if (meta && name === 'metadata') result[name] = namesOf(part)
    else if (property || !schema || (meta && metaFields.has(name)) || schema['x-kubernetes-preserve-unknown-fields']) {
      const escaped = escapeName(name)
      if (escaped) result[escaped] = celValue(part, property)
    }
  }
  return result
}

/** Of the metadata rules see the names alone. */
function namesOf(metadata: unknown): Value {
  if (!isFields(metadata)) return {}
  const { name, generateName } = metadata as Record<string, Value | undefined>
  return { ...(name === undefined ? {} : { name }), ...(generateName === undefined ? {} : { generateName }) }
}
