import type { ViewColumn } from '../kinds/view.ts'

/** Pixels below which a list is one of names and how they fare. */
const narrow = 420

/** The least width in pixels at which a column still says something, in a list that is `available` wide. */
export function leastWidth({ kind, width }: ViewColumn, available = Infinity): number {
  const [name, status] = available < narrow ? [120, 110] : [180, 140]
  return Math.min(width, kind === 'name' ? name : kind === 'status' ? status : 80)
}

const gap = 12

/**
 * The columns that fit into `available` pixels: the ones on the right go first, because what a kind puts first matters most. The
 * first and the status stay, the age as long as it can.
 */
export function fitColumns(columns: readonly ViewColumn[], available: number): ViewColumn[] {
  const kept = [...columns]
  const needed = (): number => kept.reduce((sum, column) => sum + leastWidth(column, available) + gap, 0)
  const last = (): number => kept.findLastIndex(({ kind }, at) => at > 0 && kind !== 'age' && kind !== 'status')
  while (needed() > available && last() > 0) kept.splice(last(), 1)
  // Beside a wide detail even the age goes: what it is and how it fares is all that fits.
  const age = kept.findIndex(({ kind }) => kind === 'age')
  if (needed() > available && age > 0) kept.splice(age, 1)
  return kept
}
