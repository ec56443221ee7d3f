import { isRecord } from '../../src-kube/machinery/record.ts'

/** A field of an object: names, and for items of lists that have names what identifies them. */
export type FieldPath = ReadonlyArray<string | { name: string }>

/** A field that another changed since mine was made. */
export interface TheirChange {
  path: FieldPath
  /** Undefined where the field is not there. */
  before: unknown
  theirs: unknown
  /** Set when I changed it too, to something else: somebody has to choose. */
  mine?: { value: unknown }
}

/** Two changes of one object made one. */
export interface Merged {
  /** Theirs with my changes; where both changed a field, mine when `choose` says so. */
  value: unknown
  changes: TheirChange[]
}

type Fields = Record<string, unknown>
type Choose = (path: FieldPath) => 'mine' | 'theirs'

/**
 * Merges two changes of one object, field by field; items of lists that all have a `name` are fields by it, other lists are one
 * value. Pure: nothing given is changed.
 */
export function threeWay(before: unknown, mine: unknown, theirs: unknown, choose: Choose): Merged {
  const changes: TheirChange[] = []
  const value = merge({ before, mine, theirs }, [], choose, changes)
  return { value, changes }
}

interface Three {
  before: unknown
  mine: unknown
  theirs: unknown
}

function merge({ before, mine, theirs }: Three, path: FieldPath, choose: Choose, changes: TheirChange[]): unknown {
  if (isSame(theirs, before)) return mine
  const mineStands = isSame(mine, before)
  if (isRecord(theirs) && isRecord(mine) && (isRecord(before) || before === undefined)) {
    const parts = fieldsOf({ before: before ?? {}, mine, theirs })
    const merged = Object.entries(parts).map(([name, three]) => [name, merge(three, [...path, name], choose, changes)])
    return Object.fromEntries(merged.filter(([, value]) => value !== undefined))
  }
  if (isNamedList(theirs) && isNamedList(mine) && (isNamedList(before) || before === undefined)) {
    const lists = { before: byName(before ?? []), mine: byName(mine), theirs: byName(theirs) }
    return Object.entries(fieldsOf(lists)).flatMap(([name, three]) => {
      const value = merge(three, [...path, { name }], choose, changes)
      return value === undefined ? [] : [value]
    })
  }
  if (isSame(mine, theirs)) return theirs
  changes.push({ path, before, theirs, ...(mineStands ? {} : { mine: { value: mine } }) })
  return mineStands || choose(path) === 'theirs' ? theirs : mine
}

/** Every field that any of the three has, in the order of theirs, then mine. */
function fieldsOf({ before, mine, theirs }: { before: object; mine: object; theirs: object }): Record<string, Three> {
  const names = [...new Set([...Object.keys(theirs), ...Object.keys(mine), ...Object.keys(before)])]
  const at = (object: object, name: string): unknown => (object as Fields)[name]
  return Object.fromEntries(
    names.map((name) => [name, { before: at(before, name), mine: at(mine, name), theirs: at(theirs, name) }]),
  )
}

const isNamedList = (value: unknown): value is Array<{ name: string }> => {
  if (!Array.isArray(value) || value.length === 0) return false
  const names = value.map((item) => (isRecord(item) ? item['name'] : undefined))
  return names.every((name) => typeof name === 'string') && new Set(names).size === names.length
}

const byName = (list: ReadonlyArray<{ name: string }>): Fields =>
  Object.fromEntries(list.map((item) => [item.name, item]))

/** Whether two values of the API are equal; the order of fields does not matter. */
export function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((item, at) => isSame(item, b[at]))
  if (!isRecord(a) || !isRecord(b)) return false
  const names = Object.keys(a)
  return names.length === Object.keys(b).length && names.every((name) => name in b && isSame(a[name], b[name]))
}

/** As the API server names fields: `.spec.containers[name="main"].image`. */
export const pathText = (path: FieldPath): string =>
  path.map((step) => (typeof step === 'string' ? `.${step}` : `[name="${step.name}"]`)).join('')
