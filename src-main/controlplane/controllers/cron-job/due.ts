import type { Schedule } from './schedule.ts'

/** Missed times from which on they are not counted any more. */
const MANY_MISSED = 100

/** What a schedule asks for now; times in milliseconds since the epoch. */
export interface Due {
  /** The latest scheduled time that has come; undefined when none has since `earliest`. */
  latest?: number
  /** More than a hundred were missed: the clock jumped, or nobody looked for long. */
  many: boolean
}

/** The latest time after `earliest` and up to `now` that a schedule names. Pure; milliseconds since the epoch. */
export function latestDue(schedule: Schedule, earliest: number, now: number): Due {
  const first = schedule.next(earliest)
  if (first === undefined || first > now) return { many: false }
  let missed = 1
  let latest = first
  for (let at = schedule.next(first); at !== undefined && at <= now; at = schedule.next(at)) {
    latest = at
    if (++missed > MANY_MISSED) return { latest: skipTo(schedule, latest, now), many: true }
  }
  return { latest, many: false }
}

/** The latest time from `known` on, found from windows before `now` that double until one is named in them. */
function skipTo(schedule: Schedule, known: number, now: number): number {
  const step = (schedule.next(known) ?? known) - known
  // A fixed interval counts from the time before, and keeps its rhythm when whole steps are skipped.
  let from = known
  for (let width = step; width > 0 && now - width > known; width *= 2) {
    const start = now - width - ((now - width - known) % step)
    const found = schedule.next(start)
    if (found !== undefined && found <= now) {
      from = start
      break
    }
  }
  let latest = known
  for (let at = schedule.next(from); at !== undefined && at <= now; at = schedule.next(at)) latest = at
  return latest
}
