import { textOf } from './conversions.ts'
import { PER_CALL } from './cost/limits.ts'
import { CelError, CostError } from './errors.ts'
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

/**
 * A value as JSON says it. Throws {@link CelError} for what JSON has no form for, as {@link CostError} for what is larger than an evaluation could have
 * gone through: lists that hold another twice need not be made to be very long.
 */
export const toJson = (value: Value): unknown => convert(value, { left: PER_CALL })

function convert(value: Value, room: { left: number }): unknown {
  if (room.left-- <= 0) throw new CostError('operation cancelled: actual cost limit exceeded')
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'bigint' || typeof value === 'number' || value instanceof Uint) return Number(numeric(value))
  if (value instanceof Timestamp || value instanceof Duration) return textOf(value)
  if (value instanceof Quantity) return value.text
  if (value instanceof Uint8Array) return btoa(String.fromCharCode(...value))
  if (value instanceof Optional) return value.value === undefined ? null : convert(value.value, room)
  if (isList(value)) return value.map((one) => convert(one, room))
  const entries = entriesOf(value)
  if (!entries) throw new CelError(`cannot convert ${typeOf(value)} to JSON`)
  return Object.fromEntries(entries.map(([key, one]) => [String(textOf(key)), convert(one, room)]))
}
