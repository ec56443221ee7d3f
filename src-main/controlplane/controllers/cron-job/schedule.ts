import type { Zone } from './zone.ts'

const second = 1000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour
/** A schedule that names no time within five years, such as 30 February, names none. */
const horizon = 5 * 366 * day

const macros: Record<string, string> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
}
const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const weekdays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']
const units: Record<string, number> = { ns: 1e-6, us: 1e-3, µs: 1e-3, ms: 1, s: second, m: minute, h: hour }

/** When something is due ("CronJob: Schedule syntax"). */
export interface Schedule {
  /** The first time after `time` (both milliseconds since the epoch); undefined when there is none within five years. */
  next(time: number): number | undefined
}

/** Parses five fields or a macro (`@hourly`, `@every 5m`), read in a time zone. Throws when the text is no schedule. */
export function parseSchedule(text: string, zone: Zone): Schedule {
  const every = /^@every (.+)$/.exec(text)
  if (every) return interval(every[1]!)
  const fields = (macros[text] ?? text).split(/\s+/).filter((part) => part !== '')
  if (text.startsWith('@') && !macros[text]) throw new Error(`unrecognized descriptor: ${text}`)
  if (fields.length !== 5) throw new Error(`expected exactly 5 fields, found ${fields.length}: [${fields.join(' ')}]`)
  const [minutes, hours, days, ofYear, ofWeek] = fields as [string, string, string, string, string]
  return new Calendar(zone, {
    minutes: parseField(minutes, 0, 59),
    hours: parseField(hours, 0, 23),
    days: parseField(days, 1, 31),
    months: parseField(ofYear, 1, 12, months),
    weekdays: parseField(ofWeek, 0, 6, weekdays),
  })
}

/** Full seconds from the time before, one at least. */
function interval(text: string): Schedule {
  const parts = [...text.matchAll(/([0-9.]+)(ns|us|µs|ms|s|m|h)/g)]
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== text)
    throw new Error(`failed to parse duration @every ${text}: time: invalid duration ${JSON.stringify(text)}`)
  const total = parts.reduce((sum, [, value, unit]) => sum + Number(value) * units[unit!]!, 0)
  const step = Math.max(second, Math.floor(total / second) * second)
  return { next: (time) => Math.floor(time / second) * second + step }
}

interface Field {
  /** Values that are named. */
  has: ReadonlySet<number>
  /** Whether the field says "any": then a day is due by the other day field alone. */
  any: boolean
}

function parseField(text: string, min: number, max: number, names: readonly string[] = []): Field {
  const has = new Set<number>()
  let any = false
  for (const part of text.split(',').filter((one) => one !== '')) {
    const [range = '', step] = part.split('/')
    const [low = '', high] = range.split('-')
    const number = (word: string): number => {
      const named = names.indexOf(word.toLowerCase())
      const value = named >= 0 ? named + min : /^\d+$/.test(word) ? Number(word) : Number.NaN
      if (!(value >= min && value <= max)) throw new Error(`failed to parse ${part}: expected ${min} to ${max}`)
      return value
    }
    const star = low === '*' || low === '?'
    const from = star ? min : number(low)
    const to = star ? max : high !== undefined ? number(high) : step === undefined ? from : max
    const by = step === undefined ? 1 : Number(step)
    if (!Number.isInteger(by) || by < 1 || from > to) throw new Error(`failed to parse ${part}`)
    if (star && by === 1) any = true
    for (let value = from; value <= to; value += by) has.add(value)
  }
  return { has, any }
}

/** Five fields against a calendar. What the clocks skip does not happen; what they repeat happens twice. */
class Calendar implements Schedule {
  readonly #zone: Zone
  readonly #fields: Record<'minutes' | 'hours' | 'days' | 'months' | 'weekdays', Field>

  constructor(zone: Zone, fields: Record<'minutes' | 'hours' | 'days' | 'months' | 'weekdays', Field>) {
    this.#zone = zone
    this.#fields = fields
  }

  next(time: number): number | undefined {
    const { months: ofYear, hours, minutes } = this.#fields
    const end = time + horizon
    for (let at = this.#toMinute(time + minute); at <= end;) {
      const wall = new Date(this.#zone.local(at))
      if (!ofYear.has.has(wall.getUTCMonth() + 1)) at = this.#startOf(wall.getUTCFullYear(), wall.getUTCMonth() + 1, 1)
      else if (!this.#isDay(wall)) at = this.#startOf(wall.getUTCFullYear(), wall.getUTCMonth(), wall.getUTCDate() + 1)
      else if (!hours.has.has(wall.getUTCHours())) at += hour - wall.getUTCMinutes() * minute
      else if (!minutes.has.has(wall.getUTCMinutes())) at += this.#toNextMinute(wall.getUTCMinutes()) * minute
      else return at
    }
    return undefined
  }

  /** Minutes until one that is named, or until the next hour. */
  #toNextMinute(now: number): number {
    for (let ahead = 1; now + ahead < 60; ahead++) if (this.#fields.minutes.has.has(now + ahead)) return ahead
    return 60 - now
  }

  /** The whole minute at or before an instant, as the wall shows it. */
  #toMinute(instant: number): number {
    const wall = this.#zone.local(instant)
    return instant - (wall - Math.floor(wall / minute) * minute)
  }

  #startOf(year: number, month: number, date: number): number {
    return this.#zone.instant(Date.UTC(year, month, date))
  }

  /** With both day fields restricted, either is enough. */
  #isDay(wall: Date): boolean {
    const { days, weekdays: ofWeek } = this.#fields
    const byDate = days.has.has(wall.getUTCDate())
    const byWeek = ofWeek.has.has(wall.getUTCDay())
    return days.any || ofWeek.any ? byDate && byWeek : byDate || byWeek
  }
}
