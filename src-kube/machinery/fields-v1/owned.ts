import { setOf, type FieldSet } from './field-set.ts'
import { partsOf, type Part, type Shape } from './shape.ts'

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

export function compare(before: unknown, after: unknown, shape: Shape): Difference {
  const found: Found = { added: [], modified: [], removed: [] }
  walk(before, after, shape, [], found)
  return { added: setOf(found.added), modified: setOf(found.modified), removed: setOf(found.removed) }
}

type Found = Record<keyof Difference, string[][]>

function walk(before: unknown, after: unknown, shape: Shape, path: readonly string[], found: Found): void {
  if (before === after) return
  const was = partsOf(before, shape)
  const is = partsOf(after, shape)
  for (const element of new Set([...was.keys(), ...is.keys()])) {
    const old = was.get(element)
    const now = is.get(element)
    const part = (now ?? old) as Part
    const at = [...path, element]
    const left = old ? old.value : part.implied && before !== undefined ? {} : undefined
    const right = now ? now.value : part.implied && after !== undefined ? {} : undefined
    if (left === undefined) found.added.push(at)
    else if (right === undefined) found.removed.push(at)
    else if (part.shape.kind === 'leaf' && !equal(left, right)) found.modified.push(at)
    walk(left, right, part.shape, at, found)
  }
}

/** Deep equality of JSON values; an undefined field equals an absent one. */
export function equal(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a) !== Array.isArray(b)) return false
  const left = a as Record<string, unknown>
  const right = b as Record<string, unknown>
  return [...new Set([...Object.keys(left), ...Object.keys(right)])].every((name) => equal(left[name], right[name]))
}
