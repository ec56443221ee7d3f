import { checkPatterns } from '../cel/check-patterns.ts'
import { checkTypes } from '../cel/check.ts'
import { escapeName } from '../cel/field-names.ts'
import { CelSyntaxError, compile } from '../cel/index.ts'
import { parse, type Node } from '../cel/parser.ts'
import type { FieldError } from '../errors.ts'
import type { FieldPath } from '../field-path.ts'
import { schemaType } from './cel-type.ts'
import { cardinalityWithin, costOf, SchemaCosts, timesAsked, type Cardinality } from './cel-cost.ts'
import { mentionsOld, validatePart } from './cel-rules.ts'
import { placeOfRule } from './rule-place.ts'
import { asResource, itemsOf, metaFields, type JsonSchema, type ValidationRule } from './types.ts'

const variables = ['self', 'oldSelf']
const reasons = ['FieldValueRequired', 'FieldValueForbidden', 'FieldValueInvalid', 'FieldValueDuplicate']

/**
 * What is wrong with the rules of a schema: they must compile, what they name must be there, and they may not cost too much.
 *
 * @param isStored whether the schema was accepted as it is before, so that no rule is too dear by itself any more. All of them together may be
 */
export function checkRules(schema: JsonSchema, path: FieldPath, { isStored = false } = {}): FieldError[] {
  const costs = new SchemaCosts({ isStored })
  const errors = walk(schema, path, { root: true, uncorrelatable: undefined, cardinality: 1, costs })
  return [...errors, ...costs.errors(path)]
}

/** What defaults break of the rules about them, all of which {@link checkRules} has found in order. */
export function checkDefaults(schema: JsonSchema, path: FieldPath): FieldError[] {
  const { properties = {} } = schema
  const errors = schema.default === undefined ? [] : validatePart(schema.default, schema, path.child('default'))
  for (const [name, property] of Object.entries(properties))
    errors.push(...checkDefaults(property, path.child('properties').key(name)))
  const items = itemsOf(schema)
  return items ? [...errors, ...checkDefaults(items, path.child('items'))] : errors
}

interface Level {
  root: boolean
  cardinality: Cardinality
  costs: SchemaCosts
  /** The list around the place whose items have no keys, so that no old value of the place can be found. */
  uncorrelatable: FieldPath | undefined
}

function walk(schema: JsonSchema, path: FieldPath, level: Level): FieldError[] {
  const { additionalProperties, properties = {}, 'x-kubernetes-validations': rules = [] } = schema
  const errors = rules.flatMap((rule, i) =>
    checkRule(rule, schema, path.child('x-kubernetes-validations').index(i), level),
  )
  const below = { ...level, root: false, cardinality: cardinalityWithin(level.cardinality, schema) }
  for (const [name, property] of Object.entries(properties))
    errors.push(...walk(property, path.child('properties').key(name), below))
  if (typeof additionalProperties === 'object')
    errors.push(...walk(additionalProperties, path.child('additionalProperties'), below))
  const items = itemsOf(schema)
  if (!items) return errors
  const keyed = schema['x-kubernetes-list-type'] === 'map'
  const uncorrelatable = level.uncorrelatable ?? (keyed ? undefined : path)
  return [...errors, ...walk(items, path.child('items'), { ...below, uncorrelatable })]
}

function checkRule(rule: ValidationRule, schema: JsonSchema, at: FieldPath, level: Level): FieldError[] {
  const errors: FieldError[] = []
  const text = rule.rule?.trim() ?? ''
  if (text === '') return [at.child('rule').required('rule is not specified')]
  errors.push(...messageErrors(rule, text, at))
  if (rule.reason !== undefined && !reasons.includes(rule.reason))
    errors.push(at.child('reason').notSupported(rule.reason, reasons.toSorted()))
  const place = { ...level, optionalOld: rule.optionalOldSelf === true }
  errors.push(...compileErrors(rule.rule, schema, place, at.child('rule'), 'rule'))
  if (rule.messageExpression?.trim())
    errors.push(
      ...compileErrors(rule.messageExpression, schema, place, at.child('messageExpression'), 'messageExpression'),
    )
  errors.push(...placeErrors(rule, schema, at), ...oldErrors(rule, at, level))
  return errors
}

/** Characters of a rule's own words at most. */
const LONGEST_MESSAGE = 2048

function messageErrors(
  { message = '', messageExpression = '' }: ValidationRule,
  rule: string,
  at: FieldPath,
): FieldError[] {
  const child = at.child('message')
  const said = message.trim()
  const errors: FieldError[] = []
  if (message !== '' && said === '') errors.push(child.invalid(message, 'message must be non-empty if specified'))
  else if (message.length > LONGEST_MESSAGE)
    errors.push(child.invalid(`${message.slice(0, 10)}...`, 'message must have a maximum length of 2048 characters'))
  else if (/[\n\r]/.test(said)) errors.push(child.invalid(message, 'message must not contain line breaks'))
  else if (/[\n\r]/.test(rule) && said === '')
    errors.push(child.required('message must be specified if rule contains line breaks'))
  if (messageExpression !== '' && messageExpression.trim() === '')
    errors.push(at.child('messageExpression').required('messageExpression must be non-empty if specified'))
  return errors
}

