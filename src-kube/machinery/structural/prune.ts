import {
  hasOwnProperty,
  isFields,
  isResource,
  itemsOf,
  metaFields,
  propertyOf,
  type Fields,
  type JsonSchema,
} from './types.ts'

/**
 * Takes out what a structural schema does not specify (kubernetes.io, "CustomResourceDefinitions: Field pruning") and answers the paths of it:
 * `spec.containers[0].colour`. Changes the value, which must be the caller's own. Of a resource (see `asResource`) its kind and metadata stay.
 */
export function prune(value: unknown, schema: JsonSchema | undefined): string[] {
  const pruned: string[] = []
  walk(value, schema, '', pruned)
  return pruned
}

function walk(value: unknown, schema: JsonSchema | undefined, path: string, pruned: string[]): void {
  if (Array.isArray(value)) {
    const items = schema && itemsOf(schema)
    if (!items && schema?.['x-kubernetes-preserve-unknown-fields']) return
    for (const [i, item] of (value as unknown[]).entries()) walk(item, items, `${path}[${i}]`, pruned)
  } else if (isFields(value)) walkFields(value, schema, path, pruned)
}

function walkFields(value: Fields, schema: JsonSchema | undefined, path: string, pruned: string[]): void {
  for (const name of Object.keys(value)) {
    if (schema && isResource(schema) && metaFields.has(name)) continue
    const at = path === '' ? name : `${path}.${name}`
    if (schema && (hasOwnProperty(schema, name) || schema.additionalProperties))
      walk(value[name], propertyOf(schema, name), at, pruned)
    else if (!schema?.['x-kubernetes-preserve-unknown-fields']) {
      delete value[name]
      pruned.push(at)
    }
  }
}
