import type { JSONSchemaProps } from '#types/apiextensions.k8s.io/v1'

/** One rule of `x-kubernetes-validations`. */
export interface ValidationRule {
  rule: string
  message?: string
  messageExpression?: string
  reason?: string
  fieldPath?: string
  optionalOldSelf?: boolean
}

type Nested =
  | 'items'
  | 'properties'
  | 'additionalProperties'
  | 'patternProperties'
  | 'allOf'
  | 'anyOf'
  | 'oneOf'
  | 'not'
  | 'definitions'
  | 'dependencies'
  | 'x-kubernetes-validations'

/** `openAPIV3Schema` of a CustomResourceDefinition, with the parts that the declarations leave untyped. */
export interface JsonSchema extends Omit<JSONSchemaProps, Nested> {
  items?: JsonSchema | JsonSchema[] | undefined
  properties?: Record<string, JsonSchema> | undefined
  additionalProperties?: JsonSchema | boolean | undefined
  patternProperties?: Record<string, JsonSchema> | undefined
  allOf?: JsonSchema[] | undefined
  anyOf?: JsonSchema[] | undefined
  oneOf?: JsonSchema[] | undefined
  not?: JsonSchema | undefined
  definitions?: Record<string, JsonSchema> | undefined
  dependencies?: Record<string, unknown> | undefined
  'x-kubernetes-validations'?: ValidationRule[] | undefined
}

/** A JSON object of which nothing is known. */
export type Fields = Record<string, unknown>

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The one schema of a list's items; undefined for none and for the tuples that only non-structural schemas have. */
export const itemsOf = ({ items }: JsonSchema): JsonSchema | undefined => (Array.isArray(items) ? undefined : items)

/** The schema of a property: its own, or the one of all others. */
export function propertyOf(schema: JsonSchema, name: string): JsonSchema | undefined {
  const { properties, additionalProperties } = schema
  if (properties && Object.hasOwn(properties, name)) return properties[name]
  return typeof additionalProperties === 'object' ? additionalProperties : undefined
}

export const hasOwnProperty = ({ properties }: JsonSchema, name: string): boolean =>
  properties !== undefined && Object.hasOwn(properties, name)

/** What every object has besides what its schema says: at the root, and where a schema embeds a resource. */
export const metaFields: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata'])

/** Whether a schema's objects have {@link metaFields}. */
export const isResource = (schema: JsonSchema): boolean => schema['x-kubernetes-embedded-resource'] === true

/** The schema of a whole object, which says nothing of {@link metaFields}, as one that does. */
export const asResource = (schema: JsonSchema | undefined): JsonSchema => ({
  ...schema,
  'x-kubernetes-embedded-resource': true,
})
