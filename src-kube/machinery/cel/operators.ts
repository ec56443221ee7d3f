import { int64, uint64 } from './conversions.ts'
import { CelError } from './errors.ts'
import {
  compare,
  Duration,
  entriesOf,
  equal,
  fromJson,
  isFields,
  isList,
  noOverload,
  Timestamp,
  Uint,
  type Value,
} from './values.ts'

/** Undefined for values that are not numbers of one type. */
function arithmetic(name: string, a: Value, b: Value): Value | undefined {
  if (typeof a === 'number' && typeof b === 'number') return onDoubles(name, a, b)
  const isUint = a instanceof Uint && b instanceof Uint
  if (!isUint && (typeof a !== 'bigint' || typeof b !== 'bigint')) return undefined
  const [x, y] = isUint ? [a.value, b.value] : [a as bigint, b as bigint]
  if ((name === '/' || name === '%') && y === 0n)
    throw new CelError(name === '/' ? 'division by zero' : 'modulus by zero')
  const result = onIntegers(name, x, y)
  return isUint ? uint64(result) : int64(result)
}

function onIntegers(name: string, x: bigint, y: bigint): bigint {
  if (name === '+') return x + y
  if (name === '-') return x - y
  if (name === '*') return x * y
  return name === '/' ? x / y : x % y
}

function onDoubles(name: string, a: number, b: number): number | undefined {
  if (name === '+') return a + b
  if (name === '-') return a - b
  if (name === '*') return a * b
  return name === '/' ? a / b : undefined
}

function add([a, b]: Value[]): Value {
  const number = arithmetic('+', a!, b!)
  if (number !== undefined) return number
  if (typeof a === 'string' && typeof b === 'string') return a + b
  if (isList(a!) && isList(b!)) return [...a, ...b]
  if (a instanceof Uint8Array && b instanceof Uint8Array) return new Uint8Array([...a, ...b])
  if (a instanceof Duration && b instanceof Duration) return new Duration(a.milliseconds + b.milliseconds)
  const [time, span] = a instanceof Timestamp ? [a, b] : [b, a]
  if (time instanceof Timestamp && span instanceof Duration) return new Timestamp(time.milliseconds + span.milliseconds)
  throw noOverload('_+_', [a!, b!])
}

function subtract([a, b]: Value[]): Value {
  const number = arithmetic('-', a!, b!)
  if (number !== undefined) return number
  if (a instanceof Timestamp && b instanceof Timestamp) return new Duration(a.milliseconds - b.milliseconds)
  if (a instanceof Timestamp && b instanceof Duration) return new Timestamp(a.milliseconds - b.milliseconds)
  if (a instanceof Duration && b instanceof Duration) return new Duration(a.milliseconds - b.milliseconds)
  throw noOverload('_-_', [a!, b!])
}

/** An operator of numbers alone. */
const numbersOnly =
  (name: string) =>
  ([a, b]: Value[]): Value => {
    const number = arithmetic(name, a!, b!)
    if (number === undefined) throw noOverload(`_${name}_`, [a!, b!])
    return number
  }

function isIn([a, b]: Value[]): boolean {
  if (isList(b!)) return b.some((one) => equal(fromJson(one), a!))
  if (isFields(b!)) return typeof a === 'string' && Object.hasOwn(b, a) && b[a] !== undefined
  const entries = entriesOf(b!)
  if (!entries) throw noOverload('@in', [a!, b!])
  return entries.some(([key]) => equal(key, a!))
}

const operators: ReadonlyMap<string, (args: Value[]) => Value> = new Map(
  Object.entries({
    '+': add,
    '-': subtract,
    '*': numbersOnly('*'),
    '/': numbersOnly('/'),
    '%': numbersOnly('%'),
    '==': ([a, b]) => equal(a!, b!),
    '!=': ([a, b]) => !equal(a!, b!),
    '<': ([a, b]) => compare(a!, b!, '_<_') < 0,
    '<=': ([a, b]) => compare(a!, b!, '_<=_') <= 0,
    '>': ([a, b]) => compare(a!, b!, '_>_') > 0,
    '>=': ([a, b]) => compare(a!, b!, '_>=_') >= 0,
    in: isIn,
    '!': ([a]) => {
      if (typeof a !== 'boolean') throw noOverload('!_', [a!])
      return !a
    },
    neg: ([a]) => {
      if (typeof a === 'bigint') return int64(-a)
      if (typeof a === 'number') return -a
      throw noOverload('-_', [a!])
    },
  } satisfies Record<string, (args: Value[]) => Value>),
)

/** Applies an operator to its values; undefined for a name that is no operator. Throws {@link CelError}. */
export const applyOperator = (name: string, args: Value[]): Value | undefined => operators.get(name)?.(args)

/** Whether a name is that of an operator, those with sides that may go unevaluated included. */
export const isOperator = (name: string): boolean =>
  operators.has(name) || name === '&&' || name === '||' || name === '?:'
