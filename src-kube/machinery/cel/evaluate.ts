import { isTransform, mapOf, onOptional, transformed } from './comprehensions.ts'
import type { Budget } from './cost/budget.ts'
import { callCost } from './cost/call-cost.ts'
import { PER_CALL } from './cost/limits.ts'
import { LIST, macros, MAP, MESSAGE, STEP } from './cost/units.ts'
import { CelError, CostError } from './errors.ts'
import { callFunction, isFunction } from './functions.ts'
import { applyOperator } from './operators.ts'
import type { Node } from './parser.ts'
import {
  DefaultingMap,
  entriesOf,
  equal,
  fromJson,
  isFields,
  isList,
  noOverload,
  numeric,
  Opaque,
  Optional,
  Type,
  typeOf,
  type Value,
} from './values.ts'

/** Names of an expression and their values. A value may be made at its first use: variables of a policy depend on each other. */
export type Bindings = ReadonlyMap<string, Value | (() => Value)>

const types = new Map(
  ['int', 'uint', 'double', 'bool', 'string', 'bytes', 'list', 'map', 'null_type', 'type'].map((name) => [
    name,
    new Type(name),
  ]),
)

/**
 * Evaluates a tree. Throws {@link CelError}, as {@link CostError} what takes more than one evaluation may. What it took is taken from the budget, unless
 * something else than an error of the expression ended it, after which it is tried again.
 */
export function evaluate(node: Node, bindings: Bindings, budget?: Budget): Value {
  const evaluation = new Evaluation()
  let value: Value
  try {
    value = evaluation.of(node, bindings)
  } catch (error) {
    if (error instanceof CelError) budget?.spend(evaluation.cost)
    throw error
  }
  budget?.spend(evaluation.cost)
  return value
}

class Evaluation {
  cost = 0

  #spend(cost: number): void {
    if ((this.cost += cost) > PER_CALL) throw new CostError('operation cancelled: actual cost limit exceeded')
  }

  of(node: Node, scope: Bindings): Value {
    switch (node.type) {
      case 'literal':
        return node.value
      case 'ident':
        this.#spend(STEP)
        return lookUp(node.name, scope)
      case 'select':
        return this.#select(node, scope)
      case 'index':
        return this.#index(node, scope)
      case 'call':
        return this.#call(node, scope)
      case 'list':
        return this.#list(node, scope)
      case 'map':
        return this.#map(node, scope)
      case 'message':
        return this.#message(node, scope)
      case 'bind':
        return this.of(node.body, new Map(scope).set(node.name, this.of(node.value, scope)))
      case 'loop':
        return this.#loop(node, scope)
    }
  }

  #select({ of, field, optional, test }: Node & { type: 'select' }, scope: Bindings): Value {
    const from = this.of(of, scope)
    const soft = optional || from instanceof Optional
    const target = from instanceof Optional ? from.value : from
    const found = target === undefined ? undefined : fieldOf(target, field)
    // To look whether something is there is free.
    if (test) return found !== undefined
    this.#spend(STEP)
    if (soft) return new Optional(found)
    if (found === undefined) throw new CelError(`no such key: ${field}`)
    return found
  }

  #index({ of, index, optional }: Node & { type: 'index' }, scope: Bindings): Value {
    const from = this.of(of, scope)
    const at = this.of(index, scope)
    this.#spend(STEP)
    const target = from instanceof Optional ? from.value : from
    const found = target === undefined ? undefined : elementOf(target, at)
    if (optional || from instanceof Optional) return new Optional(found)
    if (found === undefined)
      throw new CelError(isList(from) ? `index out of bounds: ${String(numeric(at))}` : `no such key: ${keyText(at)}`)
    return found
  }

  #call({ name, target, args }: Node & { type: 'call' }, scope: Bindings): Value {
    if (name === '&&' || name === '||') return this.#logic(name, args as [Node, Node], scope)
    if (name === '?:') {
      const condition = this.of(args[0]!, scope)
      if (typeof condition !== 'boolean') throw noOverload('_?_:_', [condition])
      return this.of(args[condition ? 1 : 2]!, scope)
    }
    const values = args.map((one) => this.of(one, scope))
    if (!target) {
      // To look into a list of literals is free: it is known before.
      if (name !== 'in' || !isConstant(args[1]!)) this.#spend(callCost(name, values))
      return applyOperator(name, values) ?? callFunction(name, values)
    }
    const global = target.type === 'ident' && !scope.has(target.name) ? `${target.name}.${name}` : ''
    if (global === 'optional.none') return new Optional(undefined)
    if (isFunction(global)) return this.#function(global, values)
    return this.#function(name, [this.of(target, scope), ...values])
  }

  #function(name: string, values: Value[]): Value {
    this.#spend(callCost(name, values))
    return callFunction(name, values)
  }

  /** Either side alone may decide: an error of the other is then none. */
  #logic(name: '&&' | '||', [left, right]: [Node, Node], scope: Bindings): boolean {
    const decides = name === '||'
    let failure: CelError | undefined
    for (const side of [left, right]) {
      try {
        const value = this.of(side, scope)
        if (typeof value !== 'boolean') throw noOverload(name, [value])
        if (value === decides) return decides
      } catch (error) {
        if (!(error instanceof CelError) || error instanceof CostError) throw error
        failure ??= error
      }
    }
    if (failure) throw failure
    return !decides
  }

  #list({ items, constant }: Node & { type: 'list' }, scope: Bindings): Value {
    if (constant) return constant
    this.#spend(LIST)
    return items.flatMap(({ value, optional }) => {
      const made = this.of(value, scope)
      if (!optional) return [made]
      const inner = (made as Optional).value
      return inner === undefined ? [] : [inner]
    })
  }

  #map({ entries }: Node & { type: 'map' }, scope: Bindings): Value {
    this.#spend(MAP)
    const made = new Map<Value, Value>()
    for (const { key, value, optional } of entries) {
      const name = this.of(key, scope)
      const one = this.of(value, scope)
      const inner = optional ? (one as Optional).value : one
      if (inner !== undefined) made.set(name, inner)
    }
    return mapOf(made)
  }

  #message({ fields }: Node & { type: 'message' }, scope: Bindings): Value {
    this.#spend(MESSAGE)
    const made: Record<string, Value> = {}
    for (const { name, value, optional } of fields) {
      const one = this.of(value, scope)
      const inner = optional ? (one as Optional).value : one
      if (inner !== undefined) made[name] = inner
    }
    return made
  }

  #loop(node: Node & { type: 'loop' }, scope: Bindings): Value {
    const { kind, names, parts } = node
    const over = this.of(node.over, scope)
    if (kind === 'optMap' || kind === 'optFlatMap') {
      if (!(over instanceof Optional)) throw noOverload(kind, [over])
      return onOptional(kind, over, (value) => this.of(parts[0]!, new Map(scope).set(names[0]!, value)))
    }
    const list = isList(over) ? over.map((value, i): [Value, Value] => [BigInt(i), fromJson(value)]) : entriesOf(over)
    if (!list) throw noOverload(kind, [over])
    const { entry: perEntry, once } = macros[kind]
    this.#spend(once)
    const inner = ([key, value]: [Value, Value]): Bindings => {
      this.#spend(kind === 'filter' ? STEP : perEntry)
      const bound = new Map(scope)
      // One name is the element of a list, the key of a map; two are index or key, and value.
      if (names.length === 2) return bound.set(names[0]!, key).set(names[1]!, value)
      return bound.set(names[0]!, isList(over) ? value : key)
    }
    if (isTransform(kind))
      return transformed(kind, list, (entry) => {
        const bound = inner([...entry])
        return parts.length === 2 && this.of(parts[0]!, bound) !== true ? undefined : this.of(parts.at(-1)!, bound)
      })
    if (kind === 'map' || kind === 'filter') return this.#collected(node, list, inner)
    return this.#judged(kind, list, (entry) => this.of(parts[0]!, inner(entry)))
  }

  #collected(
    { kind, parts }: Node & { type: 'loop' },
    list: Array<[Value, Value]>,
    inner: (entry: [Value, Value]) => Bindings,
  ): Value {
    return list.flatMap((entry) => {
      const scope = inner(entry)
      const chosen = kind === 'filter' || parts.length === 2 ? this.of(parts[0]!, scope) : true
      if (chosen !== true) return []
      if (kind === 'filter') this.#spend(macros.filter.entry - STEP)
      return [kind === 'filter' ? [...scope.values()].at(-1)! : this.of(parts.at(-1)!, scope)] as Value[]
    })
  }

  #judged(kind: string, list: Array<[Value, Value]>, judge: (entry: [Value, Value]) => Value): boolean {
    let count = 0
    let failure: CelError | undefined
    for (const entry of list) {
      try {
        const value = judge(entry)
        if (typeof value !== 'boolean') throw noOverload(kind, [value])
        if (value) count++
        if (kind === 'all' && !value) return false
        if (kind === 'exists' && value) return true
      } catch (error) {
        if (!(error instanceof CelError) || error instanceof CostError || kind === 'exists_one') throw error
        failure ??= error
      }
    }
    if (failure) throw failure
    return kind === 'exists_one' ? count === 1 : kind === 'all'
  }
}

