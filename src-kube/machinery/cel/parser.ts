import { ownValue } from '../own-value.ts'
import { CelSyntaxError } from './errors.ts'
import { tokenize, type Token } from './lexer.ts'
import { bytesOf, Uint, type Value } from './values.ts'

/** An expression as a tree. */
export type Node =
  /** `at`: of a string, whose words may be judged before they are used. */
  | { type: 'literal'; value: Value; at?: number }
  | { type: 'ident'; name: string; at: number }
  | { type: 'select'; of: Node; field: string; optional: boolean; test: boolean; at: number }
  | { type: 'index'; of: Node; index: Node; optional: boolean; at: number }
  | { type: 'call'; name: string; target: Node | undefined; args: Node[]; at: number }
  /** `constant`: of a list of nothing but literals. */
  | { type: 'list'; items: Array<{ value: Node; optional: boolean }>; constant?: readonly Value[] }
  | { type: 'map'; entries: Array<{ key: Node; value: Node; optional: boolean }> }
  /** `Name{field: value}`: a message, here an object. */
  | { type: 'message'; name: string; fields: Array<{ name: string; value: Node; optional: boolean }> }
  | { type: 'loop'; kind: LoopKind; over: Node; names: string[]; parts: Node[] }
  | { type: 'bind'; name: string; value: Node; body: Node }

/** Macros that go over a list, a map or an optional. */
export type LoopKind =
  | 'all'
  | 'exists'
  | 'exists_one'
  | 'map'
  | 'filter'
  | 'transformList'
  | 'transformMap'
  | 'transformMapEntry'
  | 'optMap'
  | 'optFlatMap'

const loops: Record<string, LoopKind | undefined> = {
  all: 'all',
  exists: 'exists',
  exists_one: 'exists_one',
  existsOne: 'exists_one',
  map: 'map',
  filter: 'filter',
  transformList: 'transformList',
  transformMap: 'transformMap',
  transformMapEntry: 'transformMapEntry',
  optMap: 'optMap',
  optFlatMap: 'optFlatMap',
}
/** Macros that have two names and may leave entries out. */
const transformKinds: readonly LoopKind[] = ['transformList', 'transformMap', 'transformMapEntry']
/** Operators by how tightly they bind, the loosest first. */
const levels: readonly string[][] = [
  ['||'],
  ['&&'],
  ['<', '<=', '>=', '>', '==', '!=', 'in'],
  ['+', '-'],
  ['*', '/', '%'],
]
const reserved = new Set(
  'as break const continue else for function if import let loop package namespace return var void while'.split(' '),
)
/** Parts within parts of an expression at most, as cel-go has it. */
const DEEPEST = 250

/** Parses an expression. Throws {@link CelSyntaxError}. */
export function parse(source: string): Node {
  return new Parser(source).whole()
}

class Parser {
  readonly #source: string
  readonly #tokens: Token[]
  #at = 0
  #depth = 0

  constructor(source: string) {
    this.#source = source
    this.#tokens = tokenize(source)
  }

  whole(): Node {
    const node = this.#expression()
    if (this.#now.kind !== 'end') this.#unexpected()
    return node
  }

  get #now(): Token {
    return this.#tokens[this.#at]!
  }

