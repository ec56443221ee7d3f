import { StatusError } from '../errors.ts'
import { goMap } from '../go-map.ts'

/** What items of a list are told apart by. */
export type KeyOf = (item: unknown) => unknown

/**
 * The order of a merged list (reference: apimachinery's `strategicpatch`, "normalizeElementOrder"): items that `wanted` names come in its order, others in that of
 * `before`; of two neighbours from both the one that stood first in `before` comes first, and one that is new there comes before. Pure.
 */
export function inOrder(
  items: readonly unknown[],
  wanted: readonly unknown[],
  before: readonly unknown[],
  keyOf: KeyOf,
): unknown[] {
  const wish = placesOf(wanted, keyOf)
  const place = placesOf(before, keyOf)
  const named = sorted(
    items.filter((item) => wish.has(keyOf(item))),
    wish,
    keyOf,
  )
  const rest = sorted(
    items.filter((item) => !wish.has(keyOf(item))),
    place,
    keyOf,
  )
  const result: unknown[] = []
  let next = 0
  for (const item of named) {
    const at = place.get(keyOf(item))
    while (at !== undefined && next < rest.length && isBefore(place.get(keyOf(rest[next])), at))
      result.push(rest[next++])
    result.push(item)
  }
  return [...result, ...rest.slice(next)]
}

const isBefore = (place: number | undefined, other: number): boolean => place !== undefined && place < other

/** The first place of each key. */
function placesOf(items: readonly unknown[], keyOf: KeyOf): Map<unknown, number> {
  const places = new Map<unknown, number>()
  for (const [i, item] of items.entries()) if (!places.has(keyOf(item))) places.set(keyOf(item), i)
  return places
}

/** What has no place stays behind what has. */
const sorted = (items: unknown[], places: ReadonlyMap<unknown, number>, keyOf: KeyOf): unknown[] =>
  items.sort((a, b) => (places.get(keyOf(a)) ?? Infinity) - (places.get(keyOf(b)) ?? Infinity) || 0)

/**
 * Throws 500, as upstream does for what is no fault of its own, when items of a patch do not come in the order that it asks for itself.
 *
 * @param items those that stay
 * @param shown the list of the patch as it was sent
 */
export function checkOrder(
  items: readonly unknown[],
  order: readonly unknown[],
  shown: readonly unknown[],
  keyOf: KeyOf,
): void {
  let found = 0
  for (const one of order) if (found < items.length && keyOf(items[found]) === keyOf(one)) found++
  if (found === items.length) return
  throw new StatusError(
    500,
    '',
    `The order in patch list:\n${goMap(shown)}\n doesn't match $setElementOrder list:\n${goMap(order)}\n`,
  )
}
