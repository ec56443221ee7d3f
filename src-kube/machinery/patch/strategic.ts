import { badRequest, StatusError } from '../errors.ts'
import { goMap } from '../go-map.ts'
import type { Field, FieldType, StructSchema } from '../schema/index.ts'

type Value = unknown
type Fields = Record<string, Value>

const isObject = (value: Value): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value)

/** What merging needs to know of a place: its fields, if its type is known. */
type Shape = StructSchema | undefined

/**
 * Strategic merge patch (Kubernetes API conventions, "Strategic Merge Patch"): lists merge by the key their field declares.
 * Understands `$patch`, `$retainKeys`, `$setElementOrder/<list>` and `$deleteFromPrimitiveList/<list>`. Pure.
 * Throws `StatusError` 400 for a patch that contradicts itself.
 */
export function strategicMergePatch(document: Value, patch: Value, schema: StructSchema): Value {
  if (!isObject(patch)) throw badRequest('json: cannot unmarshal array into Go value of type map[string]interface {}')
  return mergeObject(isObject(document) ? document : {}, patch, schema)
}

function mergeObject(document: Fields, patch: Fields, shape: Shape): Fields {
  const directive = patch['$patch']
  if (directive === 'delete') return {}
  if (directive === 'replace') return withoutDirectives(patch)
  if (directive !== undefined && directive !== 'merge')
    throw badRequest(`unknown patch type found: ${JSON.stringify(directive)}`)
  const result = retained(document, patch)
  for (const [name, value] of Object.entries(patch)) {
    if (isDirective(name)) continue
    const field = shape?.fields.get(name)
    if (value === null) delete result[name]
    else result[name] = mergeValue(result[name], value, field, patch)
  }
  for (const name of listsOrderedOnly(patch)) {
    if (!Array.isArray(result[name])) continue
    result[name] = mergeList(result[name] as Value[], [], shape?.fields.get(name), patch)
  }
  return result
}

const ORDER = '$setElementOrder/'
const DELETE_FROM = '$deleteFromPrimitiveList/'

/** Other names may begin so too: `$ref` in the schemas of custom resources. */
const isDirective = (name: string): boolean =>
  name[0] === '$' &&
  (name === '$patch' || name === '$retainKeys' || name.startsWith(ORDER) || name.startsWith(DELETE_FROM))

/** Lists that the patch only orders or deletes from, without items of their own. */
function listsOrderedOnly(patch: Fields): Set<string> {
  const names = Object.keys(patch)
    .filter((name) => name.startsWith(ORDER) || name.startsWith(DELETE_FROM))
    .map((name) => name.slice(name.indexOf('/') + 1))
  return new Set(names.filter((name) => !(name in patch)))
}

/** `$retainKeys`: of a union only the named members stay. */
function retained(document: Fields, patch: Fields): Fields {
  const keys = patch['$retainKeys']
  if (keys === undefined) return { ...document }
  if (!Array.isArray(keys)) throw badRequest('$retainKeys must be a list')
  for (const name of Object.keys(patch)) {
    if (!isDirective(name) && patch[name] !== null && !keys.includes(name)) {
      throw badRequest(`$retainKeys list doesn't match fields present in patch: ${name}`)
    }
  }
  return Object.fromEntries(Object.entries(document).filter(([name]) => keys.includes(name)))
}

function mergeValue(current: Value, value: Value, field: Field | undefined, patch: Fields): Value {
  if (Array.isArray(value)) return mergeList(Array.isArray(current) ? current : undefined, value, field, patch)
  if (!isObject(value)) return value
  const type = field?.type
  const base = isObject(current) ? current : {}
  if (type?.kind === 'struct') return mergeObject(base, value, type.struct)
  // Free maps (labels, data) merge by key; their values too when they are structs.
  return mergeMap(base, value, type?.kind === 'map' ? type.element : undefined)
}

function mergeMap(document: Fields, patch: Fields, element: FieldType | undefined): Fields {
  if (element?.kind !== 'struct') return mergeObject(document, patch, undefined)
  const result = { ...document }
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key]
    else if (isObject(value)) result[key] = mergeObject(isObject(result[key]) ? result[key] : {}, value, element.struct)
    else result[key] = value
  }
  return result
}

