import { compareQuantities } from '../quantity.ts'
import { CelError } from './errors.ts'

/** An unsigned integer, which CEL keeps apart from signed ones. */
export class Uint {
  readonly value: bigint
  constructor(value: bigint) {
    this.value = value
  }
}

/** Milliseconds since the epoch are as fine as this gets. */
export class Timestamp {
  readonly milliseconds: number
  constructor(milliseconds: number) {
    this.milliseconds = milliseconds
  }
}

/** CEL's duration, kept in milliseconds. */
export class Duration {
  readonly milliseconds: number
  constructor(milliseconds: number) {
    this.milliseconds = milliseconds
  }
}

/** A Kubernetes quantity, as its text. */
export class Quantity {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

/** A type as a value: what `type(x)` gives. */
export class Type {
  readonly name: string
  constructor(name: string) {
    this.name = name
  }
}

/** A value, or none (`undefined`). */
export class Optional {
  readonly value: Value | undefined
  constructor(value: Value | undefined) {
    this.value = value
  }
}

/** What the host gives and functions of its own take. Its class names its type. */
export abstract class Opaque {
  abstract readonly typeName: string
  /** What is selected of it by name; undefined when there is no such field. */
  field(_name: string): Value | undefined {
    return undefined
  }

  /** Less than, equal to or greater than 0, for one of the same class; undefined where there is no order. */
  order(_other: Opaque): number | undefined {
    return undefined
  }
}

/** A map in which every key leads to something. */
export class DefaultingMap extends Map<Value, Value> {
  readonly missing: Value
  constructor(entries: Iterable<readonly [Value, Value]>, missing: Value) {
    super(entries)
    this.missing = missing
  }
}

/**
 * A value of an expression: integers are `bigint`s, doubles `number`s, maps and objects what JSON made of them (whose whole numbers are integers
 * once they are read), or Maps with keys of other types.
 */
export type Value =
  | bigint
  | number
  | string
  | boolean
  | null
  | Uint8Array
  | Uint
  | Timestamp
  | Duration
  | Quantity
  | Type
  | Optional
  | Opaque
  | readonly Value[]
  | ReadonlyMap<Value, Value>
  | { readonly [field: string]: Value | undefined }

/** An object whose fields an expression reads by name. */
export type Fields = { readonly [field: string]: Value | undefined }

/** Whole numbers of JSON are integers. */
export const fromJson = (value: Value): Value =>
  typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : value

export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)

export const isList = (value: Value): value is readonly Value[] => Array.isArray(value)

/** Maps and objects alike, but for the classes above. */
export function isFields(value: Value): value is Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const prototype = Object.getPrototypeOf(value) as unknown
  return prototype === Object.prototype || prototype === null
}

/** Keys and values of a map or object; undefined for what is none. */
export function entriesOf(value: Value): Array<[Value, Value]> | undefined {
  if (value instanceof Map) return [...(value as ReadonlyMap<Value, Value>)]
  if (!isFields(value)) return undefined
  return Object.entries(value).flatMap(([key, one]) => (one === undefined ? [] : [[key, fromJson(one)]]))
}

/** The name of a value's type, as CEL's errors say it. */
export function typeOf(value: Value): string {
  switch (typeof value) {
    case 'bigint':
      return 'int'
    case 'number':
      return 'double'
    case 'string':
      return 'string'
    case 'boolean':
      return 'bool'
    default:
  }
  if (value === null) return 'null_type'
  if (isList(value)) return 'list'
  if (value instanceof Uint8Array) return 'bytes'
  if (value instanceof Uint) return 'uint'
  if (value instanceof Timestamp) return 'google.protobuf.Timestamp'
  if (value instanceof Duration) return 'google.protobuf.Duration'
  if (value instanceof Quantity) return 'kubernetes.Quantity'
  if (value instanceof Type) return 'type'
  if (value instanceof Optional) return 'optional_type'
  return value instanceof Opaque ? value.typeName : 'map'
}

/** The number of any of the three numeric types; undefined for others. */
export function numeric(value: Value): bigint | number | undefined {
  if (value instanceof Uint) return value.value
  return typeof value === 'bigint' || typeof value === 'number' ? value : undefined
}

/** Deep equality; numbers of all types by what they stand for, other types are never equal to each other. */
export function equal(a: Value, b: Value): boolean {
  if (typeof a === 'string' || typeof b === 'string') return a === b
  const [x, y] = [numeric(fromJson(a)), numeric(fromJson(b))]
  // eslint-disable-next-line eqeqeq -- an integer equals the double that it is
  if (x !== undefined && y !== undefined) return x == y
  if (typeOf(a) !== typeOf(b)) return false
  if (isList(a) && isList(b)) return a.length === b.length && a.every((one, i) => equal(one, b[i]!))
  if (a instanceof Optional && b instanceof Optional)
    return a.value === undefined || b.value === undefined ? a.value === b.value : equal(a.value, b.value)
  if (a instanceof Type && b instanceof Type) return a.name === b.name
  if (a instanceof Uint8Array && b instanceof Uint8Array)
    return a.length === b.length && a.every((one, i) => one === b[i])
  const order = compareSame(a, b)
  if (order !== undefined) return order === 0
  if (isFields(a) && isFields(b)) return equalFields(a, b)
  const [left, right] = [entriesOf(a), entriesOf(b)]
  if (!left || !right) return a === b
  return (
    left.length === right.length &&
    left.every(([key, value]) => right.some(([other, one]) => equal(key, other) && equal(value, one)))
  )
}

function equalFields(a: Fields, b: Fields): boolean {
  let count = 0
  for (const [name, value] of Object.entries(a)) {
    if (value === undefined) continue
    const other = Object.hasOwn(b, name) ? b[name] : undefined
    if (other === undefined || !equal(value, other)) return false
    count++
  }
  return count === Object.values(b).filter((value) => value !== undefined).length
}

/** Less than, equal to or greater than 0. Throws {@link CelError} for what has no order. */
export function compare(a: Value, b: Value, operator: string): number {
  const [x, y] = [numeric(a), numeric(b)]
  if (x !== undefined && y !== undefined) return x < y ? -1 : x > y ? 1 : 0
  const order = typeOf(a) === typeOf(b) ? compareSame(a, b) : undefined
  if (order === undefined) throw noOverload(operator, [a, b])
  return order
}

function compareSame(a: Value, b: Value): number | undefined {
  if (typeof a === 'string') return a < (b as string) ? -1 : a > (b as string) ? 1 : 0
  if (typeof a === 'boolean') return Number(a) - Number(b)
  if (a instanceof Timestamp || a instanceof Duration) return a.milliseconds - (b as Timestamp | Duration).milliseconds
  if (a instanceof Quantity) return compareQuantities(a.text, (b as Quantity).text)
  if (a instanceof Opaque) return a.order(b as Opaque)
  if (!(a instanceof Uint8Array)) return undefined
  const other = b as Uint8Array
  const i = a.findIndex((one, at) => one !== other[at])
  return i < 0 ? a.length - other.length : a[i]! - (other[i] ?? -1)
}

export const noOverload = (name: string, args: readonly Value[]): CelError =>
  new CelError(`found no matching overload for '${name}' applied to '(${args.map(typeOf).join(', ')})'`)
