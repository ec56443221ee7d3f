import type { ViewColumn } from '../kinds/view.ts'

/** The least width in pixels at which a column still says something. */
export const leastWidth = ({ kind, width }: ViewColumn): number =>
  kind === 'name' ? Math.min(width, 120) : kind === 'status' ? Math.min(width, 110) : Math.min(width, 80)

const gap = 12

/**
 * The columns that fit into `available` pixels: the ones on the right go first, because what a kind puts first matters most. The
 * first and the status stay, the age as long as it can.
 */
export function fitColumns(columns: readonly ViewColumn[], available: number): ViewColumn[] {
  const kept = [...columns]
  const needed = (): number => kept.reduce((sum, column) => sum + leastWidth(column) + gap, 0)
  const last = (): number => kept.findLastIndex(({ kind }, at) => at > 0 && kind !== 'age' && kind !== 'status')
  while (needed() > available && last() > 0) kept.splice(last(), 1)
  // Beside a wide detail even the age goes: what it is and how it fares is all that fits.
  const age = kept.findIndex(({ kind }) => kind === 'age')
  if (needed() > available && age > 0) kept.splice(age, 1)
  return kept
}
