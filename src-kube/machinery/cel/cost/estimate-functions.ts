import { byName } from './by-name.ts'
import { isText, sizeOf, type Estimate, type Part } from './part.ts'
import { ENDLESS, exactly, plus, times, unknownSize, upTo, type Size } from './size.ts'
import { CHECK, FORMAT_PATTERN, matching, pairing, reading, rewriting, searching, selecting } from './units.ts'

/** `isMethod`: whether the first argument is the target of a method. Undefined for a way to call that takes one unit. */
type FunctionEstimate = (args: readonly Part[], isMethod: boolean) => Estimate | undefined

const most = (part: Part | undefined): number => (part ? sizeOf(part).most : 0)
const sized = (part: Part | undefined): Size => (part ? sizeOf(part) : exactly(0))

const readFirst: FunctionEstimate = ([first]) => ({ cost: reading(most(first)) })
const readSecond: FunctionEstimate = ([, second]) => ({ cost: reading(most(second)) })
/** What comes of it is no longer than what it was made of. */
const copied: FunctionEstimate = ([text]) => ({ cost: reading(most(text)), size: sized(text) })

/** Each item is looked at once, with all its characters. */
const traversed: FunctionEstimate = ([target], isMethod) => {
  if (!target || !isMethod) return undefined
  if (target.type.kind !== 'list') return { cost: reading(most(target)) }
  const item = isText(target.type.of) ? 1 + reading((target.item ?? unknownSize).most) : 1
  return { cost: times(sizeOf(target), exactly(item)).most }
}

const matched: FunctionEstimate = ([text, pattern], isMethod) =>
  isMethod ? { cost: matching(most(text), most(pattern)) } : undefined
const found: FunctionEstimate = (args, isMethod) => {
  const estimate = matched(args, isMethod)
  return estimate && { ...estimate, size: upTo(most(args[0])) }
}

/** The longest that comes of putting one text in all places of another. */
const replaced: FunctionEstimate = ([text, old, by]) => {
  const [size, from, to] = [sized(text), sized(old), sized(by)]
  const longest =
    from.least === 0
      ? size.most + (size.most + 1) * to.most
      : to.most <= from.least
        ? size.most
        : Math.ceil(size.most / from.least) * to.most
  return { cost: rewriting(size.most), size: upTo(Math.min(longest, ENDLESS)) }
}

const split: FunctionEstimate = ([text, , limit]) => {
  const parts = typeof limit?.literal === 'bigint' && limit.literal >= 0n ? Number(limit.literal) : most(text)
  return { cost: rewriting(most(text)), size: upTo(parts) }
}

const joined: FunctionEstimate = ([list, by]) => {
  const parts = sized(list)
  const texts = times(parts, list?.item ?? unknownSize)
  const size = plus(texts, times(sized(by), { least: Math.max(parts.least - 1, 0), most: Math.max(parts.most - 1, 0) }))
  return { cost: reading(size.most), size }
}

/** A number becomes a text of a length that is not bounded (kubernetes/kubernetes#124234): rules had better `format` it. */
const asText: FunctionEstimate = ([value]) =>
  value?.type.kind === 'bytes'
    ? { cost: reading(most(value)), size: { least: Math.floor(sized(value).least / 4), most: most(value) } }
    : undefined
const asBytes: FunctionEstimate = ([value]) =>
  value?.type.kind === 'string'
    ? { cost: reading(most(value)), size: times(sized(value), { least: 1, most: 4 }) }
    : undefined

const addressOf: FunctionEstimate = (args, isMethod) => (isMethod ? undefined : readFirst(args, isMethod))
/** Addresses have 4 to 16 bytes, and are read first where they are texts. */
const within =
  (cost: number): FunctionEstimate =>
  ([, other]) => ({ cost: cost + (other && isText(other.type) ? reading(most(other)) : 0) })

const paired =
  (factor: number): FunctionEstimate =>
  ([a, b]) => ({ cost: factor * pairing(most(a), most(b)) })

const keptOf = (list: Part | undefined): Estimate => ({
  cost: most(list),
  size: upTo(most(list)),
  entries: list?.entries,
})
const kept: FunctionEstimate = ([list]) => keptOf(list)
const compared: FunctionEstimate = ([list]) => ({ ...keptOf(list), cost: times(sized(list), sized(list)).most })
/** No list has less than no items: it would make the rest of a rule cheaper. */
const ranged: FunctionEstimate = ([count]) => {
  if (typeof count?.literal !== 'bigint') return undefined
  const length = Math.max(0, Number(count.literal))
  return { cost: length, size: exactly(length) }
}
const same: FunctionEstimate = ([value]) => ({ cost: 1, size: value?.size, entries: value?.entries })

/** By name: what a function or method costs, the target being the first argument. Those that are not here take one unit (cel-go; KEP-2876, "Resource constraints"). */
export const functionEstimates = byName<FunctionEstimate>([
  ['startsWith endsWith', readSecond],
  ['contains', ([text, part]) => ({ cost: searching(most(text), most(part)) })],
  ['matches', matched],
  ['find findAll', found],
  ['lowerAscii upperAscii trim substring url jsonpatch.escapeKey', copied],
  ['format', readFirst],
  ['replace', replaced],
  ['split', split],
  ['join', joined],
  ['isSorted sum max min indexOf lastIndexOf', traversed],
  ['string', asText],
  ['bytes', asBytes],
  ['ip cidr isIP isCIDR quantity isQuantity semver isSemver', addressOf],
  ['ip.isCanonical', ([text]) => ({ cost: rewriting(most(text)) })],
  ['containsIP', within(4)],
  ['containsCIDR', within(7)],
  ['validate', ([, text]) => ({ cost: matching(most(text), FORMAT_PATTERN) })],
  ['check', () => ({ cost: CHECK })],
  ['fieldSelector labelSelector', ([, selector]) => ({ cost: selecting(most(selector)) })],
  ['sets.contains sets.intersects', paired(1)],
  ['sets.equivalent', paired(2)],
  ['slice reverse', kept],
  ['distinct sort', compared],
  ['lists.range', ranged],
  ['dyn', same],
])
