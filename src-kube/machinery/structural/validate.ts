import type { FieldError } from '../errors.ts'
import { fieldPath, type FieldPath } from '../field-path.ts'
import { equal } from '../fields-v1/owned.ts'
import { matchesPattern, RegexpError } from '../regexp.ts'
import { correlate } from './correlate.ts'
import { hasFormat, numberFits } from './formats.ts'
import { isFields, itemsOf, type Fields, type JsonSchema } from './types.ts'

/** A path as messages name it, and as field errors have it. */
interface Place {
  path: FieldPath
  name: string
}

/**
 * What is wrong with a value, in the words of upstream's schema validator (kubernetes.io, "CustomResourceDefinitions: Validation"). What an update
 * leaves as it is in `old` was accepted once and is not judged again (KEP-4008).
 */
export function validateSchema(value: unknown, schema: JsonSchema, old?: unknown): FieldError[] {
  return check(value, schema, { path: fieldPath(), name: '' }, old)
}

const within = ({ path, name }: Place, child: string): Place => ({
  path: path.child(child),
  name: name === '' ? child : `${name}.${child}`,
})
const item = ({ path, name }: Place, i: number): Place => ({ path: path.index(i), name: `${name}[${i}]` })

function check(value: unknown, schema: JsonSchema, at: Place, old: unknown): FieldError[] {
  const errors = [...typeErrors(value, schema, at), ...enumErrors(value, schema, at)]
  if (value === null) return errors
  errors.push(...junctors(value, schema, at))
  if (typeof value === 'string') errors.push(...textErrors(value, schema, at))
  else if (typeof value === 'number') errors.push(...numberErrors(value, schema, at))
  else if (Array.isArray(value)) errors.push(...listErrors(value as unknown[], schema, at, old))
  else if (isFields(value)) errors.push(...objectErrors(value, schema, at, old))
  return errors
}

/** As field errors show a value: null is a word there. */
const shown = (value: unknown): unknown => (value === null ? 'null' : value)

const typeInvalid = ({ path, name }: Place, value: unknown, wanted: string, given: string): FieldError => ({
  ...path.invalid(value, `${name} in body must be of type ${wanted}: ${JSON.stringify(given)}`),
  type: 'FieldValueTypeInvalid',
})

function typeOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number'
  return typeof value
}

function typeErrors(value: unknown, schema: JsonSchema, at: Place): FieldError[] {
  const wanted = schema['x-kubernetes-int-or-string'] ? ['integer', 'string'] : schema.type ? [schema.type] : []
  const given = typeOf(value)
  if (wanted.length === 0 || (given === 'null' && schema.nullable)) return []
  if (wanted.includes(given) || (given === 'integer' && wanted.includes('number'))) return []
  return [typeInvalid(at, given, wanted.join(','), given)]
}

function enumErrors(value: unknown, schema: JsonSchema, { path }: Place): FieldError[] {
  const { enum: values } = schema
  if (!values || (value === null && schema.nullable) || values.some((one) => equal(one, value))) return []
  return [
    path.notSupported(
      shown(value),
      values.map((one) => (typeof one === 'string' ? one : JSON.stringify(one))),
    ),
  ]
}

function textErrors(value: string, schema: JsonSchema, at: Place): FieldError[] {
  const { path, name } = at
  const { maxLength, minLength, pattern, format } = schema
  const errors: FieldError[] = []
  const length = maxLength === undefined && minLength === undefined ? 0 : Array.from(value).length
  if (maxLength !== undefined && length > maxLength) errors.push(path.tooLong(maxLength))
  if (minLength !== undefined && length < minLength)
    errors.push(path.invalid(value, `${name} in body should be at least ${minLength} chars long`))
  if (pattern) errors.push(...patternErrors(value, pattern, at))
  if (format && !schema['x-kubernetes-int-or-string'] && !hasFormat(value, format))
    errors.push(typeInvalid(at, value, format, value))
  return errors
}

function patternErrors(value: string, pattern: string, { path, name }: Place): FieldError[] {
  const wrong = (wanted: string): FieldError[] => [path.invalid(value, `${name} in body should match '${wanted}'`)]
  try {
    return matchesPattern(value, pattern) ? [] : wrong(pattern)
  } catch (error) {
    if (error instanceof RegexpError) return wrong(`${pattern}, but pattern is invalid: ${error.message}`)
    throw error
  }
}

