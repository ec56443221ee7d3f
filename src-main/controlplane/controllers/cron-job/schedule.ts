import { type CronFields, parseCron } from '../../../../src-kube/machinery/cron.ts'
import type { Zone } from './zone.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
/** A schedule that names no time within five years, such as 30 February, names none. */
const HORIZON = 5 * 366 * DAY

/** When something is due ("CronJob: Schedule syntax"). */
export interface Schedule {
  /** The first time after `time` (both milliseconds since the epoch); undefined when there is none within five years. */
  next(time: number): number | undefined
}

/** Reads five fields or a macro (`@hourly`, `@every 5m`) in a time zone. Throws when the text is no schedule. */
export function parseSchedule(text: string, zone: Zone): Schedule {
  const cron = parseCron(text)
  if ('fields' in cron) return new Calendar(zone, cron.fields)
  return { next: (time) => Math.floor(time / SECOND) * SECOND + cron.every }
}

/** Five fields against a calendar. What the clocks skip does not happen; what they repeat happens twice. */
class Calendar implements Schedule {
  readonly #zone: Zone
  readonly #fields: CronFields

  constructor(zone: Zone, fields: CronFields) {
    this.#zone = zone
    this.#fields = fields
  }

  next(time: number): number | undefined {
    const { months: ofYear, hours, minutes } = this.#fields
    const end = time + HORIZON
    for (let at = this.#toMinute(time + MINUTE); at <= end;) {
      const wall = new Date(this.#zone.local(at))
      if (!ofYear.has.has(wall.getUTCMonth() + 1)) at = this.#startOf(wall.getUTCFullYear(), wall.getUTCMonth() + 1, 1)
      else if (!this.#isDay(wall)) at = this.#startOf(wall.getUTCFullYear(), wall.getUTCMonth(), wall.getUTCDate() + 1)
      else if (!hours.has.has(wall.getUTCHours())) at += HOUR - wall.getUTCMinutes() * MINUTE
      else if (!minutes.has.has(wall.getUTCMinutes())) at += this.#toNextMinute(wall.getUTCMinutes()) * MINUTE
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
    return instant - (wall - Math.floor(wall / MINUTE) * MINUTE)
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
