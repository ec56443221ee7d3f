import type { ViewColumn } from '../kinds/view.ts'

/** A column in sight; those that do not fit keep their numbers. */
export interface ShownColumn {
  column: ViewColumn
  /** Its `aria-colindex`. */
  index: number
}

/** Id of a column's header. */
export const headId = (column: ViewColumn): string => `head-${column.id}`
/** Id of a row, from 0. */
export const rowId = (at: number): string => `row-${at}`

/** Pixels below which a list is one of names and how they fare. */
const narrow = 420

/** The least width in pixels at which a column still says something, in a list that is `available` wide. */
export function leastWidth({ id, kind, width }: ViewColumn, available = Infinity): number {
  const [name, status] = available < narrow ? [120, 110] : [160, 130]
  return Math.min(width, kind === 'name' ? name : kind === 'status' ? status : kind === 'age' ? 56 : (least[id] ?? 80))
}

const least: Record<string, number> = { namespace: 90 }
const gap = 12

/**
 * The columns that fit into `available` pixels. The first and the status stay; the namespace as long as it can, since it tells objects of one
 * name apart, the age nearly so; of the others the ones on the right go first, because what a kind puts first matters most.
 */
export function fitColumns(columns: readonly ViewColumn[], available: number): ViewColumn[] {
  const kept = [...columns]
  const needed = (): number => kept.reduce((sum, column) => sum + leastWidth(column, available) + gap, 0)
  const isKept = ({ id, kind }: ViewColumn, at: number): boolean =>
    at === 0 || kind === 'status' || id === 'age' || id === 'namespace'
  const drop = (find: (column: ViewColumn, at: number) => boolean): boolean => {
    const at = kept.findLastIndex(find)
    if (at > 0) kept.splice(at, 1)
    return at > 0
  }
  while (needed() > available && drop((column, at) => !isKept(column, at)));
  for (const last of ['age', 'namespace']) if (needed() > available) drop(({ id }) => id === last)
  return kept
}

/** How wide each column is drawn, after the box to mark a row; in the words of `grid-template-columns`. */
export function widthsOf(columns: readonly ViewColumn[], available: number): string {
  const widths = columns.map((column) => `minmax(${leastWidth(column, available)}px, ${column.width}fr)`)
  return `32px ${widths.join(' ')}`
}