function lookUp(name: string, scope: Bindings): Value {
  const found = scope.get(name)
  if (found === undefined) {
    const type = types.get(name)
    if (type) return type
    throw new CelError(`undeclared reference to '${name}'`)
  }
  return fromJson(typeof found === 'function' ? found() : found)
}

function fieldOf(target: Value, field: string): Value | undefined {
  if (target instanceof Map) return elementOf(target, field)
  if (target instanceof Opaque) {
    const own = target.field(field)
    if (own !== undefined) return own
  }
  if (!isFields(target)) throw noOverload(`select ${field}`, [target])
  const value = Object.hasOwn(target, field) ? target[field] : undefined
  if (value === undefined) return undefined
  return typeof value === 'function' ? (value as () => Value)() : fromJson(value)
}

function elementOf(target: Value, at: Value): Value | undefined {
  if (isList(target)) {
    const index = numeric(at)
    if (index === undefined || !Number.isInteger(Number(index))) throw noOverload('_[_]', [target, at])
    const found = target[Number(index)]
    return found === undefined ? undefined : fromJson(found)
  }
  if (target instanceof Map) {
    const found = [...(target as ReadonlyMap<Value, Value>)].find(([key]) => equal(key, at))?.[1]
    return found ?? (target instanceof DefaultingMap ? target.missing : undefined)
  }
  if (isFields(target)) return typeof at === 'string' ? fieldOf(target, at) : undefined
  throw noOverload('_[_]', [target, at])
}

const isConstant = (node: Node): boolean => node.type === 'list' && node.constant !== undefined

const keyText = (at: Value): string => (typeof at === 'string' ? at : String(numeric(at) ?? typeOf(at)))

/** Whether a name is that of a type, as in `type(x) == int`. */
export const isTypeName = (name: string): boolean => types.has(name)
