import { authorizerFunctions } from './functions-authorizer.ts'
import { kubeFunctions } from './functions-kube.ts'
import { listFunctions } from './functions-list.ts'
import { networkFunctions } from './functions-network.ts'
import { semverFunctions } from './functions-semver.ts'
import { stringFunctions } from './functions-string.ts'
import { timeFunctions } from './functions-time.ts'
import { urlFunctions } from './functions-url.ts'
import { conversions } from './conversions.ts'
import { noOverload, type Value } from './values.ts'

/** One way to call a function: undefined when the arguments are of other types. The target of a method is the first. */
export type Overload = (...args: Value[]) => Value | undefined

/** Functions by name, each with its overloads. */
export type Functions = Record<string, readonly Overload[]>

const all = new Map<string, readonly Overload[]>()
const tables = [
  conversions,
  stringFunctions,
  listFunctions,
  timeFunctions,
  kubeFunctions,
  urlFunctions,
  semverFunctions,
  networkFunctions,
  authorizerFunctions,
]
for (const table of tables)
  for (const [name, overloads] of Object.entries(table)) all.set(name, [...(all.get(name) ?? []), ...overloads])

export const isFunction = (name: string): boolean => all.has(name)

/** Calls what fits the arguments. Throws {@link CelError} when nothing does. */
export function callFunction(name: string, args: readonly Value[]): Value {
  for (const overload of all.get(name) ?? []) {
    if (overload.length !== args.length && overload.length !== 0) continue
    const result = overload(...args)
    if (result !== undefined) return result
  }
  throw noOverload(name, args)
}
