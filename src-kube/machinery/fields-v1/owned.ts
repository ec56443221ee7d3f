import { setOf, type FieldSet } from './field-set.ts'
import { sharedPaths } from './shared.ts'
import { itemsOf, partOf, partsOf, shapeOfItem, type ListShape, type OpenShape, type Shape } from './shape.ts'

/** The fields that a configuration gives: its leaves, and the items of lists and maps by themselves. */
export function fieldsOf(value: unknown, shape: Shape): FieldSet {
  const paths: string[][] = []
  collect(value, shape, [], paths)
  return setOf(paths)
}

function collect(value: unknown, shape: Shape, path: readonly string[], paths: string[][]): void {
  for (const [element, part] of partsOf(value, shape)) {
    const at = [...path, element]
    if (part.item || part.shape.kind === 'leaf' || isEmptyObject(part.value)) paths.push(at)
    collect(part.value, part.shape, at, paths)
  }
}

const isEmptyObject = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length === 0

/** What differs between two objects; a list or map that comes or goes is itself among it, next to its contents. */
export interface Difference {
  added: FieldSet
  modified: FieldSet
  removed: FieldSet
}

/** Where a walk is: told as a path only of what differs. */
interface Place {
  readonly above: Place | undefined
  readonly element: string
}

type Found = Record<keyof Difference, string[][]>

/** Parts that both objects share by reference cost nothing. */
export function compare(before: unknown, after: unknown, shape: Shape): Difference {
  const found: Found = { added: [], modified: [], removed: [] }
  walk(before, after, shape, undefined, found)
  return {
    added: sharedPaths(found.added),
    modified: sharedPaths(found.modified),
    removed: sharedPaths(found.removed),
  }
}

function walk(before: unknown, after: unknown, shape: Shape, above: Place | undefined, found: Found): void {
  if (before === after || shape.kind === 'leaf') return
  if (shape.kind === 'keyed' || shape.kind === 'set') return walkItems(before, after, shape, above, found)
  const was = fieldsIn(before)
  const is = fieldsIn(after)
  for (const name in is) if (is[name] !== undefined) walkField(name, shape, [before, after], above, found)
  for (const name in was)
    if (was[name] !== undefined && own(is, name) === undefined) walkField(name, shape, [before, after], above, found)
}

const nothing: Record<string, unknown> = {}

const fieldsIn = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : nothing

/** A key of data may be `constructor`, which every object seems to have. */
const own = (fields: Record<string, unknown>, name: string): unknown =>
  name in nothing && !Object.hasOwn(fields, name) ? undefined : fields[name]

function walkField(
  name: string,
  shape: OpenShape,
  [before, after]: readonly [unknown, unknown],
  above: Place | undefined,
  found: Found,
): void {
  const old = own(fieldsIn(before), name)
  const now = own(fieldsIn(after), name)
  if (old === now) return
  const { within, implied } = partOf(name, now ?? old, shape)
  const left = old === undefined && implied && before !== undefined ? nothing : old
  const right = now === undefined && implied && after !== undefined ? nothing : now
  tell(left, right, within, { above, element: `f:${name}` }, found)
}

function walkItems(before: unknown, after: unknown, shape: ListShape, above: Place | undefined, found: Found): void {
  const was = itemsOf(before, shape)
  const is = itemsOf(after, shape)
  const within = shapeOfItem(shape)
  for (const [element, item] of is) tell(was.get(element), item, within, { above, element }, found)
  for (const [element, item] of was) if (!is.has(element)) tell(item, undefined, within, { above, element }, found)
}

function tell(left: unknown, right: unknown, shape: Shape, place: Place, found: Found): void {
  if (left === undefined) found.added.push(pathTo(place))
  else if (right === undefined) found.removed.push(pathTo(place))
  else if (shape.kind === 'leaf' && !equal(left, right)) found.modified.push(pathTo(place))
  walk(left, right, shape, place, found)
}

function pathTo(place: Place): string[] {
  const path: string[] = []
  for (let at: Place | undefined = place; at; at = at.above) path.push(at.element)
  return path.reverse()
}

/** Deep equality of JSON values; an undefined field equals an absent one. */
export function equal(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a) !== Array.isArray(b)) return false
  const left = a as Record<string, unknown>
  const right = b as Record<string, unknown>
  return [...new Set([...Object.keys(left), ...Object.keys(right)])].every((name) =>
    equal(own(left, name), own(right, name)),
  )
}
