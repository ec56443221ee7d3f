import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import type { Health } from '../kinds/health.ts'
import type { CellKind, ViewColumn } from '../kinds/view.ts'

/** Pixels that a person gave to columns, by id. */
export type ColumnWidths = Readonly<Record<string, number>>

/** A column in sight; those that do not fit keep their numbers. */
export interface ShownColumn {
  column: ViewColumn
  /** Its `aria-colindex`. */
  index: number
  /** Pixels that it is drawn with at least. */
  room: number
}

/** These of a view's columns as they are shown in a list that is `available` pixels wide. */
export function shownColumns(
  fitting: readonly ViewColumn[],
  columns: readonly ViewColumn[],
  available: number,
  given: ColumnWidths = {},
): ShownColumn[] {
  return fitting.map((column) => ({
    column,
    index: columns.indexOf(column) + 2,
    room: given[column.id] ?? leastWidth(column, available),
  }))
}

/** Pixels that a letter, and a character as wide as high, take at most. */
const [widestLetter, square] = [10, 14]

/**
 * Whether words may be wider than their column. Those that cannot are not cut off either: every box that cuts off is a part of its own for
 * the browser to paint and to put together, and a list has hundreds in sight.
 */
export function mayBeCut(text: string | number, { column, room }: ShownColumn): boolean {
  if (column.kind === 'age') return false
  let left = room - (column.kind === 'status' ? besides : column.trail ? trailSpace : 0)
  for (const character of String(text)) {
    left -= character.codePointAt(0)! > 0x2e80 ? square : widestLetter
    if (left < 0) return true
  }
  return false
}

/** Id of a column's header. */
export const headId = (column: ViewColumn): string => `head-${column.id}`
/** Id of a row, from 0. */
export const rowId = (at: number): string => `row-${at}`

/** Pixels below which a list is one of names and how they fare. */
const narrow = 420

/** The narrowest that a person can make a column. */
export const narrowest = 48

/** Pixels from which on what is said most has the room for it: `CrashLoopBackOff`, `LoadBalancer`, an address of four parts. */
const roomy = 560

/** The least width in pixels at which a column still says something, in a list that is `available` wide. */
function leastWidth({ id, kind, width, trail }: ViewColumn, available = Infinity): number {
  // A figure without its end would be another figure.
  if (trail) return width
  const [name, status] = available < narrow ? [120, 110] : [160, available < roomy ? 130 : 150]
  const age = id === 'age' ? 56 : 84
  const other = (available < roomy ? undefined : wished[id]) ?? least[id] ?? 80
  const byKind: Partial<Record<CellKind, number>> = { name, status, age }
  return Math.min(width, byKind[kind ?? 'text'] ?? other)
}

const least: Record<string, number> = { namespace: 90, ready: 52, restarts: 66, node: 72, message: 150 }
const wished: Record<string, number> = { type: 96, ip: 82, clusterIP: 108, version: 128 }
const gap = 12

/**
 * The columns that fit into `available` pixels. The first and the status stay, and what an event says; the namespace as long as it can, since it
 * tells objects of one name apart, the age nearly so; of the others the ones on the right go first, because what a kind puts first matters most.
 */
export function fitColumns(columns: readonly ViewColumn[], available: number, given: ColumnWidths = {}): ViewColumn[] {
  const kept = [...columns]
  const needed = (): number =>
    kept.reduce((sum, column) => sum + (given[column.id] ?? leastWidth(column, available)) + gap, 0)
  const isKept = ({ id, kind }: ViewColumn, at: number): boolean =>
    at === 0 || kind === 'status' || ['age', 'namespace', 'message'].includes(id)
  const drop = (find: (column: ViewColumn, at: number) => boolean): boolean => {
    const at = kept.findLastIndex(find)
    if (at > 0) kept.splice(at, 1)
    return at > 0
  }
  while (needed() > available && drop((column, at) => !isKept(column, at)));
  for (const last of ['age', 'namespace']) if (needed() > available) drop(({ id }) => id === last)
  return kept
}

/**
 * How wide each column is drawn, after the box to mark a row; in the words of `grid-template-columns`. Those with a given width have it, the
 * others share what is left.
 */
export function widthsOf(columns: readonly ViewColumn[], available: number, given: ColumnWidths = {}): string {
  const widths = columns.map((column) => {
    const own = given[column.id]
    return own === undefined ? `minmax(${leastWidth(column, available)}px, ${column.width}fr)` : `${own}px`
  })
  return `32px ${widths.join(' ')}`
}

/** Columns in the order a person gave them by their ids; the first stays, and those it does not name follow the one they follow by default. */
export function inOrder(columns: readonly ViewColumn[], ids: readonly string[]): readonly ViewColumn[] {
  if (ids.length === 0) return columns
  let rank = -1
  const ranks = columns.map(({ id }, at) => {
    const own = at === 0 ? -1 : ids.indexOf(id)
    // Behind the one before it, in front of the next one that is named.
    rank = own >= 0 || at === 0 ? own : Math.floor(rank) + 0.5
    return { id, rank }
  })
  const rankOf = new Map(ranks.map((one) => [one.id, one.rank]))
  return columns.toSorted((a, b) => rankOf.get(a.id)! - rankOf.get(b.id)!)
}

/** What a cell says. */
export function cellText(
  { kind, text, value }: ViewColumn,
  object: KubeObject,
  health?: (object: KubeObject) => Health,
): string | number {
  return kind === 'status' ? (health?.(object).reason ?? '') : text ? text(object) : value(object)
}

/** Pixels beside a cell's words: the shape of a status, the arrow of a header; the line of what was used. */
const besides = 22
const trailSpace = 34
/** The longest words of a column, of which one is the widest. */
const candidates = 30
const widest = 900

/** The width at which nothing of a column is cut off; `measure` tells how wide words are drawn. */
export function fittingWidth(texts: readonly string[], measure: (text: string) => number, hasTrail = false): number {
  const longest = texts.toSorted((a, b) => b.length - a.length).slice(0, candidates)
  const needed = Math.max(0, ...longest.map(measure)) + (hasTrail ? trailSpace : besides)
  return Math.ceil(Math.min(widest, Math.max(narrowest, needed)))
}