function placeErrors({ fieldPath: place }: ValidationRule, schema: JsonSchema, at: FieldPath): FieldError[] {
  if (!place) return []
  const child = at.child('fieldPath')
  const faults = [
    ...(place.trim() === '' ? ['fieldPath must be non-empty if specified'] : []),
    ...(/[\n\r]/.test(place) ? ['fieldPath must not contain line breaks'] : []),
    ...(placeOfRule(place, schema, at) ? [] : ['fieldPath must be a valid path']),
  ]
  return faults.map((words) => child.invalid(place, words))
}

/** A rule may look back only where there is something to find, and is told how only when it does. */
function oldErrors({ rule, optionalOldSelf }: ValidationRule, at: FieldPath, { uncorrelatable }: Level): FieldError[] {
  if (!mentionsOld(rule))
    return optionalOldSelf === undefined
      ? []
      : [at.child('optionalOldSelf').invalid(optionalOldSelf, 'may not be set if oldSelf is not used in rule')]
  if (!uncorrelatable) return []
  const words = `oldSelf cannot be used on the uncorrelatable portion of the schema within ${uncorrelatable.toString()}`
  return [at.child('rule').invalid(rule, words)]
}

/** What the expressions of a rule come to. */
const wanted = { rule: 'bool', messageExpression: 'string' } as const

function compileErrors(
  text: string,
  schema: JsonSchema,
  { root, cardinality, costs, optionalOld }: Level & { optionalOld: boolean },
  at: FieldPath,
  what: keyof typeof wanted,
): FieldError[] {
  try {
    compile(text, variables)
    const self = root ? asObject(schema) : schema
    follow(parse(text), new Map(variables.map((name) => [name, self])), text)
    const known = schemaType(self, 'object')
    // The old value of an optional rule may not be there, and is asked for in other ways.
    const names = optionalOld ? ['self'] : variables
    const checked = checkTypes(text, new Map(names.map((name) => [name, known])))
    const { type, errors } = checked
    if (errors.length > 0) return [at.invalid(text, `compilation failed: ${errors.join('\n')}`)]
    checkPatterns(checked.node, text)
    if (type.kind !== 'dyn' && type.kind !== wanted[what])
      return [at.invalid(text, `cel expression must evaluate to a ${wanted[what]}`)]
    // Upstream takes a message to be made once.
    const times = what === 'rule' ? timesAsked(cardinality, schema) : 1
    return costs.add(at, costOf(checked, root ? asResource(schema) : schema) * times, what)
  } catch (error) {
    if (!(error instanceof CelSyntaxError)) throw error
    return [at.invalid(text, error.refusal)]
  }
}

/** What names stand for, where it is known. */
type Scope = ReadonlyMap<string, JsonSchema | undefined>

/** Follows `self.a.b` through the schema; throws {@link CelSyntaxError} for a field that is not there. Answers the schema at a node, if it is known. */
function follow(node: Node, scope: Scope, text: string): JsonSchema | undefined {
  const visit = (one: Node): JsonSchema | undefined => follow(one, scope, text)
  switch (node.type) {
    case 'ident':
      return scope.get(node.name)
    case 'select':
      return fieldOf(visit(node.of), node.field, text)
    case 'index':
      visit(node.index)
      return elementOf(visit(node.of))
    case 'call':
      for (const one of [...(node.target ? [node.target] : []), ...node.args]) visit(one)
      return undefined
    case 'list':
      for (const { value } of node.items) visit(value)
      return undefined
    case 'map':
      for (const { key, value } of node.entries) [key, value].forEach(visit)
      return undefined
    case 'loop':
      return loop(node, scope, text)
    case 'bind':
      return follow(node.body, new Map([...scope, [node.name, visit(node.value)]]), text)
    default:
      return undefined
  }
}

const elementOf = (schema: JsonSchema | undefined): JsonSchema | undefined =>
  schema &&
  (itemsOf(schema) ?? (typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined))

function loop(node: Node & { type: 'loop' }, scope: Scope, text: string): undefined {
  const over = follow(node.over, scope, text)
  const isList = over?.type === 'array'
  // One name is the item of a list, or the key of a map; of two the second is the value.
  const [first, second] = node.names
  const names = new Map([...scope, [first!, isList && !second ? elementOf(over) : undefined]])
  if (second) names.set(second, elementOf(over))
  for (const part of node.parts) follow(part, names, text)
}

const nameSchema: JsonSchema = { type: 'string' }
const meta: Record<string, JsonSchema> = {
  apiVersion: nameSchema,
  kind: nameSchema,
  metadata: { type: 'object', properties: { name: nameSchema, generateName: nameSchema } },
}

const asObject = (schema: JsonSchema): JsonSchema => ({ ...schema, properties: { ...schema.properties, ...meta } })

function fieldOf(from: JsonSchema | undefined, field: string, text: string): JsonSchema | undefined {
  if (from?.type !== 'object') return undefined
  if (typeof from.additionalProperties === 'object') return from.additionalProperties
  const embedded = from['x-kubernetes-embedded-resource'] ? asObject(from) : from
  if (from['x-kubernetes-embedded-resource'] && metaFields.has(field)) return embedded.properties?.[field]
  const found = Object.entries(from.properties ?? {}).find(([name]) => escapeName(name) === field)
  if (found) return found[1]
  const at = Math.max(text.search(new RegExp(`\\.\\s*\\??${field}\\b`)), 0)
  throw new CelSyntaxError(text, at, `undefined field '${field}'`)
}
