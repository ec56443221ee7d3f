import { parseGoDuration } from './go-duration.ts'
import { ownValue } from './own-value.ts'

const SECOND = 1000

/** The numbers that one field of a schedule names. */
export interface CronField {
  has: ReadonlySet<number>
  /** Whether the field says "any": then a day is due by the other day field alone. */
  any: boolean
}

/** Five fields against the clock on the wall: months from 1, weekdays from Sunday, 0. */
export type CronFields = Record<'minutes' | 'hours' | 'days' | 'months' | 'weekdays', CronField>

/** What a schedule says: five fields, or to be due again and again after so many milliseconds, whole seconds and one at least. */
export type Cron = { fields: CronFields } | { every: number }

/** Says in words what is wrong with a schedule. */
export class CronError extends Error {}

const macros: Record<string, string> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
}

/** What a field may hold, and the names that stand for its numbers from the least on. */
interface Bounds {
  min: number
  max: number
  names?: readonly string[]
}
const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const weekdays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']

/**
 * Reads a schedule (kubernetes.io, "CronJob: Schedule syntax"): five fields, or a macro (`@hourly`, `@every 5m`). Throws a `CronError` when the
 * text is none.
 */
export function parseCron(text: string): Cron {
  if (text.startsWith('@every ')) return { every: interval(text) }
  const meant = ownValue(macros, text)
  if (text.startsWith('@') && !meant) throw new CronError(`unrecognized descriptor: ${text}`)
  const parts = (meant ?? text).split(/\s+/).filter((part) => part !== '')
  if (parts.length !== 5) throw new CronError(`expected exactly 5 fields, found ${parts.length}: [${parts.join(' ')}]`)
  const [ofMinutes, ofHours, ofDays, ofMonths, ofWeekdays] = parts as [string, string, string, string, string]
  return {
    fields: {
      minutes: parseField(ofMinutes, { min: 0, max: 59 }),
      hours: parseField(ofHours, { min: 0, max: 23 }),
      days: parseField(ofDays, { min: 1, max: 31 }),
      months: parseField(ofMonths, { min: 1, max: 12, names: months }),
      weekdays: parseField(ofWeekdays, { min: 0, max: 6, names: weekdays }),
    },
  }
}

function interval(text: string): number {
  try {
    return Math.max(SECOND, Math.floor(parseGoDuration(text.slice('@every '.length)) / SECOND) * SECOND)
  } catch (error) {
    if (error instanceof RangeError) throw new CronError(`failed to parse duration ${text}: ${error.message}`)
    throw error
  }
}

function parseField(text: string, bounds: Bounds): CronField {
  const has = new Set<number>()
  let any = false
  for (const part of text.split(',').filter((one) => one !== '')) {
    const { from, to, by, star } = parseRange(part, bounds)
    for (let value = from; value <= to; value += by) has.add(value)
    any ||= star && by === 1
  }
  return { has, any }
}

/** `*`, `?`, `n`, `n-m`, each with `/step`. */
function parseRange(text: string, bounds: Bounds): { from: number; to: number; by: number; star: boolean } {
  const [range = '', step, ...more] = text.split('/')
  const [low = '', high, ...hyphens] = range.split('-')
  if (more.length > 0) throw new CronError(`too many slashes: ${text}`)
  const star = low === '*' || low === '?'
  if (!star && hyphens.length > 0) throw new CronError(`too many hyphens: ${text}`)
  const from = star ? bounds.min : numberOf(low, bounds)
  const to = star || (high === undefined && step !== undefined) ? bounds.max : numberOf(high ?? low, bounds)
  const by = step === undefined ? 1 : numberOf(step)
  if (from < bounds.min) throw new CronError(`beginning of range (${from}) below minimum (${bounds.min}): ${text}`)
  if (to > bounds.max) throw new CronError(`end of range (${to}) above maximum (${bounds.max}): ${text}`)
  if (from > to) throw new CronError(`beginning of range (${from}) beyond end of range (${to}): ${text}`)
  if (by === 0) throw new CronError(`step of range should be a positive number: ${text}`)
  return { from, to, by, star }
}

function numberOf(text: string, { names = [], min }: Partial<Bounds> = {}): number {
  const name = names.indexOf(text.toLowerCase())
  if (name >= 0) return name + (min ?? 0)
  if (!/^\d+$/.test(text))
    throw new CronError(
      `failed to parse int from ${text}: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`,
    )
  return Number(text)
}
