import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { needsAttention, severity, type Health } from '../kinds/health.ts'
import type { KindView, ViewColumn } from '../kinds/view.ts'

export interface ListQuery {
  /** None means all. */
  namespaces: readonly string[]
  /** Words that must all occur in some cell or label (`a=b`), or say how an object fares (`is:failed`, `is:unhealthy`). */
  filter: string
  sort: { column: string; descending: boolean }
}

/**
 * Keys of what is to be shown, filtered and sorted; equal values are ordered by key, so that rows never swap at random.
 * `before` is an earlier answer: what is nearly in order already is sorted in a fraction of the time, and when it still holds it is the answer.
 */
export function listRows(
  view: KindView,
  objects: ReadonlyMap<string, KubeObject>,
  query: ListQuery,
  before: readonly string[] = [],
): readonly string[] {
  const namespaces = new Set(query.namespaces)
  const words = query.filter.toLowerCase().split(/\s+/).filter(Boolean)
  const found: Array<{ key: string; value: string | number }> = []
  const { columns } = view
  const by = columns.find((c) => c.id === query.sort.column) ?? columns[0]!
  if (namespaces.size === 0 && words.length === 0 && isInOrder(view, objects, before, by, query.sort.descending))
    return before
  for (const [key, object] of startingWith(before, objects)) {
    if (view.namespaced && namespaces.size > 0 && !namespaces.has(object.metadata.namespace ?? '')) continue
    if (words.length > 0 && !matches(view, columns, object, words)) continue
    found.push({ key, value: sortValue(view, by, object) })
  }
  const direction = directionOf(by, query.sort.descending)
  found.sort((a, b) => direction * compare(a.value, b.value) || compare(a.key, b.key))
  return found.map(({ key }) => key)
}

/** Ages count from a time: the youngest has the latest. */
const directionOf = (by: ViewColumn, descending: boolean): number => (descending === (by.kind === 'age') ? 1 : -1)

/** Whether these keys are those of all objects, in order: most changes of a long list move nothing. */
function isInOrder(
  view: KindView,
  objects: ReadonlyMap<string, KubeObject>,
  keys: readonly string[],
  by: ViewColumn,
  descending: boolean,
): boolean {
  if (keys.length !== objects.size) return false
  const direction = directionOf(by, descending)
  let last: string | number | undefined
  return keys.every((key, at) => {
    const object = objects.get(key)
    if (!object) return false
    const [value, prior] = [sortValue(view, by, object), last]
    last = value
    return prior === undefined || (direction * compare(prior, value) || compare(keys[at - 1]!, key)) < 0
  })
}

/** All objects, in an order that begins with that of these keys. */
function startingWith(
  keys: readonly string[],
  objects: ReadonlyMap<string, KubeObject>,
): Iterable<readonly [string, KubeObject]> {
  if (keys.length === 0) return objects
  const first = keys.flatMap((key) => {
    const object = objects.get(key)
    return object ? [[key, object] as const] : []
  })
  if (first.length === objects.size) return first
  const known = new Set(keys)
  return [...first, ...[...objects].filter(([key]) => !known.has(key))]
}

function sortValue(view: KindView, column: ViewColumn, object: KubeObject): string | number {
  if (column.kind !== 'status' || !view.health) return column.value(object)
  const { level, reason } = view.health(object)
  return `${severity[level]} ${reason}`
}

function compare(a: string | number, b: string | number): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  return a < b ? -1 : a > b ? 1 : 0
}

/** What an object's words are sought in; objects never change, so each is put into words once. */
const haystacks = new WeakMap<KubeObject, string>()

function haystackOf(view: KindView, columns: readonly ViewColumn[], object: KubeObject): string {
  let text = haystacks.get(object)
  if (text === undefined) {
    const cells = columns.filter((c) => c.kind !== 'age' && !c.text).map((c) => c.value(object))
    const labels = Object.entries(object.metadata.labels ?? {}).map(([key, value]) => `${key}=${value}`)
    text = [...cells, ...wordsOfHealth(view.health?.(object)), ...labels].join('\n').toLowerCase()
    haystacks.set(object, text)
  }
  return text
}

/** `is:failed` finds what failed, `is:unhealthy` all that a person should look at. */
function wordsOfHealth(health: Health | undefined): string[] {
  if (!health) return []
  return [health.reason, `is:${health.level}`, ...(needsAttention(health) ? ['is:unhealthy'] : [])]
}

/** Does ahead of time what the first filtering would do to an object. */
export function indexRow(view: KindView, object: KubeObject): void {
  haystackOf(view, view.columns, object)
}

function matches(
  view: KindView,
  columns: readonly ViewColumn[],
  object: KubeObject,
  words: readonly string[],
): boolean {
  const text = haystackOf(view, columns, object)
  return words.every((word) => text.includes(word))
}