function numberErrors(value: number, schema: JsonSchema, at: Place): FieldError[] {
  const { path, name } = at
  const { maximum, exclusiveMaximum, minimum, exclusiveMinimum, multipleOf, format } = schema
  const wrong: string[] = []
  if (multipleOf !== undefined && !Number.isInteger(value / multipleOf)) wrong.push(`be a multiple of ${multipleOf}`)
  if (maximum !== undefined && (exclusiveMaximum ? value >= maximum : value > maximum))
    wrong.push(`be less than ${exclusiveMaximum ? '' : 'or equal to '}${maximum}`)
  if (minimum !== undefined && (exclusiveMinimum ? value <= minimum : value < minimum))
    wrong.push(`be greater than ${exclusiveMinimum ? '' : 'or equal to '}${minimum}`)
  const errors = wrong.map((words) => path.invalid(value, `${name} in body should ${words}`))
  if (format && !numberFits(value, format)) errors.push(typeInvalid(at, value, format, String(value)))
  return errors
}

const tooMany = ({ path }: Place, actual: number, most: number): FieldError => ({
  type: 'FieldValueTooMany',
  field: String(path),
  message: `Too many: ${actual}: must have at most ${most} items`,
})

function listErrors(value: unknown[], schema: JsonSchema, at: Place, old: unknown): FieldError[] {
  const { maxItems, minItems } = schema
  const errors: FieldError[] = []
  if (minItems !== undefined && value.length < minItems)
    errors.push(at.path.invalid(value.length, `${at.name} in body should have at least ${minItems} items`))
  if (maxItems !== undefined && value.length > maxItems) errors.push(tooMany(at, value.length, maxItems))
  const items = itemsOf(schema)
  if (!items) return errors
  const before = correlate(schema, old)
  for (const [i, one] of value.entries()) {
    const was = before(one)
    if (was === undefined || !equal(one, was)) errors.push(...check(one, items, item(at, i), was))
  }
  return errors
}

function objectErrors(value: Fields, schema: JsonSchema, at: Place, old: unknown): FieldError[] {
  const { maxProperties, minProperties, properties = {}, additionalProperties, required = [] } = schema
  const errors: FieldError[] = []
  const count = Object.keys(value).length
  if (minProperties !== undefined && count < minProperties)
    errors.push(at.path.invalid(count, `${at.name} in body should have at least ${minProperties} properties`))
  if (maxProperties !== undefined && count > maxProperties) errors.push(tooMany(at, count, maxProperties))
  const before = isFields(old) ? old : {}
  for (const [name, part] of Object.entries(value)) {
    const own = Object.hasOwn(properties, name) ? properties[name] : undefined
    const known = own ?? (typeof additionalProperties === 'object' ? additionalProperties : undefined)
    if (!known || part === undefined) continue
    const was = Object.hasOwn(before, name) ? before[name] : undefined
    if (was === undefined || !equal(part, was)) errors.push(...check(part, known, within(at, name), was))
  }
  for (const name of required) if (value[name] === undefined) errors.push(within(at, name).path.required())
  return errors
}

const unplaced = fieldPath('<nil>')

/** `allOf`, `anyOf`, `oneOf`, `not`. These errors have no place of their own upstream; those of the best alternative follow. */
function junctors(value: unknown, schema: JsonSchema, at: Place): FieldError[] {
  const { allOf = [], anyOf = [], oneOf = [], not } = schema
  const errors: FieldError[] = []
  const say = (words: string): void => void errors.push(unplaced.invalid('', `${JSON.stringify(at.name)} ${words}`))
  const results = (schemas: JsonSchema[]): FieldError[][] => schemas.map((one) => check(value, one, at, undefined))
  const best = (failed: FieldError[][]): FieldError[] => failed.toSorted((a, b) => a.length - b.length)[0] ?? []
  if (anyOf.length > 0) {
    const found = results(anyOf)
    if (found.every((one) => one.length > 0)) {
      say('must validate at least one schema (anyOf)')
      errors.push(...best(found))
    }
  }
  if (oneOf.length > 0) {
    const found = results(oneOf)
    const valid = found.filter((one) => one.length === 0).length
    if (valid !== 1) {
      const many = valid === 0 ? 'Found none valid' : `Found ${valid} valid alternatives`
      say(`must validate one and only one schema (oneOf). ${many}`)
      if (valid === 0) errors.push(...best(found))
    }
  }
  if (allOf.length > 0) {
    const found = results(allOf)
    const failed = found.filter((one) => one.length > 0)
    if (failed.length > 0) {
      errors.push(...failed.flat())
      say(`must validate all the schemas (allOf)${failed.length === allOf.length ? '. None validated' : ''}`)
    }
  }
  if (not && check(value, not, at, undefined).length === 0) say('must not validate the schema (not)')
  return errors
}
