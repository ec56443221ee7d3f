import { CelSyntaxError } from './errors.ts'
import { libraryFunction } from './libraries.ts'
import { noOverload, operatorType } from './operator-types.ts'
import { parse, type Node } from './parser.ts'
import { callResult } from './signatures.ts'
import { agree, BOOL, DYN, INT, listOf, simple, STRING, typeName, type CelType } from './types.ts'
import { Uint, type Value } from './values.ts'

/** What names stand for. */
export type Scope = ReadonlyMap<string, CelType>

const OPERATORS = new Set(['!', 'neg', '&&', '||', '==', '!=', '<', '<=', '>', '>=', 'in', '+', '-', '*', '/', '%'])

/**
 * Finds what cannot be right in an expression whose names are of known types: fields that are not there, operands and arguments that an
 * operator or a function does not take. Answers the type of the whole and the errors in the words and with the places that cel-go tells; what is not known passes.
 */
export function checkTypes(source: string, scope: Scope): { type: CelType; errors: string[] } {
  const errors: string[] = []
  const report = (at: number, words: string): CelType => {
    errors.push(new CelSyntaxError(source, at, words).message)
    return DYN
  }
  const type = typeOf(parse(source), { scope, report })
  return { type, errors }
}

interface Check {
  scope: Scope
  /** Notes an error; what comes of it may be anything. */
  report(at: number, words: string): CelType
}

function typeOf(node: Node, check: Check): CelType {
  const visit = (one: Node): CelType => typeOf(one, check)
  switch (node.type) {
    case 'literal':
      return literalType(node.value)
    case 'ident':
      return check.scope.get(node.name) ?? DYN
    case 'select':
      return selectType(node, check)
    case 'index':
      return indexType(node, check)
    case 'call':
      return callType(node, check)
    case 'list':
      return listOf(common(node.items.map(({ value }) => visit(value))))
    case 'map': {
      const types = node.entries.map(({ key, value }) => [visit(key), visit(value)] as const)
      return { kind: 'map', key: common(types.map(([key]) => key)), value: common(types.map(([, value]) => value)) }
    }
    case 'message':
      for (const { value } of node.fields) visit(value)
      // Fields of what is made are of the kind it is made for, which is not known here.
      return { kind: 'object', name: node.name, field: () => DYN }
    case 'bind':
      return typeOf(node.body, withNames(check, [[node.name, visit(node.value)]]))
    case 'loop':
      return loopType(node, check)
  }
}

const withNames = (check: Check, names: Array<[string, CelType]>): Check => ({
  ...check,
  scope: new Map([...check.scope, ...names]),
})

/** The type that all have, anything when they differ. */
function common(types: readonly CelType[]): CelType {
  const [first = DYN] = types
  return types.every((type) => type.kind === first.kind && agree(type, first)) ? first : DYN
}

function literalType(value: Value): CelType {
  if (value === null) return simple('null')
  switch (typeof value) {
    case 'string':
      return STRING
    case 'boolean':
      return BOOL
    case 'bigint':
      return INT
    case 'number':
      return simple('double')
    default:
      return value instanceof Uint ? simple('uint') : value instanceof Uint8Array ? simple('bytes') : DYN
  }
}

function selectType({ of, field, optional, test, at }: Node & { type: 'select' }, check: Check): CelType {
  const from = typeOf(of, check)
  const found = fieldType(from, field)
  if (found === undefined)
    return from.kind === 'object'
      ? check.report(at, `undefined field '${field}'`)
      : check.report(at, `type '${typeName(from)}' does not support field selection`)
  // An optional value is of a type of its own.
  return test ? BOOL : optional ? DYN : found
}

function fieldType(from: CelType, field: string): CelType | undefined {
  if (from.kind === 'object') return from.field(field)
  if (from.kind === 'map') return from.value
  return from.kind === 'dyn' ? DYN : undefined
}

function indexType({ of, index, optional, at }: Node & { type: 'index' }, check: Check): CelType {
  const from = typeOf(of, check)
  const by = typeOf(index, check)
  const found = itemType(from, by)
  if (!found) return check.report(at, noOverload('[]', [from, by]))
  return optional ? DYN : found
}

/** Of what stands at an index or a key of this type; undefined when nothing can. */
function itemType(from: CelType, by: CelType): CelType | undefined {
  if (from.kind === 'list') return agree(by, INT) ? from.of : undefined
  if (from.kind === 'map') return agree(by, from.key) ? from.value : undefined
  return from.kind === 'dyn' ? DYN : undefined
}

function callType(node: Node & { type: 'call' }, check: Check): CelType {
  const { name, target, args, at } = node
  const types = args.map((arg) => typeOf(arg, check))
  if (name === '?:') {
    const [condition = DYN, yes = DYN, no = DYN] = types
    return agree(condition, BOOL) && agree(yes, no) ? common([yes, no]) : check.report(at, noOverload(name, types))
  }
  if (!target && OPERATORS.has(name)) return operatorType(name, types) ?? check.report(at, noOverload(name, types))
  const library = libraryFunction(node, check.scope)
  const result = library
    ? callResult(library, undefined, types)
    : callResult(name, target && typeOf(target, check), types)
  return typeof result === 'string' ? check.report(at, result) : result
}

/** A macro answers a list (`filter`, `map`) or whether something holds of its items. */
function loopType({ kind, over, names, parts }: Node & { type: 'loop' }, check: Check): CelType {
  const from = typeOf(over, check)
  const types = loopNames(from, names.length)
  const inner = withNames(
    check,
    names.map((name, i): [string, CelType] => [name, types[i] ?? DYN]),
  )
  const results = parts.map((part) => typeOf(part, inner))
  if (kind === 'filter') return from
  if (kind === 'optMap' || kind === 'optFlatMap' || kind === 'transformMapEntry') return DYN
  if (kind === 'transformMap') return { kind: 'map', key: types[0] ?? DYN, value: results.at(-1) ?? DYN }
  return kind === 'map' || kind === 'transformList' ? listOf(results.at(-1) ?? DYN) : BOOL
}

/** What the names of a macro stand for: an item of a list, or its index and the item; a key of a map, and its value. */
function loopNames(from: CelType, count: number): CelType[] {
  if (from.kind === 'list') return count > 1 ? [INT, from.of] : [from.of]
  return from.kind === 'map' ? [from.key, from.value] : []
}