/** `known`: what stands there. Without it an item needs no key: there is nothing that it could be the same as. */
function mergeList(
  known: readonly Value[] | undefined,
  items: readonly Value[],
  field: Field | undefined,
  patch: Fields,
): Value[] {
  if (!field?.patchStrategy.includes('merge')) return withoutNulls(items)
  const current = known ?? []
  const { name, patchMergeKey: key } = field
  const order = patch[ORDER + name]
  if (!key) return mergePrimitives(current, items, patch[DELETE_FROM + name], order)
  const element = field.type.kind === 'list' ? field.type.element : undefined
  const struct = element?.kind === 'struct' ? element.struct : undefined
  if (items.some((item) => isObject(item) && item['$patch'] === 'replace' && Object.keys(item).length === 1)) {
    return items
      .filter((item) => !(isObject(item) && item['$patch'] === 'replace'))
      .map((item) => withoutDirectives(item as Fields))
  }
  if (!known && items.some((item) => isObject(item) && !(key in item))) return withoutNulls(items)
  return ordered(mergeByKey(current, items, key, struct), order, (item) => (item as Fields)[key], current)
}

function mergeByKey(current: readonly Value[], items: readonly Value[], key: string, struct: Shape): Value[] {
  const result = [...current]
  for (const item of items) {
    if (!isObject(item)) throw badRequest('patch type mismatch: a list of objects was expected')
    if (!(key in item)) throw keyless(item, key)
    const same = (other: Value): boolean => isObject(other) && other[key] === item[key]
    if (item['$patch'] === 'delete') {
      for (let i = result.length - 1; i >= 0; i--) if (same(result[i])) result.splice(i, 1)
      continue
    }
    const at = result.findIndex(same)
    if (at < 0) result.push(mergeObject({}, item, struct))
    else if (item['$patch'] === 'replace') result[at] = withoutDirectives(item)
    else result[at] = mergeObject(result[at] as Fields, item, struct)
  }
  return result
}

/** Upstream takes it for a fault of its own. */
const keyless = (item: Fields, key: string): StatusError =>
  new StatusError(500, '', `map: ${goMap(item)} does not contain declared merge key: ${key}`)

function mergePrimitives(current: readonly Value[], items: readonly Value[], deleted: Value, order: Value): Value[] {
  const gone = new Set(Array.isArray(deleted) ? deleted : [])
  const result = current.filter((item) => !gone.has(item))
  for (const item of items) if (!result.includes(item)) result.push(item)
  return ordered(result, order, (item) => item, current)
}

/**
 * The order the patch asks for; items it does not name keep their place relative to their former neighbours (they follow
 * the named item they stood behind).
 */
function ordered(items: Value[], order: Value, keyOf: (item: Value) => Value, before: readonly Value[]): Value[] {
  if (!Array.isArray(order)) return items
  const wanted = order.map((entry) => keyOf(entry))
  const named = wanted.flatMap((key) => items.filter((item) => keyOf(item) === key))
  const rest = items.filter((item) => !wanted.includes(keyOf(item)))
  const result = [...named]
  for (const item of rest) {
    const place = before.findIndex((other) => keyOf(other) === keyOf(item))
    let at = place < 0 ? result.length : 0
    for (let i = place - 1; i >= 0; i--) {
      const neighbour = result.findIndex((other) => keyOf(other) === keyOf(before[i]))
      if (neighbour >= 0) {
        at = neighbour + 1
        break
      }
    }
    result.splice(at, 0, item)
  }
  return result
}

function withoutNulls(items: readonly Value[]): Value[] {
  return items.filter((item) => item !== null).map((item) => (isObject(item) ? withoutDirectives(item) : item))
}

/** The object as plain data: directives and nulls are the patch's, not the object's. */
function withoutDirectives(value: Fields): Fields {
  const result: Fields = {}
  for (const [name, item] of Object.entries(value)) {
    if (isDirective(name) || item === null) continue
    result[name] = Array.isArray(item) ? withoutNulls(item) : isObject(item) ? withoutDirectives(item) : item
  }
  return result
}
