/** The second that was written last: many objects of one moment have the same. */
const last = { second: NaN, text: '' }

/** RFC 3339 with seconds, as `metav1.Time` travels: `2026-01-02T03:04:05Z`. */
export function formatTime(milliseconds: number): string {
  const second = Math.floor(milliseconds / 1000)
  if (second !== last.second) {
    last.text = new Date(second * 1000).toISOString().replace('.000Z', 'Z')
    last.second = second
  }
  return last.text
}

/** RFC 3339 with microseconds, as `metav1.MicroTime` travels (leases, events). */
export function formatMicroTime(milliseconds: number): string {
  const whole = Math.floor(milliseconds)
  const micros = Math.floor((milliseconds - whole) * 1000)
  return new Date(whole).toISOString().replace('Z', `${String(micros).padStart(3, '0')}Z`)
}

/** Milliseconds since the epoch, or undefined when the text is absent or not a time. */
export function parseTime(text: string | undefined | null): number | undefined {
  if (!text) return undefined
  const value = Date.parse(text)
  return Number.isNaN(value) ? undefined : value
}
