import { wallClock } from '../../../../src-kube/machinery/wall-clock.ts'

const MINUTE = 60_000
const QUARTER = 15 * MINUTE
/** Offsets that are remembered; then all are forgotten. */
const MOST_KNOWN = 1000

/** Wall-clock time of one time zone. All values are milliseconds; `local` is what the clock on the wall shows, written as if it were UTC. */
export interface Zone {
  /** The wall's time at an instant. */
  local(instant: number): number
  /** The first instant at which the wall shows `local` or later on the same occasion: a gap's end when that time is skipped. */
  instant(local: number): number
  /** RFC 3339 with the offset: `2026-01-02T03:04:05+01:00`. */
  format(instant: number): string
}

/** The zone of an IANA name, UTC when absent. Throws a RangeError for a name that is unknown. */
export function timeZone(name: string | undefined): Zone {
  const offset = name === undefined || name === 'UTC' || name === 'Etc/UTC' ? () => 0 : offsets(name)
  const local = (instant: number) => instant + offset(instant)
  return {
    local,
    instant(wanted) {
      const first = wanted - offset(wanted)
      const guesses = [first, wanted - offset(first)].filter((guess) => local(guess) >= wanted)
      return guesses.length > 0 ? Math.min(...guesses) : wanted - offset(first - 24 * 60 * MINUTE)
    },
    format(instant) {
      const shift = offset(instant)
      const text = new Date(Math.floor(instant / 1000) * 1000 + shift).toISOString().replace('.000Z', '')
      if (shift === 0) return `${text}Z`
      const minutes = Math.abs(Math.round(shift / MINUTE))
      const two = (value: number) => String(value).padStart(2, '0')
      return `${text}${shift < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`
    },
  }
}

/** The zone's distance from UTC at an instant; offsets change on quarters of an hour only, so each quarter is looked up once. */
function offsets(name: string): (instant: number) => number {
  const shown = wallClock(name)
  const known = new Map<number, number>()
  return (instant) => {
    const whole = Math.floor(instant / QUARTER) * QUARTER
    const found = known.get(whole)
    if (found !== undefined) return found
    const offset = shown(whole) - whole
    if (known.size >= MOST_KNOWN) known.clear()
    known.set(whole, offset)
    return offset
  }
}
