import { textOf } from './conversions.ts'
import { CelError } from './errors.ts'
import {
  Duration,
  entriesOf,
  isList,
  numeric,
  Optional,
  Quantity,
  Timestamp,
  typeOf,
  Uint,
  type Value,
} from './values.ts'

/** A value as JSON says it. Throws {@link CelError} for what JSON has no form for. */
export function toJson(value: Value): unknown {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'bigint' || typeof value === 'number' || value instanceof Uint) return Number(numeric(value))
  if (value instanceof Timestamp || value instanceof Duration) return textOf(value)
  if (value instanceof Quantity) return value.text
  if (value instanceof Uint8Array) return btoa(String.fromCharCode(...value))
  if (value instanceof Optional) return value.value === undefined ? null : toJson(value.value)
  if (isList(value)) return value.map(toJson)
  const entries = entriesOf(value)
  if (!entries) throw new CelError(`cannot convert ${typeOf(value)} to JSON`)
  return Object.fromEntries(entries.map(([key, one]) => [String(textOf(key)), toJson(one)]))
}
