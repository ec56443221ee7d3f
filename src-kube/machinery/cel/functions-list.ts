import { int64 } from './conversions.ts'
import { CelError } from './errors.ts'
import type { Functions, Overload } from './functions.ts'
import { compare, Duration, equal, isList, numeric, Optional, type Value } from './values.ts'

const ofList =
  (make: (list: readonly Value[]) => Value): Overload =>
  (list) =>
    isList(list!) ? make(list) : undefined

function extreme(name: string, list: readonly Value[], sign: 1 | -1): Value {
  if (list.length === 0) throw new CelError(`${name} called on empty list`)
  return list.reduce((best, one) => (compare(one, best, name) * sign > 0 ? one : best))
}

function sum(list: readonly Value[]): Value {
  if (list.length === 0) return 0n
  if (list.every((one) => one instanceof Duration))
    return new Duration(list.reduce((all, one) => all + one.milliseconds, 0))
  if (list.every((one) => typeof one === 'bigint')) return int64(list.reduce((all, one) => all + one, 0n))
  const numbers = list.map(numeric)
  if (numbers.some((one) => one === undefined)) throw new CelError("found no matching overload for 'sum'")
  return numbers.reduce<number>((all, one) => all + Number(one), 0)
}

function isSorted(list: readonly Value[]): boolean {
  return list.every((one, i) => i === 0 || compare(list[i - 1]!, one, 'isSorted') <= 0)
}

const flatten = (list: readonly Value[], depth: number): Value[] =>
  list.flatMap((one) => (isList(one) && depth > 0 ? flatten(one, depth - 1) : [one]))

function part(list: readonly Value[], from: bigint, to: bigint): Value {
  if (from < 0n || to > BigInt(list.length) || from > to)
    throw new CelError(`cannot slice(${from}, ${to}), list is length ${list.length}`)
  return list.slice(Number(from), Number(to))
}

const distinct = (list: readonly Value[]): Value[] =>
  list.filter((one, i) => list.findIndex((other) => equal(one, other)) === i)

/** Kubernetes' lists, cel-go's extension of lists, optional values and `math` ("Common Expression Language in Kubernetes"). */
export const listFunctions: Functions = {
  isSorted: [ofList(isSorted)],
  sum: [ofList(sum)],
  min: [ofList((list) => extreme('min', list, -1))],
  max: [ofList((list) => extreme('max', list, 1))],
  indexOf: [(list, one) => (isList(list!) ? BigInt(list.findIndex((other) => equal(other, one!))) : undefined)],
  lastIndexOf: [(list, one) => (isList(list!) ? BigInt(list.findLastIndex((other) => equal(other, one!))) : undefined)],
  slice: [
    (list, from, to) =>
      isList(list!) && typeof from === 'bigint' && typeof to === 'bigint' ? part(list, from, to) : undefined,
  ],
  flatten: [
    ofList((list) => flatten(list, 1)),
    (list, depth) => (isList(list!) && typeof depth === 'bigint' ? flatten(list, Number(depth)) : undefined),
  ],
  distinct: [ofList(distinct)],
  reverse: [
    ofList((list) => list.toReversed()),
    (text) => (typeof text === 'string' ? Array.from(text).reverse().join('') : undefined),
  ],
  sort: [ofList((list) => list.toSorted((a, b) => compare(a, b, 'sort')))],
  first: [ofList((list) => new Optional(list[0]))],
  last: [ofList((list) => new Optional(list.at(-1)))],
  'lists.range': [(n) => (typeof n === 'bigint' ? Array.from({ length: Number(n) }, (_, i) => BigInt(i)) : undefined)],
  'sets.contains': [
    (a, b) => (isList(a!) && isList(b!) ? b.every((one) => a.some((other) => equal(one, other))) : undefined),
  ],
  'sets.intersects': [
    (a, b) => (isList(a!) && isList(b!) ? b.some((one) => a.some((other) => equal(one, other))) : undefined),
  ],
  'sets.equivalent': [
    (a, b) =>
      isList(a!) && isList(b!)
        ? [a, b].every((list, i) => list.every((one) => [b, a][i]!.some((other) => equal(one, other))))
        : undefined,
  ],
  'math.greatest': [(...args) => extreme('math.greatest', isList(args[0]!) ? args[0] : args, 1)],
  'math.least': [(...args) => extreme('math.least', isList(args[0]!) ? args[0] : args, -1)],
  'optional.of': [(value) => new Optional(value)],
  'optional.ofNonZeroValue': [(value) => new Optional(isZero(value!) ? undefined : value)],
  hasValue: [(one) => (one instanceof Optional ? one.value !== undefined : undefined)],
  value: [
    (one) => {
      if (!(one instanceof Optional)) return undefined
      if (one.value === undefined) throw new CelError('optional.none() dereference')
      return one.value
    },
  ],
  orValue: [(one, other) => (one instanceof Optional ? (one.value ?? other) : undefined)],
  or: [
    (one, other) =>
      one instanceof Optional && other instanceof Optional ? (one.value === undefined ? other : one) : undefined,
  ],
}

function isZero(value: Value): boolean {
  if (value === null || value === '' || value === false) return true
  const number = numeric(value)
  if (number !== undefined) return Number(number) === 0
  return isList(value) ? value.length === 0 : false
}
