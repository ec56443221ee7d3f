import { CelSyntaxError } from './errors.ts'
import { libraryFunction } from './libraries.ts'
import { noOverload, operatorType } from './operator-types.ts'
import { parse, type Node } from './parser.ts'
import { callResult } from './signatures.ts'
import { agree, bool, dyn, int, listOf, simple, string, typeName, type CelType } from './types.ts'
import { Uint, type Value } from './values.ts'

/** What names stand for. */
export type Scope = ReadonlyMap<string, CelType>

const operators = new Set(['!', 'neg', '&&', '||', '==', '!=', '<', '<=', '>', '>=', 'in', '+', '-', '*', '/', '%'])

/**
 * Finds what cannot be right in an expression whose names are of known types: fields that are not there, operands and arguments that an
 * operator or a function does not take. Answers the type of the whole and the errors in the words and with the places that cel-go tells; what is not known passes.
 */
export function checkTypes(source: string, scope: Scope): Checked {
  const errors: string[] = []
  const types = new Map<Node, CelType>()
  const node = parse(source)
  const report = (at: number, words: string): CelType => {
    errors.push(new CelSyntaxError(source, at, words).message)
    return dyn
  }
  const type = typeOf(node, { scope, report, types })
  return { type, errors, node, types }
}

/** What is known of an expression before it is evaluated. */
export interface Checked {
  /** Of the whole. */
  type: CelType
  errors: string[]
  node: Node
  /** Of each part. */
  types: ReadonlyMap<Node, CelType>
}

interface Check {
  scope: Scope
  types: Map<Node, CelType>
  /** Notes an error; what comes of it may be anything. */
  report(at: number, words: string): CelType
}

function typeOf(node: Node, check: Check): CelType {
  const type = findType(node, check)
  check.types.set(node, type)
  return type
}

function findType(node: Node, check: Check): CelType {
  const visit = (one: Node): CelType => typeOf(one, check)
  switch (node.type) {
    case 'literal':
      return literalType(node.value)
    case 'ident':
      return check.scope.get(node.name) ?? dyn
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
      return { kind: 'object', name: node.name, field: () => dyn }
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
  const [first = dyn] = types
  return types.every((type) => type.kind === first.kind && agree(type, first)) ? first : dyn
}

function literalType(value: Value): CelType {
  if (value === null) return simple('null')
  switch (typeof value) {
    case 'string':
      return string
    case 'boolean':
      return bool
    case 'bigint':
      return int
    case 'number':
      return simple('double')
    default:
      return value instanceof Uint ? simple('uint') : value instanceof Uint8Array ? simple('bytes') : dyn
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
  return test ? bool : optional ? dyn : found
}

function fieldType(from: CelType, field: string): CelType | undefined {
  if (from.kind === 'object') return from.field(field)
  if (from.kind === 'map') return from.value
  return from.kind === 'dyn' ? dyn : undefined
}

function indexType({ of, index, optional, at }: Node & { type: 'index' }, check: Check): CelType {
  const from = typeOf(of, check)
  const by = typeOf(index, check)
  const found = itemType(from, by)
  if (!found) return check.report(at, noOverload('[]', [from, by]))
  return optional ? dyn : found
}

/** Of what stands at an index or a key of this type; undefined when nothing can. */
function itemType(from: CelType, by: CelType): CelType | undefined {
  if (from.kind === 'list') return agree(by, int) ? from.of : undefined
  if (from.kind === 'map') return agree(by, from.key) ? from.value : undefined
  return from.kind === 'dyn' ? dyn : undefined
}

function callType(node: Node & { type: 'call' }, check: Check): CelType {
  const { name, target, args, at } = node
  const types = args.map((arg) => typeOf(arg, check))
  if (name === '?:') {
    const [condition = dyn, yes = dyn, no = dyn] = types
    return agree(condition, bool) && agree(yes, no) ? common([yes, no]) : check.report(at, noOverload(name, types))
  }
  if (!target && operators.has(name)) return operatorType(name, types) ?? check.report(at, noOverload(name, types))
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
    names.map((name, i): [string, CelType] => [name, types[i] ?? dyn]),
  )
  const results = parts.map((part) => typeOf(part, inner))
  if (kind === 'filter') return from
  if (kind === 'optMap' || kind === 'optFlatMap' || kind === 'transformMapEntry') return dyn
  if (kind === 'transformMap') return { kind: 'map', key: types[0] ?? dyn, value: results.at(-1) ?? dyn }
  return kind === 'map' || kind === 'transformList' ? listOf(results.at(-1) ?? dyn) : bool
}

/** What the names of a macro stand for: an item of a list, or its index and the item; a key of a map, and its value. */
function loopNames(from: CelType, count: number): CelType[] {
  if (from.kind === 'list') return count > 1 ? [int, from.of] : [from.of]
  return from.kind === 'map' ? [from.key, from.value] : []
}
