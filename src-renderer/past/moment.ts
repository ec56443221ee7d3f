/** Moments of the past as state: what stands in the URL, how far history goes back, and how one moves in it. */

/** What lists and details show instead of what is now. */
export interface Moment {
  /** Milliseconds since the epoch. */
  at: number
  /** The newest revision of then. */
  revision: string
}

/** Between which moments one can look, milliseconds since the epoch. */
export interface Bounds {
  begins: number
  now: number
}

/** A moment of the URL's `at`; undefined for none, and for what is no time. */
export function parseAt(text: unknown): number | undefined {
  if (typeof text !== 'string' || !/^\d{4}-\d\d-\d\dT/.test(text)) return undefined
  const at = Date.parse(text)
  return Number.isNaN(at) ? undefined : at
}

/** As the URL says it: whole seconds without their thousandths. */
export const atText = (at: number): string => new Date(at).toISOString().replace('.000Z', 'Z')

const second = 1000
const minute = 60 * second
const hour = 60 * minute

/** How far the buttons beside the slider go, milliseconds; the way back first. */
export const steps = [-10 * minute, -minute, -10 * second, 10 * second, minute, 10 * minute] as const

/** How much of the past the slider may span, milliseconds. */
export const spans = [15 * minute, hour, 6 * hour, 24 * hour] as const

export const clamped = (at: number, { begins, now }: Bounds): number => Math.min(Math.max(at, begins), now)

/** Of the spans those that differ: one more than all of history is as good as another. */
export function spansFor({ begins, now }: Bounds): number[] {
  const enough = spans.findIndex((span) => span >= now - begins)
  return enough < 0 ? [...spans] : spans.slice(0, enough + 1)
}

/** The shortest span that shows a moment, and no shorter one than is chosen. */
export function spanShowing(at: number, bounds: Bounds, chosen: number): number {
  const offered = spansFor(bounds)
  return offered.find((span) => span >= chosen && bounds.now - span <= at) ?? offered.at(-1)!
}

/** Where the slider begins. */
export const beginOf = (span: number, { begins, now }: Bounds): number => Math.max(begins, now - span)

/** `-10m`, `+10s`. */
export function stepText(step: number): string {
  const size = Math.abs(step)
  return `${step < 0 ? '−' : '+'}${size < minute ? `${size / second}s` : `${size / minute}m`}`
}

/** The time of day, with the date where it is not today's. */
export function momentText(at: number, now: number, locale: string): string {
  const [then, today] = [new Date(at), new Date(now)]
  const time = then.toLocaleTimeString(locale, { hour12: false })
  return then.toDateString() === today.toDateString() ? time : `${then.toLocaleDateString(locale)} ${time}`
}
