import type { ViewColumn } from '../kinds/view.ts'

/** The least width in pixels at which a column still says something. */
export const leastWidth = ({ kind, width }: ViewColumn): number =>
  kind === 'name' ? Math.min(width, 150) : kind === 'status' ? Math.min(width, 140) : Math.min(width, 80)

const gap = 12

/**
 * The columns that fit into `available` pixels: the ones on the right go first (the first two and the age stay), because
 * what a kind puts first matters most.
 */
export function fitColumns(columns: readonly ViewColumn[], available: number): ViewColumn[] {
  const kept = [...columns]
  const needed = (): number => kept.reduce((sum, column) => sum + leastWidth(column) + gap, 0)
  while (kept.length > 3 && needed() > available) {
    const last = kept.at(-1)!.kind === 'age' ? kept.length - 2 : kept.length - 1
    kept.splice(last, 1)
  }
  return kept
}
