import { findSchema } from './tables.ts'
import type { StructSchema } from './types.ts'

export type { Field, FieldType, StructSchema } from './types.ts'
export { closedValues, findSchema, knownGroupVersions, knownTypes } from './tables.ts'
export { applyStaticDefaults, decode, decodeAsGiven, type Decoded, type Origin } from './decode.ts'
export { refuseFractions } from './fractions.ts'

/** The schema of a type by `apps/v1` and `Deployment`. Throws for types that the tables of facts do not hold. */
export function schemaOf(groupVersion: string, type: string): StructSchema {
  const schema = findSchema(groupVersion, type)
  if (!schema) throw new Error(`no facts about ${groupVersion} ${type}`)
  return schema
}
