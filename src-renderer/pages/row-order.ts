/**
 * Which rows a list shows, and in which order. Asked five times a second about ten thousand objects of which a hundred changed, it must not
 * cost a frame: what was found out about an object stands as long as the object does, and the answer as long as nothing in it moved.
 */
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { severity } from '../kinds/health.ts'
import type { KindView, ViewColumn } from '../kinds/view.ts'
import { hasWords } from './row-words.ts'

/** Which objects of a list are shown, and in which order; it stands in the URL. */
export interface ListQuery {
  /** None means all. */
  namespaces: readonly string[]
  /** Words that must all occur in some cell or label (`a=b`), or say how an object fares (`is:failed`, `is:unhealthy`). */
  filter: string
  sort: { column: string; descending: boolean }
}

/** Keys of what is to be shown, filtered and sorted; the very array of before while that still holds. */
export type RowOrder = (objects: ReadonlyMap<string, KubeObject>, query: ListQuery) => readonly string[]

/** What was found out about an object for a query. */
interface Found {
  object: KubeObject
  isIn: boolean
  /** What it is sorted by, if it is in. */
  value: string | number
}

/** Equal values are ordered by key, so that rows never swap at random. */
export function createRowOrder(view: KindView): RowOrder {
  const found = new Map<string, Found>()
  let asked = ''
  let rows: readonly string[] = []
  return (objects, query) => {
    const { columns } = view
    const by = columns.find(({ id }) => id === query.sort.column) ?? columns[0]!
    const now = JSON.stringify([query, by.id])
    // What is shown in place of a value changes without its object.
    const isNew = now !== asked || by.text !== undefined
    asked = now
    const look = looking(view, query, by)
    let isSame = true
    for (const [key, object] of objects) {
      const before = found.get(key)
      if (!isNew && before?.object === object) continue
      const next = look(object)
      isSame &&= (before?.isIn ?? false) === next.isIn && (!next.isIn || before?.value === next.value)
      found.set(key, next)
    }
    if (forget(found, objects)) isSame = false
    if (isNew || !isSame) rows = sorted(found, rows, directionOf(by, query.sort.descending))
    return rows
  }
}

function looking(view: KindView, query: ListQuery, by: ViewColumn): (object: KubeObject) => Found {
  const namespaces = view.namespaced ? new Set(query.namespaces) : new Set()
  const words = query.filter.toLowerCase().split(/\s+/).filter(Boolean)
  return (object) => {
    const isIn =
      (namespaces.size === 0 || namespaces.has(object.metadata.namespace ?? '')) && hasWords(view, object, words)
    return { object, isIn, value: isIn ? sortValue(view, by, object) : '' }
  }
}

/** Lets go of what there is no more; whether any of it was in. */
function forget(found: Map<string, Found>, objects: ReadonlyMap<string, KubeObject>): boolean {
  if (found.size === objects.size) return false
  let wasIn = false
  for (const [key, { isIn }] of found) {
    if (objects.has(key)) continue
    found.delete(key)
    wasIn ||= isIn
  }
  return wasIn
}

/** What is nearly in order already is sorted in a fraction of the time, so those of before come first. */
function sorted(found: ReadonlyMap<string, Found>, before: readonly string[], direction: number): string[] {
  const first = before.filter((key) => found.get(key)?.isIn)
  const known = new Set(first)
  const rest: string[] = []
  for (const [key, { isIn }] of found) if (isIn && !known.has(key)) rest.push(key)
  return [...first, ...rest]
    .map((key) => ({ key, value: found.get(key)!.value }))
    .sort((a, b) => direction * compare(a.value, b.value) || compare(a.key, b.key))
    .map(({ key }) => key)
}

/** Ages count from a time: the youngest has the latest. */
const directionOf = (by: ViewColumn, descending: boolean): number => (descending === (by.kind === 'age') ? 1 : -1)

function sortValue(view: KindView, column: ViewColumn, object: KubeObject): string | number {
  if (column.kind !== 'status' || !view.health) return column.value(object)
  const { level, reason } = view.health(object)
  return `${severity[level]} ${reason}`
}

function compare(a: string | number, b: string | number): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  return a < b ? -1 : a > b ? 1 : 0
}
