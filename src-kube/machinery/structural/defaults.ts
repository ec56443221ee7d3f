import { hasOwnProperty, isFields, itemsOf, propertyOf, type Fields, type JsonSchema } from './types.ts'

/**
 * Fills in defaults (kubernetes.io, "CustomResourceDefinitions: Defaulting and Nullable"): a null where none may be counts as absent, and
 * without a default it goes. Changes the value, which must be the caller's own.
 */
export function applyDefaults(value: unknown, schema: JsonSchema | undefined): void {
  if (!schema) return
  if (Array.isArray(value)) {
    const items = itemsOf(schema)
    for (let i = 0; i < value.length; i++) {
      if (isForbiddenNull(value[i], items) && items?.default !== undefined) value[i] = structuredClone(items.default)
      applyDefaults(value[i], items)
    }
  } else if (isFields(value)) fill(value, schema)
}

function fill(value: Fields, schema: JsonSchema): void {
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const absent = !Object.hasOwn(value, name) || isForbiddenNull(value[name], property)
    if (!absent) continue
    if (property.default !== undefined) value[name] = structuredClone(property.default)
    else delete value[name]
  }
  for (const name of Object.keys(value)) {
    const property = propertyOf(schema, name)
    if (!hasOwnProperty(schema, name) && isForbiddenNull(value[name], property)) {
      if (property?.default === undefined) {
        delete value[name]
        continue
      }
      value[name] = structuredClone(property.default)
    }
    applyDefaults(value[name], property)
  }
}

const isForbiddenNull = (value: unknown, schema: JsonSchema | undefined): boolean =>
  value === null && schema !== undefined && !schema.nullable

/** Whether a schema has a default anywhere: without one, nothing has to be walked. */
export function hasDefaults(schema: JsonSchema | undefined): boolean {
  if (!schema) return false
  if (schema.default !== undefined) return true
  const { additionalProperties, properties = {} } = schema
  return (
    Object.values(properties).some(hasDefaults) ||
    hasDefaults(itemsOf(schema)) ||
    (typeof additionalProperties === 'object' && hasDefaults(additionalProperties))
  )
}
