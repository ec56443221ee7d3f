import { isFields, type JsonSchema } from './types.ts'

/**
 * Finds the item of an old list that an item of the new one was before (KEP-4008, "Correlation"): the one with the same keys, in a list of type `map`. Items
 * of other lists were nothing before.
 */
export function correlate(schema: JsonSchema, old: unknown): (item: unknown) => unknown {
  const keys = schema['x-kubernetes-list-map-keys']
  if (!Array.isArray(old) || schema['x-kubernetes-list-type'] !== 'map' || !keys?.length) return () => undefined
  const keyOf = (item: unknown): string | undefined =>
    isFields(item) ? JSON.stringify(keys.map((key) => item[key])) : undefined
  const byKey = new Map((old as unknown[]).map((item) => [keyOf(item), item]))
  return (item) => (isFields(item) ? byKey.get(keyOf(item)) : undefined)
}