  #is(text: string): boolean {
    const { kind, text: now } = this.#now
    return now === text && (kind === 'symbol' || kind === 'ident')
  }

  #take(text: string): boolean {
    if (!this.#is(text)) return false
    this.#at++
    return true
  }

  #expect(text: string): void {
    if (!this.#take(text)) this.#unexpected(text)
  }

  #unexpected(wanted?: string): never {
    const { text, at } = this.#now
    const words = wanted ? `mismatched input '${text}' expecting '${wanted}'` : `mismatched input '${text}'`
    throw new CelSyntaxError(this.#source, at, `Syntax error: ${words}`)
  }

  #expression(): Node {
    if (++this.#depth > DEEPEST)
      throw new CelSyntaxError(this.#source, this.#now.at, `expression recursion limit exceeded: ${DEEPEST}`)
    const { at } = this.#now
    const condition = this.#binary(0)
    this.#depth--
    if (!this.#take('?')) return condition
    const yes = this.#binary(0)
    this.#expect(':')
    return { type: 'call', name: '?:', target: undefined, args: [condition, yes, this.#expression()], at }
  }

  #binary(level: number): Node {
    const operators = levels[level]
    if (!operators) return this.#unary()
    let left = this.#binary(level + 1)
    for (;;) {
      const { text, at } = this.#now
      if (!operators.includes(text) || !this.#take(text)) return left
      left = { type: 'call', name: text, target: undefined, args: [left, this.#binary(level + 1)], at }
    }
  }

  #unary(): Node {
    const { at, text } = this.#now
    if (text === '-' && this.#take('-')) {
      const next = this.#now
      if ((next.kind === 'int' || next.kind === 'double') && ++this.#at)
        return this.#members(literal({ ...next, text: `-${next.text}` }))
      return { type: 'call', name: 'neg', target: undefined, args: [this.#unary()], at }
    }
    if (text === '!' && this.#take('!'))
      return { type: 'call', name: '!', target: undefined, args: [this.#unary()], at }
    return this.#members(this.#primary())
  }

  #members(start: Node): Node {
    let node = start
    for (;;) {
      const { at } = this.#now
      if (this.#take('.?')) node = { type: 'select', of: node, field: this.#name(), optional: true, test: false, at }
      else if (this.#take('.')) node = this.#member(node, at)
      else if (this.#is('[') || this.#is('[?')) {
        const optional = this.#now.text === '[?'
        this.#at++
        const index = this.#expression()
        this.#expect(']')
        node = { type: 'index', of: node, index, optional, at }
      } else if (this.#is('{') && messageName(node)) node = this.#message(messageName(node)!)
      else return node
    }
  }

  #member(of: Node, at: number): Node {
    const name = this.#name()
    const call = this.#now.at
    if (!this.#take('(')) return { type: 'select', of, field: name, optional: false, test: false, at }
    const args = this.#arguments(')')
    if (of.type === 'ident' && of.name === 'cel' && name === 'bind') return this.#bind(args)
    const loop = ownValue(loops, name)
    return loop ? this.#loop(loop, of, args) : { type: 'call', name, target: of, args, at: call }
  }

  #bind([name, value, body]: Node[]): Node {
    if (name?.type !== 'ident' || !value || !body) return this.#unexpected()
    return { type: 'bind', name: name.name, value, body }
  }

  #loop(kind: LoopKind, over: Node, args: Node[]): Node {
    const transforms = transformKinds.includes(kind)
    const most = kind === 'map' ? 3 : 2
    // Two names stand for the index or key and the value, where the macro has them.
    const pair = transforms || ((kind === 'all' || kind === 'exists' || kind === 'exists_one') && args.length === 3)
    const names = args.slice(0, pair ? 2 : 1)
    const fits = transforms ? args.length === 3 || args.length === 4 : args.length >= 2 && (args.length <= most || pair)
    if (!fits || names.some((one) => one.type !== 'ident')) this.#unexpected()
    return {
      type: 'loop',
      kind,
      over,
      names: names.map((one) => (one as { name: string }).name),
      parts: args.slice(names.length),
    }
  }

  #name(): string {
    const { kind, text } = this.#now
    if (kind !== 'ident') this.#unexpected('IDENTIFIER')
    this.#at++
    return text
  }

  #arguments(end: string): Node[] {
    const list: Node[] = []
    while (!this.#take(end)) {
      list.push(this.#expression())
      if (!this.#is(end)) this.#expect(',')
    }
    return list
  }

  #primary(): Node {
    const token = this.#now
    if (token.kind !== 'symbol' && token.kind !== 'ident' && token.kind !== 'end') {
      this.#at++
      return literal(token)
    }
    if (this.#take('(')) {
      const node = this.#expression()
      this.#expect(')')
      return node
    }
    if (this.#is('[') || this.#is('[?')) return this.#list()
    if (this.#take('{')) return this.#map()
    this.#take('.')
    return this.#identifier()
  }

  #identifier(): Node {
    const { at } = this.#now
    const name = this.#name()
    if (name === 'true' || name === 'false') return { type: 'literal', value: name === 'true' }
    if (name === 'null') return { type: 'literal', value: null }
    if (reserved.has(name)) throw new CelSyntaxError(this.#source, at, `reserved identifier: ${name}`)
    const call = this.#now.at
    if (!this.#take('(')) return { type: 'ident', name, at }
    const first = this.#now.at
    const args = this.#arguments(')')
    if (name !== 'has') return { type: 'call', name, target: undefined, args, at: call }
    const [field] = args
    if (args.length !== 1 || field?.type !== 'select')
      throw new CelSyntaxError(this.#source, first, 'invalid argument to has() macro')
    return { ...field, test: true }
  }

  #list(): Node {
    const items: Array<{ value: Node; optional: boolean }> = []
    // `[?` is one token.
    let first = this.#now.text === '[?'
    this.#at++
    while (!this.#take(']')) {
      const optional = this.#take('?') || first
      first = false
      items.push({ value: this.#expression(), optional })
      if (!this.#is(']')) this.#expect(',')
    }
    const literals = items.flatMap(({ value, optional }) =>
      value.type === 'literal' && !optional ? [value.value] : [],
    )
    return literals.length === items.length ? { type: 'list', items, constant: literals } : { type: 'list', items }
  }

  #map(): Node {
    const entries: Array<{ key: Node; value: Node; optional: boolean }> = []
    while (!this.#take('}')) {
      const optional = this.#take('?')
      const key = this.#expression()
      this.#expect(':')
      entries.push({ key, value: this.#expression(), optional })
      if (!this.#is('}')) this.#expect(',')
    }
    return { type: 'map', entries }
  }

  #message(name: string): Node {
    this.#expect('{')
    const fields: Array<{ name: string; value: Node; optional: boolean }> = []
    while (!this.#take('}')) {
      const optional = this.#take('?')
      const field = this.#name()
      this.#expect(':')
      fields.push({ name: field, value: this.#expression(), optional })
      if (!this.#is('}')) this.#expect(',')
    }
    return { type: 'message', name, fields }
  }
}

/** `Object.spec`: names of messages begin with a capital letter; undefined for what is none. */
function messageName(node: Node): string | undefined {
  if (node.type === 'ident') return /^[A-Z]/.test(node.name) ? node.name : undefined
  if (node.type !== 'select' || node.test || node.optional) return undefined
  const before = messageName(node.of)
  return before && `${before}.${node.field}`
}

function literal({ kind, text, at }: Token): Node {
  switch (kind) {
    case 'int':
      return { type: 'literal', value: text.startsWith('-') ? -BigInt(text.slice(1)) : BigInt(text) }
    case 'uint':
      return { type: 'literal', value: new Uint(BigInt(text.slice(0, -1))) }
    case 'double':
      return { type: 'literal', value: Number(text) }
    case 'bytes':
      return { type: 'literal', value: bytesOf(text) }
    default:
      return { type: 'literal', value: text, at }
  }
}
