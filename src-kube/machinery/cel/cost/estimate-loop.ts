import type { Node } from '../parser.ts'
import { INDICES, ITEMS, KEYS, sizeOf, VALUES, type Entries, type Found, type Local, type Part } from './part.ts'
import { exactly, times, upTo } from './size.ts'
import { LIST, macros } from './units.ts'

/** Estimates a part of a macro in which these names stand for these. */
type Within = (part: Node, names: ReadonlyArray<readonly [string, Local]>) => Part

/** A macro: what is done for one entry, for as many as there may be. */
export function estimateLoop({ kind, names, parts }: Node & { type: 'loop' }, over: Part, within: Within): Found {
  if (kind === 'optMap' || kind === 'optFlatMap') {
    // The optional value is asked whether it is there, and for what it is.
    const body = within(parts[0]!, [[names[0]!, { path: [], size: undefined }]])
    return { cost: 2 * (over.cost + 1) + LIST + body.cost + (kind === 'optMap' ? 1 : 0) }
  }
  const inner = parts.map((part) => within(part, namesOver(over, names)))
  const { entry, once } = macros[kind]
  const each = inner.reduce((sum, { cost }) => sum + cost, entry)
  const cost = over.cost + once + times(sizeOf(over), exactly(each)).most
  if (kind === 'all' || kind === 'exists' || kind === 'exists_one') return { cost, size: exactly(1) }
  return { cost, size: sizeOf(over), entries: entriesMade(kind, inner.at(-1)!, over) }
}

/** Sizes of what a macro collects; of maps they are not known. */
function entriesMade(kind: string, made: Part, over: Part): Entries | undefined {
  if (kind === 'transformMap' || kind === 'transformMapEntry') return undefined
  const item = kind === 'filter' ? over.item : made.size
  return item && { isList: true, key: exactly(1), value: upTo(item.most) }
}

/** What the names of a macro stand for that goes over something: an item, or its index and the item; a key, or the key and its value. */
function namesOver(over: Part, names: readonly string[]): Array<[string, Local]> {
  const { entries, path } = over
  const isList = entries ? entries.isList : over.type.kind === 'list'
  const key = { path: [...path, isList ? INDICES : KEYS], size: entries?.key }
  const value = { path: [...path, isList ? ITEMS : VALUES], size: entries?.value }
  const [first, second] = names
  return second === undefined
    ? [[first!, isList ? value : key]]
    : [
        [first!, key],
        [second, value],
      ]
}
