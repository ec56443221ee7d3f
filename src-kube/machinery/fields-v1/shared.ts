import { decodeFields, encodeFields, type FieldsV1 } from './encode.ts'
import { difference, emptySet, intersection, isEmptySet, setOf, union, type FieldSet } from './field-set.ts'

/** Sets known by their text. Objects made from one template have one set; a cluster has few templates, and what is long is no template. */
const LONGEST = 32_768
/** Texts that are remembered, and their characters. */
const MOST = 1024
const MOST_CHARACTERS = 2 * 1024 * 1024
const byText = new Map<string, FieldsV1>()
let remembered = 0

const texts = new WeakMap<FieldsV1, string>()
const sets = new WeakMap<FieldsV1, FieldSet>()
const encoded = new WeakMap<FieldSet, FieldsV1>()

/** The one FieldsV1 of a text, which is its JSON as this server writes it; all who have it share it and change nothing in it. Those of long texts are not shared. */
export function sharedFields(text: string): FieldsV1 {
  const known = byText.get(text)
  if (known) return known
  const fields = JSON.parse(text) as FieldsV1
  if (text.length > LONGEST) return fields
  remembered += text.length
  for (const oldest of byText.keys()) {
    if (byText.size < MOST && remembered <= MOST_CHARACTERS) break
    byText.delete(oldest)
    remembered -= oldest.length
  }
  byText.set(text, fields)
  texts.set(fields, text)
  return fields
}

/** As `encodeFields`, shared by all sets that are equal. */
export function encodeShared(set: FieldSet): FieldsV1 {
  let fields = encoded.get(set)
  if (!fields) {
    fields = sharedFields(JSON.stringify(encodeFields(set)))
    encoded.set(set, fields)
    if (!sets.has(fields)) sets.set(fields, set)
  }
  return fields
}

/** As `decodeFields` (also in what it throws), once for all who share the fields; those that a client sent are known again by their text, and written as this server writes them. */
export function decodeShared(sent: FieldsV1): FieldSet {
  let set = sets.get(sent)
  if (set) return set
  if (typeof sent !== 'object') return decodeFields(sent)
  const fields = sharedFields(JSON.stringify(sent))
  set = sets.get(fields)
  if (set) return set
  const decoded = decodeFields(fields)
  const canonical = encodeShared(decoded)
  set = sets.get(canonical) ?? decoded
  sets.set(fields, set)
  return set
}

/** The one set of all that are equal to it. */
export const sharedSet = (set: FieldSet): FieldSet => (isEmptySet(set) ? emptySet : decodeShared(encodeShared(set)))

type Operation = (left: FieldSet, right: FieldSet) => FieldSet

/** An operation on shared sets that is done once: writes of one kind by one writer do the same to every object. */
function once(operation: Operation): Operation {
  const results = new WeakMap<FieldSet, WeakMap<FieldSet, FieldSet>>()
  return (left, right) => {
    let known = results.get(left)
    if (!known) results.set(left, (known = new WeakMap()))
    let result = known.get(right)
    if (!result) known.set(right, (result = operation(left, right)))
    return result
  }
}

export const sharedUnion = once(union)
export const sharedDifference = once(difference)
export const sharedIntersection = once(intersection)

/** Paths that a write may change for its set to be looked up, and sets that are remembered so. */
const FEW = 32
const MOST_CHANGES = 1024
const byPaths = new Map<string, FieldSet>()

/** As `setOf`. Most writes change the few fields that others of their kind have changed before: their set is shared, and found without being made. */
export function sharedPaths(paths: ReadonlyArray<readonly string[]>): FieldSet {
  if (paths.length === 0) return emptySet
  if (paths.length > FEW) return setOf(paths)
  const text = JSON.stringify(paths)
  const known = byPaths.get(text)
  if (known) return known
  const set = sharedSet(setOf(paths))
  if (text.length > LONGEST) return set
  if (byPaths.size >= MOST_CHANGES) byPaths.delete(byPaths.keys().next().value!)
  byPaths.set(text, set)
  return set
}

/** The fields as JSON. */
export const textOfFields = (fields: FieldsV1): string => texts.get(fields) ?? JSON.stringify(fields)
