import { parseGoDuration } from '../go-duration.ts'
import { parseTime } from '../time.ts'
import { wallClock } from '../wall-clock.ts'
import { CelError } from './errors.ts'
import type { Functions } from './functions.ts'
import { Duration, Timestamp, type Value } from './values.ts'

/** `1h30m`, `-1.5s`: Go's durations. Throws {@link CelError}. */
export function durationOf(text: string): Duration {
  try {
    return new Duration(parseGoDuration(text))
  } catch (error) {
    if (error instanceof RangeError) throw new CelError(error.message)
    throw error
  }
}

export const durationText = ({ milliseconds }: Duration): string => `${milliseconds / 1000}s`

/** CEL's `timestamp(string)`: RFC 3339. Throws {@link CelError} for any other text. */
export function timestampOf(text: string): Timestamp {
  const time = parseTime(text)
  if (time === undefined) throw new CelError(`parsing time ${JSON.stringify(text)}: cannot parse`)
  return new Timestamp(time)
}

/** RFC 3339, with as many digits of a second as there are. */
export const timestampText = ({ milliseconds }: Timestamp): string =>
  new Date(milliseconds)
    .toISOString()
    .replace(/\.?0*Z$/, 'Z')
    .replace(/T(\d\d:\d\d)Z$/, 'T$1:00Z')

/** The wall clock of a zone (`UTC`, `Europe/Berlin`, `+02:00`), as a date whose UTC parts are the zone's. */
function inZone({ milliseconds }: Timestamp, zone: string): Date {
  const offset = /^([+-]?)(\d\d):(\d\d)$/.exec(zone)
  if (offset) {
    const minutes = Number(offset[2]) * 60 + Number(offset[3])
    return new Date(milliseconds + (offset[1] === '-' ? -minutes : minutes) * 60_000)
  }
  try {
    return new Date(wallClock(zone)(milliseconds) + new Date(milliseconds).getUTCMilliseconds())
  } catch (error) {
    if (error instanceof RangeError) throw new CelError(`unknown time zone ${zone}`)
    throw error
  }
}

const dayOfYear = (date: Date): number =>
  Math.floor((date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 1)) / 86_400_000)

const part = (read: (date: Date) => number) => [
  (time: Value | undefined) => (time instanceof Timestamp ? BigInt(read(new Date(time.milliseconds))) : undefined),
  (time: Value | undefined, zone: Value | undefined) =>
    time instanceof Timestamp && typeof zone === 'string' ? BigInt(read(inZone(time, zone))) : undefined,
]

const length = (unit: number) => (value: Value | undefined) =>
  value instanceof Duration ? BigInt(Math.trunc(value.milliseconds / unit)) : undefined

/** The Common Expression Language's specification, "Standard definitions": parts of times (months and days count from 0) and of durations. */
export const timeFunctions = {
  getFullYear: part((date) => date.getUTCFullYear()),
  getMonth: part((date) => date.getUTCMonth()),
  getDate: part((date) => date.getUTCDate()),
  getDayOfMonth: part((date) => date.getUTCDate() - 1),
  getDayOfWeek: part((date) => date.getUTCDay()),
  getDayOfYear: part(dayOfYear),
  getHours: [...part((date) => date.getUTCHours()), length(3_600_000)],
  getMinutes: [...part((date) => date.getUTCMinutes()), length(60_000)],
  getSeconds: [...part((date) => date.getUTCSeconds()), length(1000)],
  getMilliseconds: [...part((date) => date.getUTCMilliseconds()), length(1)],
} satisfies Functions
