import {
  Budget,
  BudgetError,
  CelError,
  compile,
  CostError,
  Optional,
  type Bindings,
  type Program,
  type Value,
} from '../cel/index.ts'
import type { FieldError } from '../errors.ts'
import { fieldPath, type FieldPath } from '../field-path.ts'
import { equal } from '../fields-v1/owned.ts'
import { celValue } from './cel-values.ts'
import { correlate } from './correlate.ts'
import { placeOfRule } from './rule-place.ts'
import {
  hasOwnProperty,
  isFields,
  itemsOf,
  propertyOf,
  type Fields,
  type JsonSchema,
  type ValidationRule,
} from './types.ts'

const variables = ['self', 'oldSelf']

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
      program: compile(rule.rule, variables),
      message: rule.messageExpression ? compile(rule.messageExpression, variables) : undefined,
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
  /** Whether an update left the place as it was; of what has no old value of its own, the nearest place around it that has one. */
  isSame: () => boolean
}

/** What an update leaves as it was is told to this, in the words of an error: it was accepted once. */
type Warn = (message: string) => void

/** What is the same for all rules of an object. */
interface Asking {
  warn: Warn | undefined
  budget: Budget
}

/**
 * What an object breaks of the rules in its schema (kubernetes.io, "CustomResourceDefinitions: Validation rules"). Rules about `oldSelf` are asked
 * where there is an old value to compare with. What an update leaves as it was is no error (KEP-4008), but worth a warning. Once a rule takes more than
 * it may, or all of them together do, no more are asked ("Resource use by validation functions").
 */
export function validateRules(value: unknown, schema: JsonSchema, old?: unknown, warn?: Warn): FieldError[] {
  const isSame = once(() => isThere(old) && equal(value, old))
  return walk(value, schema, { path: fieldPath(), old, root: true, isSame }, { warn, budget: new Budget() })
}

/** As {@link validateRules}, of a value that stands at this path of an object, where nothing was before. */
export const validatePart = (value: unknown, schema: JsonSchema, path: FieldPath): FieldError[] =>
  walk(
    value,
    schema,
    { path, old: undefined, root: false, isSame: () => false },
    { warn: undefined, budget: new Budget() },
  )

function walk(value: unknown, schema: JsonSchema, at: Place, asking: Asking): FieldError[] {
  if (!isThere(value) || asking.budget.isSpent || !hasRules(schema)) return []
  const errors = ask(value, schema, at, asking)
  if (Array.isArray(value)) {
    const items = itemsOf(schema)
    if (!items) return errors
    const before = correlate(schema, at.old)
    const list = value as unknown[]
    return [
      ...errors,
      ...list.flatMap((item, i) => walk(item, items, inner(at, at.path.index(i), item, before(item)), asking)),
    ]
  }
  if (!isFields(value)) return errors
  const old: Fields = isFields(at.old) ? at.old : {}
  for (const [name, part] of Object.entries(value)) {
    const property = propertyOf(schema, name)
    const path = hasOwnProperty(schema, name) ? at.path.child(name) : at.path.key(name)
    if (property) errors.push(...walk(part, property, inner(at, path, part, old[name]), asking))
  }
  return errors
}

const isThere = (value: unknown): boolean => value !== undefined && value !== null

const inner = (around: Place, path: FieldPath, value: unknown, old: unknown): Place => ({
  path,
  old,
  root: false,
  isSame: once(() => around.isSame() || (isThere(old) && equal(value, old))),
})

function once(compute: () => boolean): () => boolean {
  let known: boolean | undefined
  return () => (known ??= compute())
}

