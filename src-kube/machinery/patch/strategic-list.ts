import { StatusError } from '../errors.ts'
import { goMap } from '../go-map.ts'
import type { Field } from '../schema/index.ts'
import { checkOrder, inOrder, type KeyOf } from './element-order.ts'
import { badDirective, isObject, withoutDirectives, withoutNulls, type Fields } from './directives.ts'

/** How a list is merged: its items that are objects, item by item. */
export interface ListMerge {
  field: Field
  merge(current: Fields, item: Fields): Fields
}

/** Whether the lists of a field are merged at all. */
export const isMerged = (field: Field | undefined): field is Field => field?.patchStrategy.includes('merge') ?? false

/**
 * A list that is merged into what stands there: without that, the patch's own items. Items that the patch names come in its order, as upstream has
 * them: new ones before those they do not know. Pure.
 */
export function mergeList(known: readonly unknown[] | undefined, items: readonly unknown[], how: ListMerge): unknown[] {
  if (!known) return withoutNulls(items.filter((item) => !isDeleted(item) && !isReplaced(item)))
  if (known.length === 0 && items.length === 0) return []
  checkAlike(known, items)
  const { patchMergeKey: key } = how.field
  if (!key) return inOrder([...new Set([...known, ...items])], items, known, asItself)
  const { left, given } = directed(known as Fields[], items as Fields[], key)
  return inOrder(mergeByKey(left, given, key, how), given, left, keyOfItems(key))
}

/** Throws when a patch asks for no order, or for one that is not the order of its own `items`. */
export function checkListOrder(order: unknown, items: unknown, { patchMergeKey: key }: Field): void {
  if (!Array.isArray(order)) throw unexpected(order)
  if (key) for (const one of order) keyIn(one as Fields, key)
  if (Array.isArray(items))
    checkOrder(key ? items.filter((item) => !isDeleted(item)) : items, order, items, keyOfItems(key))
}

/** The merged list in the order that a patch asks for; `before` is the list as it was. */
export const orderedList = (
  merged: readonly unknown[],
  order: readonly unknown[],
  before: readonly unknown[],
  { patchMergeKey }: Field,
): unknown[] => inOrder(merged, order, before, keyOfItems(patchMergeKey))

const keyOfItems = (key: string | undefined): KeyOf => (key ? (item) => (item as Fields)[key] : asItself)

const asItself: KeyOf = (item) => item

const isDeleted = (item: unknown): boolean => isObject(item) && item['$patch'] === 'delete'

/** Says of the list, not of an item, that it replaces what stands there. */
const isReplaced = (item: unknown): boolean =>
  isObject(item) && item['$patch'] === 'replace' && Object.keys(item).length === 1

/** What the directives among the items leave of what stands there, and the items that are none. */
function directed(
  known: readonly Fields[],
  items: readonly Fields[],
  key: string,
): { left: Fields[]; given: Fields[] } {
  const given: Fields[] = []
  let left = [...known]
  let replaces = false
  for (const item of items) {
    const directive = item['$patch']
    if (directive === undefined) given.push(item)
    else if (directive === 'replace') replaces = true
    else if (directive === 'delete') {
      const gone = keyIn(item, key)
      left = left.filter((other) => other[key] !== gone)
    } else if (directive === 'merge')
      throw new StatusError(500, '', 'merging lists cannot yet be specified in the patch')
    else throw badDirective(directive, item)
  }
  return replaces ? { left: given.map(withoutDirectives), given: [] } : { left, given }
}

function mergeByKey(left: readonly Fields[], items: readonly Fields[], key: string, { merge }: ListMerge): Fields[] {
  const result = [...left]
  for (const item of items) {
    const value = keyIn(item, key)
    const at = result.findIndex((other) => other[key] === value)
    if (at < 0) result.push(merge({}, item))
    else result[at] = merge(result[at]!, item)
  }
  return result
}

/** Upstream takes it for a fault of its own. */
function keyIn(item: Fields, key: string): unknown {
  if (isObject(item) && key in item) return item[key]
  throw new StatusError(500, '', `map: ${goMap(item)} does not contain declared merge key: ${key}`)
}

const unexpected = (value: unknown): StatusError =>
  new StatusError(500, '', `expected a []interface {}, but received a ${isObject(value) ? 'map' : typeof value}`)

/** All items are objects, or none is. */
function checkAlike(known: readonly unknown[], items: readonly unknown[]): void {
  const kinds = new Set(
    [...known, ...items].map((item) => (isObject(item) ? 'map' : Array.isArray(item) ? 'slice' : typeof item)),
  )
  if (kinds.size < 2) return
  throw new StatusError(500, '', `list element types are not identical: [${goMap(known)} ${goMap(items)}]`)
}
