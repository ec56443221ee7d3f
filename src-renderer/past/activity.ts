/** Parts into which the slider's span is divided. */
export const parts = 120

/**
 * How high the bars over the slider stand, from 0 to 1. A cluster at rest writes all the time (leases, heartbeats): what half of the parts
 * have is taken for that and left out, and few writes are seen beside many.
 */
export function heightsOf(writes: readonly number[]): number[] {
  const sorted = [...writes].sort((a, b) => a - b)
  const rest = sorted[Math.floor(sorted.length / 2)] ?? 0
  const above = writes.map((count) => Math.max(0, count - rest))
  const most = Math.max(...above, 0)
  return above.map((count) => (most === 0 ? 0 : Math.sqrt(count / most)))
}
