import type { FieldError } from '../errors.ts'
import type { FieldPath } from '../field-path.ts'
import type { JsonSchema } from './types.ts'

/** What a schema may say of the whole when its status is checked apart, by the names that upstream gives it. */
const besideStatus: Readonly<Record<string, string>> = {
  description: 'Description',
  type: 'Type',
  format: 'Format',
  title: 'Title',
  maximum: 'Maximum',
  exclusiveMaximum: 'ExclusiveMaximum',
  minimum: 'Minimum',
  exclusiveMinimum: 'ExclusiveMinimum',
  maxLength: 'MaxLength',
  minLength: 'MinLength',
  pattern: 'Pattern',
  maxItems: 'MaxItems',
  minItems: 'MinItems',
  uniqueItems: 'UniqueItems',
  multipleOf: 'MultipleOf',
  required: 'Required',
  items: 'Items',
  properties: 'Properties',
  externalDocs: 'ExternalDocs',
  example: 'Example',
  'x-kubernetes-preserve-unknown-fields': 'XPreserveUnknownFields',
  'x-kubernetes-validations': 'XValidations',
}

/** What the schema of a whole object may not say besides what none may (kubernetes.io, "CustomResourceDefinitions: Status subresource"). */
export function checkRoot(schema: JsonSchema, path: FieldPath, { hasStatus }: { hasStatus: boolean }): FieldError[] {
  const errors: FieldError[] = []
  const said = Object.entries(schema).filter(([, value]) => Boolean(value))
  if (hasStatus && said.some(([name]) => !Object.hasOwn(besideStatus, name))) {
    const names = Object.values(besideStatus).join(' ')
    const words = `only [${names}] fields are allowed at the root of the schema if the status subresource is enabled`
    errors.push(path.invalid(schema, words))
  }
  if (schema.nullable) errors.push(path.child('nullable').forbidden('nullable cannot be true at the root'))
  return errors
}
