import type { Checked } from '../check.ts'
import { libraryFunction } from '../libraries.ts'
import type { Node } from '../parser.ts'
import { dyn, type CelType } from '../types.ts'
import type { Value } from '../values.ts'
import { estimateCall } from './estimate-call.ts'
import { estimateLoop } from './estimate-loop.ts'
import { isSingle, ITEMS, sizeOf, VALUES, type Entries, type Found, type Local, type Part } from './part.ts'
import { either, ENDLESS, exactly, type Size } from './size.ts'
import { LIST, MAP, MESSAGE, STEP } from './units.ts'

/** The size that the declaration of a variable's data gives to a place in it, by the steps of the path to the place; undefined for one it does not know. */
export type Declared = (path: readonly string[]) => Size | undefined

/**
 * What an expression costs at most, in the units of a whole evaluation (KEP-2876, "Resource constraints"): every branch is the dearest one, every list as
 * long and every text as large as the declaration lets it be. What the expression makes of its data has the size that follows from that, or none that is
 * known: then it costs more than any limit to go through it.
 */
export const estimateCost = (checked: Checked, declared: Declared): number =>
  new Estimator(checked.types, declared).part(checked.node, new Map()).cost

type Locals = ReadonlyMap<string, Local>

/** Estimates the parts of an expression. */
class Estimator {
  readonly #types: ReadonlyMap<Node, CelType>
  readonly #declared: Declared

  constructor(types: ReadonlyMap<Node, CelType>, declared: Declared) {
    this.#types = types
    this.#declared = declared
  }

  part(node: Node, locals: Locals): Part {
    const type = this.#types.get(node) ?? dyn
    const found = this.#find(node, locals)
    const path = found.path ?? []
    const size = found.size ?? this.#sizeAt(path) ?? (isSingle(type) ? exactly(1) : found.fallback)
    const item = type.kind === 'list' ? (this.#sizeAt(path, ITEMS) ?? found.entries?.value) : undefined
    return { ...found, type, path, size, item, cost: Math.min(found.cost, ENDLESS) }
  }

  /**
   * What is declared of a place, or of a step within it. Of what an expression makes itself, which has no path, nothing is; but what is taken from that is
   * looked for in the data of the variable, as upstream does it: rules that are accepted there depend on it.
   */
  #sizeAt([variable, ...steps]: readonly string[], ...within: readonly string[]): Size | undefined {
    return variable === undefined ? undefined : this.#declared([...steps, ...within])
  }

  #find(node: Node, locals: Locals): Found {
    const visit = (one: Node): Part => this.part(one, locals)
    switch (node.type) {
      case 'literal':
        return { cost: 0, ...literal(node.value) }
      case 'ident': {
        const local = locals.get(node.name)
        return { cost: STEP, path: local ? local.path : [node.name], fallback: local?.size, entries: local?.entries }
      }
      case 'select':
        return select(node, visit(node.of))
      case 'index':
        return index(node, visit(node.of), visit(node.index))
      case 'call':
        return call(node, visit, locals)
      case 'list':
        return list(node.items.map(({ value }) => visit(value)))
      case 'map':
        return map(node.entries.map(({ key, value }) => [visit(key), visit(value)]))
      case 'message':
        return { cost: MESSAGE + total(node.fields.map(({ value }) => visit(value))) }
      case 'bind': {
        const value = visit(node.value)
        const body = this.part(node.body, new Map(locals).set(node.name, value))
        return { cost: LIST + value.cost + body.cost, size: body.size, entries: body.entries }
      }
      case 'loop':
        return estimateLoop(node, visit(node.over), (part, names) => this.part(part, new Map([...locals, ...names])))
    }
  }
}

const total = (parts: readonly Part[]): number => parts.reduce((sum, { cost }) => sum + cost, 0)

function literal(value: Value): Partial<Found> {
  if (typeof value === 'string') return { size: exactly(Array.from(value).length), literal: value }
  if (value instanceof Uint8Array) return { size: exactly(value.length) }
  return typeof value === 'bigint' ? { size: exactly(1), literal: value } : { size: exactly(1) }
}

function select({ field, optional, test }: Node & { type: 'select' }, of: Part): Found {
  // To look whether something is there is free.
  if (test) return { cost: of.cost }
  if (optional) return { cost: of.cost + 1 }
  const isKnown = of.type.kind === 'object' || of.type.kind === 'map'
  return { cost: of.cost + (isKnown ? STEP : 0), path: [...of.path, field] }
}

function index({ optional }: Node & { type: 'index' }, of: Part, at: Part): Found {
  const cost = of.cost + at.cost + STEP
  if (optional || (of.type.kind !== 'list' && of.type.kind !== 'map')) return { cost }
  const path = [...of.path, of.type.kind === 'list' ? ITEMS : VALUES]
  return { cost, path, size: of.entries?.value }
}

function call(node: Node & { type: 'call' }, visit: (one: Node) => Part, locals: Locals): Found {
  const { name, target, args } = node
  const library = libraryFunction(node, locals)
  const parts = [...(target && !library ? [target] : []), ...args].map(visit)
  const estimate = estimateCall(library ?? name, target !== undefined && !library, parts)
  if (name !== '?:') return { ...estimate, cost: total(parts) + estimate.cost }
  const [condition, yes, no] = parts as [Part, Part, Part]
  return { ...estimate, cost: condition.cost + Math.max(yes.cost, no.cost) }
}

/** The size of the smallest and the largest of these. */
const sizeOfAny = (parts: readonly Part[]): Size =>
  parts.map(sizeOf).reduce(either, parts.length > 0 ? sizeOf(parts[0]!) : exactly(0))

function list(items: readonly Part[]): Found {
  const entries: Entries = { isList: true, key: exactly(1), value: sizeOfAny(items) }
  return { cost: LIST + total(items), size: exactly(items.length), entries }
}

function map(pairs: ReadonlyArray<readonly [Part, Part]>): Found {
  const [keys, values] = [pairs.map(([key]) => key), pairs.map(([, value]) => value)]
  const entries: Entries = { isList: false, key: sizeOfAny(keys), value: sizeOfAny(values) }
  return { cost: MAP + total(keys) + total(values), size: exactly(pairs.length), entries }
}
