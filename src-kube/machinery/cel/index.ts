import type { Budget } from './cost/budget.ts'
import { CelSyntaxError } from './errors.ts'
import { evaluate, isTypeName, type Bindings } from './evaluate.ts'
import { isFunction } from './functions.ts'
import { libraryFunction } from './libraries.ts'
import { isOperator } from './operators.ts'
import { parse, type Node } from './parser.ts'
import type { Value } from './values.ts'

export { CelError, CelSyntaxError, CostError } from './errors.ts'
export { Budget, BudgetError } from './cost/budget.ts'
export type { Bindings } from './evaluate.ts'
export { toJson } from './to-json.ts'
export { DefaultingMap, Opaque, Optional, Quantity, Timestamp, type Value } from './values.ts'
export { Authorizer, type AccessAnswer, type AccessQuestion } from './functions-authorizer.ts'
export { Semver } from './functions-semver.ts'

/** A checked expression; it holds no state, so one program serves all evaluations. */
export interface Program {
  /**
   * Throws {@link CelError} when the expression cannot be evaluated on these values: as {@link CostError} when that takes more than one evaluation may, as
   * {@link BudgetError} when it takes more than the budget has left.
   */
  evaluate(bindings: Bindings, budget?: Budget): Value
}

/**
 * Compiles an expression of the Common Expression Language as Kubernetes uses it (kubernetes.io, "Common Expression Language in Kubernetes").
 * Throws {@link CelSyntaxError} for what is no expression and for names that are not among `variables`. Types are checked when it is evaluated.
 */
export function compile(source: string, variables: readonly string[]): Program {
  const node = parse(source)
  checkNames(node, new Set(variables), source)
  return { evaluate: (bindings, budget) => evaluate(node, bindings, budget) }
}

function checkNames(node: Node, known: ReadonlySet<string>, source: string): void {
  const all = (nodes: readonly Node[], names = known): void => nodes.forEach((one) => checkNames(one, names, source))
  switch (node.type) {
    case 'literal':
      return
    case 'ident':
      if (!known.has(node.name) && !isTypeName(node.name)) throw undeclared(source, node.at, node.name)
      return
    case 'select':
      return all([node.of])
    case 'index':
      return all([node.of, node.index])
    case 'call': {
      const { target } = node
      const library = libraryFunction(node, known)
      const name = library ?? node.name
      if (!isFunction(name) && !(isOperator(name) && !target) && name !== 'optional.none')
        throw undeclared(source, node.at, name)
      return all([...(target && !library ? [target] : []), ...node.args])
    }
    case 'list':
      return all(node.items.map(({ value }) => value))
    case 'map':
      return all(node.entries.flatMap(({ key, value }) => [key, value]))
    case 'message':
      return all(node.fields.map(({ value }) => value))
    case 'bind':
      all([node.value])
      return all([node.body], new Set([...known, node.name]))
    case 'loop':
      all([node.over])
      return all(node.parts, new Set([...known, ...node.names]))
  }
}

const undeclared = (source: string, at: number, name: string): CelSyntaxError =>
  new CelSyntaxError(source, at, `undeclared reference to '${name}' (in container '')`)
