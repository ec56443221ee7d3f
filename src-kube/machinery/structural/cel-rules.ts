import { CelError, compile, Optional, type Bindings, type Program, type Value } from '../cel/index.ts'
import type { FieldError } from '../errors.ts'
import { fieldPath, type FieldPath } from '../field-path.ts'
import { equal } from '../fields-v1/owned.ts'
import { celValue } from './cel-values.ts'
import { correlate } from './correlate.ts'
import { placeOfRule } from './rule-place.ts'
import { isFields, itemsOf, propertyOf, type Fields, type JsonSchema, type ValidationRule } from './types.ts'

const VARIABLES = ['self', 'oldSelf']

interface CompiledRule {
  rule: ValidationRule
  program: Program
  message: Program | undefined
  /** Whether the rule compares with what was there before. */
  transition: boolean
}

/** Rules by the schema that has them: compiled at their first use, for as long as the schema is. */
const compiled = new WeakMap<JsonSchema, CompiledRule[]>()

export const mentionsOld = (rule: string): boolean => /\boldSelf\b/.test(rule.replaceAll(/"[^"]*"|'[^']*'/g, ''))

function rulesOf(schema: JsonSchema): CompiledRule[] {
  let rules = compiled.get(schema)
  if (!rules) {
    rules = (schema['x-kubernetes-validations'] ?? []).map((rule) => ({
      rule,
      program: compile(rule.rule, VARIABLES),
      message: rule.messageExpression ? compile(rule.messageExpression, VARIABLES) : undefined,
      transition: mentionsOld(rule.rule),
    }))
    compiled.set(schema, rules)
  }
  return rules
}

/** Whether there is a rule anywhere: without one, nothing has to be walked. */
export function hasRules(schema: JsonSchema | undefined): boolean {
  if (!schema) return false
  if (schema['x-kubernetes-validations']?.length) return true
  const { additionalProperties, properties = {} } = schema
  return (
    Object.values(properties).some(hasRules) ||
    hasRules(itemsOf(schema)) ||
    (typeof additionalProperties === 'object' && hasRules(additionalProperties))
  )
}

/** Names a place in an object and what stood there before. */
interface Place {
  path: FieldPath
  old: unknown
  root: boolean
}

/**
 * What an object breaks of the rules in its schema (kubernetes.io, "CustomResourceDefinitions: Validation rules"). Rules about `oldSelf` are asked
 * where there is an old value to compare with. What an update leaves as it was is not judged again.
 */
export function validateRules(value: unknown, schema: JsonSchema, old?: unknown): FieldError[] {
  return walk(value, schema, { path: fieldPath(), old, root: true })
}

function walk(value: unknown, schema: JsonSchema, at: Place): FieldError[] {
  if (value === undefined || value === null || !hasRules(schema)) return []
  const errors = ask(value, schema, at)
  if (Array.isArray(value)) {
    const items = itemsOf(schema)
    if (!items) return errors
    const before = correlate(schema, at.old)
    const list = value as unknown[]
    return [...errors, ...list.flatMap((item, i) => walk(item, items, inner(at.path.index(i), before(item))))]
  }
  if (!isFields(value)) return errors
  const old: Fields = isFields(at.old) ? at.old : {}
  for (const [name, part] of Object.entries(value)) {
    const property = propertyOf(schema, name)
    if (property) errors.push(...walk(part, property, inner(at.path.child(name), old[name])))
  }
  return errors
}

const inner = (path: FieldPath, old: unknown): Place => ({ path, old, root: false })

function ask(value: unknown, schema: JsonSchema, { path, old, root }: Place): FieldError[] {
  const rules = rulesOf(schema)
  if (rules.length === 0) return []
  const unchanged = old !== undefined && old !== null && equal(value, old)
  const self = celValue(value, schema, root)
  const before = old === undefined || old === null ? undefined : celValue(old, schema, root)
  return rules.flatMap((one) => {
    const optional = one.rule.optionalOldSelf === true
    if (one.transition ? before === undefined && !optional : unchanged) return []
    const bindings: Bindings = new Map<string, Value>([
      ['self', self],
      ...(optional
        ? [['oldSelf', new Optional(before)] as const]
        : before === undefined
          ? []
          : [['oldSelf', before] as const]),
    ])
    return judge(one, bindings, schema, path)
  })
}

function judge(
  { rule, program, message }: CompiledRule,
  bindings: Bindings,
  schema: JsonSchema,
  path: FieldPath,
): FieldError[] {
  const type = typeName(schema)
  try {
    if (program.evaluate(bindings) === true) return []
  } catch (error) {
    if (!(error instanceof CelError)) throw error
    const words = rule.message ? `rule: ${rule.message}` : `rule: ${rule.rule}`
    return [path.invalid(type, `${error.message} evaluating ${words}`)]
  }
  const words = messageFrom(message, bindings) ?? rule.message ?? `failed rule: ${rule.rule.trim()}`
  const at = (rule.fieldPath && placeOfRule(rule.fieldPath, schema, path)) || path
  return [because(rule.reason, at, type, words)]
}

/** A message that cannot be made, is empty or has line breaks does not count. */
function messageFrom(message: Program | undefined, bindings: Bindings): string | undefined {
  if (!message) return undefined
  try {
    const text = message.evaluate(bindings)
    return typeof text === 'string' && text.trim() !== '' && !text.includes('\n') ? text : undefined
  } catch (error) {
    if (error instanceof CelError) return undefined
    throw error
  }
}

const typeName = (schema: JsonSchema): string =>
  schema.type || (schema['x-kubernetes-int-or-string'] ? 'int-or-string' : 'object')

function because(reason: string | undefined, path: FieldPath, type: string, words: string): FieldError {
  switch (reason) {
    case 'FieldValueRequired':
      return path.required(words)
    case 'FieldValueForbidden':
      return path.forbidden(words)
    case 'FieldValueDuplicate':
      return path.duplicate(type)
    default:
      return path.invalid(type, words)
  }
}
