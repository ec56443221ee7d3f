import { badRequest } from '../errors.ts'
import type { Field, FieldType, StructSchema } from '../schema/index.ts'
import {
  badDirective,
  DELETE_FROM,
  isDirective,
  isObject,
  ORDER,
  withoutDirectives,
  withoutNulls,
  type Fields,
} from './directives.ts'
import { GO_MAP, malformed } from './malformed.ts'
import { checkListOrder, isMerged, mergeList, orderedList, type ListMerge } from './strategic-list.ts'

/** What merging needs to know of a place: its fields, if its type is known. */
type Shape = StructSchema | undefined

/**
 * Strategic merge patch (Kubernetes API conventions, "Strategic Merge Patch"): lists merge by the key their field declares.
 * Understands `$patch`, `$retainKeys`, `$setElementOrder/<list>` and `$deleteFromPrimitiveList/<list>`. Pure.
 * Throws `StatusError` for a patch that contradicts itself: 400, or 500 where upstream takes that for a fault of its own.
 */
export function strategicMergePatch(document: unknown, patch: unknown, schema: StructSchema): unknown {
  // A map that is null is an empty one.
  const changes = patch === null ? {} : patch
  if (!isObject(changes)) throw badRequest(malformed(changes, GO_MAP))
  return mergeObject(isObject(document) ? document : {}, changes, schema)
}

function mergeObject(document: Fields, patch: Fields, shape: Shape): Fields {
  const directive = patch['$patch']
  if (directive === 'delete') return {}
  if (directive === 'replace') return withoutDirectives(patch)
  if (directive !== undefined) throw badDirective(directive, patch)
  const result = retained(document, patch)
  for (const [name, wanted] of Object.entries(patch)) {
    const list = name.startsWith(ORDER) ? name.slice(ORDER.length) : undefined
    const field = list === undefined ? undefined : shape?.fields.get(list)
    if (isMerged(field)) checkListOrder(wanted, patch[field.name], field)
  }
  for (const [name, value] of Object.entries(patch)) {
    if (isDirective(name)) continue
    if (value === null) delete result[name]
    else result[name] = mergeValue(result[name], value, shape?.fields.get(name))
  }
  for (const [name, value] of Object.entries(patch)) {
    if (name.startsWith(ORDER)) order(result, name.slice(ORDER.length), { value, document, shape })
    else if (name.startsWith(DELETE_FROM)) deleteFrom(result, name.slice(DELETE_FROM.length), value)
  }
  return result
}

interface Ordering {
  value: unknown
  document: Fields
  shape: Shape
}

function order(result: Fields, name: string, { value, document, shape }: Ordering): void {
  const field = shape?.fields.get(name)
  const merged = result[name]
  if (!Array.isArray(merged) || !isMerged(field)) return
  const known: unknown = document[name]
  const before = Array.isArray(known) ? known : []
  result[name] = orderedList(merged, value as unknown[], before, field)
}

function deleteFrom(result: Fields, name: string, values: unknown): void {
  const list = result[name]
  if (!Array.isArray(list) || !Array.isArray(values)) return
  const gone = new Set<unknown>(values)
  result[name] = list.filter((item) => !gone.has(item))
}

/** `$retainKeys`: of a union only the named members stay. */
function retained(document: Fields, patch: Fields): Fields {
  const keys = patch['$retainKeys']
  if (keys === undefined) return { ...document }
  const fits =
    Array.isArray(keys) &&
    Object.keys(patch).every((name) => isDirective(name) || patch[name] === null || keys.includes(name))
  if (!fits) throw badRequest('invalid patch format of retainKeys')
  return Object.fromEntries(Object.entries(document).filter(([name]) => keys.includes(name)))
}

function mergeValue(current: unknown, value: unknown, field: Field | undefined): unknown {
  if (Array.isArray(value)) {
    if (!isMerged(field)) return withoutNulls(value)
    return mergeList(Array.isArray(current) ? current : undefined, value, listMerge(field))
  }
  if (!isObject(value)) return value
  if (field?.patchStrategy.includes('replace')) return withoutDirectives(value)
  const type = field?.type
  const base = isObject(current) ? current : {}
  if (type?.kind === 'struct') return mergeObject(base, value, type.struct)
  // Free maps (labels, data) merge by key; their values too when they are structs.
  return mergeMap(base, value, type?.kind === 'map' ? type.element : undefined)
}

function listMerge(field: Field): ListMerge {
  const element = field.type.kind === 'list' ? field.type.element : undefined
  const struct = element?.kind === 'struct' ? element.struct : undefined
  return { field, merge: (current, item) => mergeObject(current, item, struct) }
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
