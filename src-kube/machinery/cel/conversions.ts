import { CelError } from './errors.ts'
import type { Functions } from './functions.ts'
import { durationOf, durationText, timestampOf, timestampText } from './functions-time.ts'
import { bytesOf, Duration, entriesOf, isList, numeric, Timestamp, Type, typeOf, Uint, type Value } from './values.ts'

const MOST = 2n ** 63n - 1n
const LEAST = -(2n ** 63n)
const MOST_UINT = 2n ** 64n - 1n

/** 64 bits with a sign. Throws {@link CelError} for more. */
export function int64(value: bigint): bigint {
  if (value > MOST || value < LEAST) throw new CelError('integer overflow')
  return value
}

/** Throws {@link CelError} beyond 64 bits, and below zero. */
export function uint64(value: bigint): Uint {
  if (value > MOST_UINT || value < 0n) throw new CelError('unsigned integer overflow')
  return new Uint(value)
}

function whole(value: Value): bigint | undefined {
  if (typeof value === 'string') return /^[+-]?\d+$/.test(value) ? BigInt(value) : undefined
  const number = numeric(value)
  if (typeof number !== 'number') return number
  if (!Number.isFinite(number)) throw new CelError('integer overflow')
  return BigInt(Math.trunc(number))
}

/** Text of a value, as `string()` gives it. */
export function textOf(value: Value): string | undefined {
  if (typeof value === 'string') return value
  if (typeof value === 'boolean') return String(value)
  if (value instanceof Uint8Array) return new TextDecoder('utf8', { fatal: true }).decode(value)
  if (value instanceof Timestamp) return timestampText(value)
  if (value instanceof Duration) return durationText(value)
  const number = numeric(value)
  return number === undefined ? undefined : String(number)
}

function double(value: Value): number | undefined {
  if (typeof value !== 'string') {
    const number = numeric(value)
    return number === undefined ? undefined : Number(number)
  }
  return /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/.test(value) ? Number(value) : undefined
}

/** Characters, of which some are two UTF-16 units; counted without taking the text apart, for texts of any length. */
function charactersOf(text: string): number {
  let pairs = 0
  for (let i = 1; i < text.length; i++)
    if ((text.charCodeAt(i) & 0xfc00) === LOW && (text.charCodeAt(i - 1) & 0xfc00) === HIGH) pairs++
  return text.length - pairs
}

/** How the first and the second half of such a character begin. */
const HIGH = 0xd800
const LOW = 0xdc00

const size = (value: Value): bigint | undefined => {
  if (typeof value === 'string') return BigInt(charactersOf(value))
  if (isList(value) || value instanceof Uint8Array) return BigInt(value.length)
  const entries = entriesOf(value)
  return entries && BigInt(entries.length)
}

/** Texts that stand for a truth. */
const truths: ReadonlyMap<string, boolean> = new Map([
  ...['true', 'True', 'TRUE', '1', 't'].map((text) => [text, true] as const),
  ...['false', 'False', 'FALSE', '0', 'f'].map((text) => [text, false] as const),
])

/** The Common Expression Language's specification, "Standard definitions": conversions of types, and sizes. */
export const conversions: Functions = {
  size: [(value) => size(value!)],
  type: [(value) => new Type(typeOf(value!))],
  dyn: [(value) => value],
  int: [
    (value) => (value instanceof Timestamp ? BigInt(Math.floor(value.milliseconds / 1000)) : undefined),
    (value) => {
      const number = whole(value!)
      return number === undefined ? undefined : int64(number)
    },
  ],
  uint: [
    (value) => {
      const number = whole(value!)
      return number === undefined ? undefined : uint64(number)
    },
  ],
  double: [(value) => double(value!)],
  string: [(value) => textOf(value!)],
  bytes: [(value) => (typeof value === 'string' ? bytesOf(value) : value instanceof Uint8Array ? value : undefined)],
  bool: [(value) => (typeof value === 'string' ? truths.get(value) : typeof value === 'boolean' ? value : undefined)],
  duration: [
    (value) => (value instanceof Duration ? value : typeof value === 'string' ? durationOf(value) : undefined),
  ],
  timestamp: [
    (value) => {
      if (typeof value === 'bigint') return new Timestamp(Number(value) * 1000)
      return value instanceof Timestamp ? value : typeof value === 'string' ? timestampOf(value) : undefined
    },
  ],
}
