import { functionEstimates } from './estimate-functions.ts'
import { isText, sizeOf, type Entries, type Estimate, type Part } from './part.ts'
import { either, ENDLESS, plus } from './size.ts'
import { reading } from './units.ts'

/** Estimates a call of an operator, a function or a method, whose target then is the first argument. */
export function estimateCall(name: string, isMethod: boolean, args: readonly Part[]): Estimate {
  const operator = isMethod ? undefined : operators.get(name)
  if (operator) return operator(args as [Part, Part, Part])
  return functionEstimates.get(name)?.(args, isMethod) ?? { cost: 1 }
}

type Operator = (args: readonly [Part, Part, Part]) => Estimate

const isAny = ({ type }: Part): boolean => type.kind === 'dyn'

/** Of values whose types nobody knows and whose sizes are not bounded, both are taken to be numbers: most are. */
const compared: Operator = ([a, b]) => {
  if (a.type.kind === 'opaque' && b.type.kind === 'opaque') return { cost: 1 }
  const shorter = Math.min(sizeOf(a).most, sizeOf(b).most)
  return { cost: shorter === ENDLESS && (isAny(a) || isAny(b)) ? 1 : reading(shorter) }
}

const ordered: Operator = (args) => (isText(args[0].type) || isText(args[1].type) ? compared(args) : { cost: 1 })

const unionOf = (a: Entries | undefined, b: Entries | undefined): Entries | undefined =>
  a && b && { isList: a.isList, key: either(a.key, b.key), value: either(a.value, b.value) }

const added: Operator = ([a, b]) => {
  const size = plus(sizeOf(a), sizeOf(b))
  if (isText(a.type) || isText(b.type)) return { cost: reading(size.most), size }
  if (a.type.kind !== 'list' && b.type.kind !== 'list') return { cost: 1 }
  return { cost: 1, size, entries: unionOf(a.entries, b.entries) }
}

const free: Operator = () => ({ cost: 0 })

const operators: ReadonlyMap<string, Operator> = new Map(
  Object.entries({
    '==': compared,
    '!=': compared,
    '<': ordered,
    '<=': ordered,
    '>': ordered,
    '>=': ordered,
    '+': added,
    in: ([, b]) => ({ cost: b.type.kind === 'map' ? 1 : sizeOf(b).most }),
    '&&': free,
    '||': free,
    '?:': ([, yes, no]) => ({
      cost: 0,
      size: either(sizeOf(yes), sizeOf(no)),
      entries: unionOf(yes.entries, no.entries),
    }),
  } satisfies Record<string, Operator>),
)