function ask(value: unknown, schema: JsonSchema, place: Place, { warn, budget }: Asking): FieldError[] {
  const rules = rulesOf(schema)
  if (rules.length === 0) return []
  const { path, old, root } = place
  const self = celValue(value, schema, root)
  const before = isThere(old) ? celValue(old, schema, root) : undefined
  return rules.flatMap((one) => {
    const optional = one.rule.optionalOldSelf === true
    const settled = !one.transition && place.isSame()
    if (budget.isSpent) return []
    if (one.transition ? before === undefined && !optional : settled && !warn) return []
    const bindings: Bindings = new Map<string, Value>([
      ['self', self],
      ...(optional
        ? [['oldSelf', new Optional(before)] as const]
        : before === undefined
          ? []
          : [['oldSelf', before] as const]),
    ])
    const errors = judge(one, bindings, value, schema, path, budget)
    if (!settled || budget.isSpent) return errors
    for (const { field, message } of errors) warn?.(`${field}: ${message}`)
    return []
  })
}

function judge(
  { rule, program, message }: CompiledRule,
  bindings: Bindings,
  value: unknown,
  schema: JsonSchema,
  path: FieldPath,
  budget: Budget,
): FieldError[] {
  const own = rule.message?.trim()
  const at = (rule.fieldPath && placeOfRule(rule.fieldPath, schema, path)) || path
  let words: string
  try {
    if (program.evaluate(bindings, budget) === true) return []
    words = messageFrom(message, rule, bindings, budget) ?? (own || `failed rule: ${rule.rule.trim()}`)
  } catch (error) {
    if (error instanceof MessageCostError) return [at.invalid(schema.type ?? '', error.message)]
    if (!(error instanceof CelError)) throw error
    if (error instanceof CostError) budget.end()
    return [path.invalid(schema.type ?? '', failed(error, own || rule.rule.trim()))]
  }
  return [because(rule.reason, at, schema.type === 'object' || schema.type === 'array' ? undefined : value, words)]
}

/** Why a rule has no answer. */
function failed(error: CelError, rule: string): string {
  const { message: why } = error
  if (error instanceof BudgetError) return why
  if (error instanceof CostError)
    return `'${why}': no further validation rules will be run due to call cost exceeds limit for rule: ${rule}`
  return why.startsWith('no such overload')
    ? `'${why}': call arguments did not match a supported operator, function or macro signature for rule: ${rule}`
    : `${why} evaluating rule: ${rule}`
}

/** A message takes more than it may: there is none, and no more rules are asked. */
class MessageCostError extends CostError {
  override readonly name = 'MessageCostError'
}

/** Characters that the words of a message expression may have. */
const LONGEST_WORDS = 5 * 1024

/** A message that cannot be made, is empty, has line breaks or no end does not count. Throws {@link MessageCostError} for one that takes too much. */
function messageFrom(
  message: Program | undefined,
  { messageExpression = '' }: ValidationRule,
  bindings: Bindings,
  budget: Budget,
): string | undefined {
  if (!message) return undefined
  try {
    const made = message.evaluate(bindings, budget)
    const text = typeof made === 'string' ? made.trim() : ''
    return text !== '' && text.length <= LONGEST_WORDS && !text.includes('\n') ? text : undefined
  } catch (error) {
    if (error instanceof CostError) throw tooDear(error, messageExpression, budget)
    if (error instanceof CelError) return undefined
    throw error
  }
}

function tooDear(error: CostError, expression: string, budget: Budget): MessageCostError {
  budget.end()
  const words =
    error instanceof BudgetError
      ? 'messageExpression evaluation failed due to running out of cost budget, no further validation rules will be run'
      : `no further validation rules will be run due to call cost exceeds limit for messageExpression: ${JSON.stringify(expression)}`
  return new MessageCostError(words, { cause: error })
}

/** @param value undefined for objects and lists, which no error shows. */
function because(reason: string | undefined, path: FieldPath, value: unknown, words: string): FieldError {
  switch (reason) {
    case 'FieldValueRequired':
      return path.required(words)
    case 'FieldValueForbidden':
      return path.forbidden(words)
    case 'FieldValueDuplicate':
      return value === undefined ? path.duplicateWithoutValue() : path.duplicate(value)
    default:
      return value === undefined ? path.invalidWithoutValue(words) : path.invalid(value, words)
  }
}
