import { byName } from './by-name.ts'
import { PER_CALL } from './limits.ts'
import { CHECK, FORMAT_PATTERN, matching, pairing, reading, rewriting, searching, selecting } from './units.ts'
import { isFields, Optional, type Value } from '../values.ts'

/** What a call costs with these arguments, the target of a method first. */
type CallCost = (args: readonly Value[]) => number

/** Characters, items, entries; 1 of what has none. A text counts in UTF-16 units, which are known without going through it. */
function sizeOf(value: Value | undefined): number {
  if (typeof value === 'string') return value.length
  if (typeof value !== 'object' || value === null) return 1
  if (Array.isArray(value) || value instanceof Uint8Array) return value.length
  if (value instanceof Map) return value.size
  return isFields(value) ? Object.keys(value).length : 1
}

/**
 * All that a value holds, down to its texts; no further than to `most`, which is more than there is to spend: a list can hold another twice, and that one a
 * third twice, until nobody can count what there is.
 */
function weightOf(value: Value | undefined, most = PER_CALL): number {
  if (typeof value === 'string') return reading(value.length)
  if (typeof value !== 'object' || value === null) return 1
  if (value instanceof Optional) return 1 + weightOf(value.value, most - 1)
  if (!hasEntries(value)) return 1
  const isList = Array.isArray(value)
  let sum = 0
  for (const one of isList
    ? (value as readonly Value[])
    : value instanceof Map
      ? value.values()
      : Object.values(value)) {
    const weight = weightOf(one, most - sum)
    // What is empty is gone through as well, and may stand in the list again and again.
    sum += isList ? Math.max(weight, 1) : 1 + weight
    if (sum > most) break
  }
  return sum
}

const isText = (value: Value | undefined): boolean => typeof value === 'string' || value instanceof Uint8Array
const hasEntries = (value: Value | undefined): boolean =>
  Array.isArray(value) || value instanceof Map || (value !== undefined && isFields(value))
const isDeep = (value: Value | undefined): boolean => hasEntries(value) || value instanceof Optional
/** Entries of a list; where lists or maps are among them all that these hold, as each is compared down to its texts. */
const comparedSize = (list: Value | undefined): number =>
  Array.isArray(list) && list.some(isDeep) ? weightOf(list) : sizeOf(list)

const shorter: CallCost = ([a, b]) => reading(Math.min(sizeOf(a), sizeOf(b)))
/** Lists and maps of one size are compared down to their texts; upstream counts how many entries there are, which says too little of the time it takes here. */
const equality: CallCost = ([a, b]) =>
  isDeep(a) && isDeep(b) && sizeOf(a) === sizeOf(b) ? weightOf(a) : shorter([a!, b!])
const order: CallCost = (args) => (isText(args[0]) ? shorter(args) : 1)
/** Texts and lists are written anew. */
const sum: CallCost = ([a, b]) => (isText(a) || Array.isArray(a) ? reading(sizeOf(a) + sizeOf(b)) : 1)
const membership: CallCost = ([a, b]) => (Array.isArray(b) ? b.length * (isDeep(a) ? Math.max(weightOf(a), 1) : 1) : 1)
const readTarget: CallCost = ([target]) => reading(sizeOf(target))
const readArgument: CallCost = ([, argument]) => reading(sizeOf(argument))
const rewriteTarget: CallCost = ([target]) => rewriting(sizeOf(target))
const weighTarget: CallCost = ([target]) => weightOf(target)
const match: CallCost = ([text, pattern]) => matching(sizeOf(text), sizeOf(pattern))
const select: CallCost = ([, selector]) => selecting(sizeOf(selector))
const pair: CallCost = ([a, b]) => pairing(comparedSize(a), sizeOf(b))
/** What is put into a text is written as well. */
const formatted: CallCost = ([text, args]) => reading(sizeOf(text)) + weightOf(args)
/** Where what comes is longer than what goes, so may be the text, in all places. */
const replaced: CallCost = ([text, old, by]) => {
  const [length, from, to] = [sizeOf(text), sizeOf(old), sizeOf(by)]
  const places = from === 0 ? length + 1 : length / from
  return rewriting(length) + reading(places * Math.max(to - from, 0))
}
/** An address or network is compared by its bytes, after it was read from a text. */
const within: CallCost = ([, other]) => (isText(other) ? 4 + reading(sizeOf(other)) : 4)
const convert: CallCost = ([value]) => (isText(value) ? reading(sizeOf(value)) : 1)
const items: CallCost = ([list]) => sizeOf(list)
/** Counting is a thousand times quicker than what one unit stands for, so that only very long texts are told apart. */
const count: CallCost = ([value]) => (typeof value === 'string' ? Math.ceil((value.length + 1) / 1000) : 1)
/** No list has less than no items: it would give back what others took. */
const range: CallCost = ([count]) => (typeof count === 'bigint' ? Math.max(0, Number(count)) : 1)

const costs = byName<CallCost>([
  ['== !=', equality],
  ['< <= > >=', order],
  ['+', sum],
  ['in', membership],
  ['startsWith endsWith', readArgument],
  ['contains', ([text, part]) => searching(sizeOf(text), sizeOf(part))],
  ['matches find findAll', match],
  ['lowerAscii upperAscii trim substring charAt url jsonpatch.escapeKey', readTarget],
  ['format', formatted],
  ['replace', replaced],
  ['split', rewriteTarget],
  ['join', ([list, by]) => 2 * weightOf(list) + reading(sizeOf(list) * sizeOf(by ?? ''))],
  ['isSorted sum max min indexOf lastIndexOf flatten', weighTarget],
  ['string bytes', convert],
  ['ip isIP cidr isCIDR quantity isQuantity semver isSemver isURL', convert],
  ['ip.isCanonical', rewriteTarget],
  ['containsIP containsCIDR', within],
  ['validate', ([, text]) => matching(sizeOf(text), FORMAT_PATTERN)],
  ['check', () => CHECK],
  ['fieldSelector labelSelector', select],
  ['sets.contains sets.intersects', pair],
  ['sets.equivalent', ([a, b]) => 2 * pair([a!, b!])],
  ['distinct sort', ([list]) => comparedSize(list) * sizeOf(list)],
  ['slice reverse', items],
  ['size', count],
  ['lists.range', range],
])

/** What a call takes besides its arguments, before it is made: most take one unit, others go through texts and lists. */
export const callCost = (name: string, args: readonly Value[]): number => costs.get(name)?.(args) ?? 1
