import { emptySet, type FieldSet } from '../fields-v1/field-set.ts'
import { elementOfItem, partsOf, shapeOf, type Shape } from '../fields-v1/shape.ts'

type Fields = Record<string, unknown>
type ListShape = Shape & { kind: 'keyed' | 'set' }

const isList = (shape: Shape): shape is ListShape => shape.kind === 'keyed' || shape.kind === 'set'

/** The live value with the configuration laid over it: the configuration wins, what it does not name stays. Neither is changed. */
export function typedMerge(live: unknown, applied: unknown, shape: Shape): unknown {
  if (shape.kind === 'leaf' || !isCompound(live) || !isCompound(applied)) return applied
  if (isList(shape)) return Array.isArray(live) && Array.isArray(applied) ? mergeLists(live, applied, shape) : applied
  const parts = partsOf(applied, shape)
  const result: Fields = { ...(live as Fields) }
  for (const [element, part] of parts) {
    const name = element.slice(2)
    result[name] = typedMerge((live as Fields)[name], part.value, part.shape)
  }
  return result
}

const isCompound = (value: unknown): value is object => typeof value === 'object' && value !== null

/**
 * Both lists at once, as upstream walks them (reference: structured-merge-diff's `mergeListItems`): what only the live list has comes as soon as it is met there,
 * what only the configuration has once the live list is at something else, what both have in the order of the configuration.
 */
function mergeLists(live: readonly unknown[], applied: readonly unknown[], shape: ListShape): unknown[] {
  const keys = live.map((item) => elementOfItem(item, shape))
  const given = applied.map((item) => elementOfItem(item, shape))
  const wanted = new Set(given)
  const known = new Map<string, unknown>()
  for (const [i, key] of keys.entries()) if (!known.has(key)) known.set(key, live[i])
  const shared = given.filter((key) => known.has(key))
  const inner = shape.kind === 'keyed' ? shapeOf(shape.item) : ({ kind: 'leaf' } as const)
  const result: unknown[] = []
  let passed = 0
  for (let l = 0, r = 0; l < live.length || r < applied.length;) {
    const key = keys[l]
    if (key !== undefined && !wanted.has(key)) result.push(live[l++])
    else if (r === applied.length) l++
    else if (key !== undefined && key !== given[r] && passed < shared.length && shared[passed] !== key) l++
    else {
      const own = given[r]!
      result.push(known.has(own) ? typedMerge(known.get(own), applied[r], inner) : applied[r])
      if (key === own) l++
      if (shared[passed] === own) passed++
      r++
    }
  }
  return result
}

/**
 * Takes out what was applied before and is owned by nobody now. A field with nothing owned at or beneath it goes as a whole, with
 * what the server filled in there; an item of a list or map goes unless somebody owns it itself, and takes along what others have only set in it.
 * The key fields of an item that stays, stay. The value is not changed.
 */
export function prune(
  value: unknown,
  before: FieldSet,
  owned: FieldSet,
  shape: Shape,
  keys: readonly string[] = [],
): unknown {
  const inner = shape.kind === 'keyed' ? shape.keys : []
  const parts = partsOf(value, shape)
  const gone = new Set<string>()
  const changed = new Map<string, unknown>()
  for (const [element, was] of before.children) {
    const part = parts.get(element)
    if (!part || keys.includes(element.slice(2))) continue
    const kept = owned.children.get(element)
    const isField = shape.kind === 'struct' && shape.struct.fields.has(element.slice(2))
    if (isField ? !kept : was.member && !kept?.member) gone.add(element)
    else if (part.shape.kind !== 'leaf')
      changed.set(element, prune(part.value, was, kept ?? emptySet, part.shape, inner))
  }
  if (gone.size === 0 && changed.size === 0) return value
  if (isList(shape))
    return (value as unknown[]).flatMap((item) => {
      const element = elementOfItem(item, shape)
      return gone.has(element) ? [] : [changed.has(element) ? changed.get(element) : item]
    })
  const result: Fields = { ...(value as Fields) }
  for (const element of gone) delete result[element.slice(2)]
  for (const [element, part] of changed) result[element.slice(2)] = part
  return result
}
