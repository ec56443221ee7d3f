import { textOf } from './conversions.ts'
import { CelError } from './errors.ts'
import type { LoopKind } from './parser.ts'
import { entriesOf, Optional, type Value } from './values.ts'

/** Macros that make a list or a map of another, and those of optional values (cel-go: two-variable comprehensions, optional types). */
export type TransformKind = 'transformList' | 'transformMap' | 'transformMapEntry'

export const isTransform = (kind: LoopKind): kind is TransformKind => kind.startsWith('transform')

/**
 * @param entries what the macro goes over, by index or key
 * @param make what the macro makes of one of them; undefined for nothing
 */
export function transformed(
  kind: TransformKind,
  entries: ReadonlyArray<readonly [Value, Value]>,
  make: (entry: readonly [Value, Value]) => Value | undefined,
): Value {
  if (kind === 'transformList') return entries.map(make).filter((one) => one !== undefined)
  const into = new Map<Value, Value>()
  for (const entry of entries) {
    const value = make(entry)
    if (value === undefined) continue
    for (const [key, one] of kind === 'transformMap' ? [[entry[0], value] as const] : (entriesOf(value) ?? [])) {
      if (kind === 'transformMapEntry' && into.has(key))
        throw new CelError(`insert failed: key ${textOf(key)} already exists`)
      into.set(key, one)
    }
  }
  return mapOf(into)
}

/** A map is fields where all keys are texts, as JSON's are. */
export const mapOf = (entries: ReadonlyMap<Value, Value>): Value =>
  [...entries.keys()].every((key) => typeof key === 'string') ? (Object.fromEntries(entries) as Value) : entries

/** `optMap`: something of the value, if there is one; `optFlatMap`: what is itself optional. */
export function onOptional(kind: 'optMap' | 'optFlatMap', of: Optional, make: (value: Value) => Value): Value {
  if (of.value === undefined) return of
  const value = make(of.value)
  return kind === 'optFlatMap' ? value : new Optional(value)
}
