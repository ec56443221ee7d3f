/** What a value of an expression is known to be before it is evaluated. */
export type CelType =
  | { kind: Simple }
  | { kind: 'list'; of: CelType }
  | { kind: 'map'; key: CelType; value: CelType }
  | { kind: 'opaque'; name: string }
  | ObjectType

/** Of values with fields that are known by name. */
export interface ObjectType {
  kind: 'object'
  name: string
  /** The type of a field, undefined when there is no such field. */
  field(name: string): CelType | undefined
}

/** `dyn`: anything, and nothing is said against it. */
type Simple = 'bool' | 'int' | 'uint' | 'double' | 'string' | 'bytes' | 'null' | 'timestamp' | 'duration' | 'dyn'

/** A type that only the value knows: everything may be asked of it, and fails when it is evaluated. */
export const dyn: CelType = { kind: 'dyn' }
export const bool: CelType = { kind: 'bool' }
export const int: CelType = { kind: 'int' }
export const string: CelType = { kind: 'string' }
/** Of values that only functions look into: quantities, addresses. */
export const opaque = (name: string): CelType => ({ kind: 'opaque', name })
export const simple = (kind: Simple): CelType => ({ kind })
export const listOf = (of: CelType): CelType => ({ kind: 'list', of })
/** Of maps with strings for keys, which JSON's all are. */
export const mapOf = (value: CelType): CelType => ({ kind: 'map', key: string, value })

const longNames: Partial<Record<Simple, string>> = {
  timestamp: 'google.protobuf.Timestamp',
  duration: 'google.protobuf.Duration',
}

/** As cel-go writes types: `list(int)`, `map(string, dyn)`. */
export function typeName(type: CelType): string {
  switch (type.kind) {
    case 'list':
      return `list(${typeName(type.of)})`
    case 'map':
      return `map(${typeName(type.key)}, ${typeName(type.value)})`
    case 'object':
    case 'opaque':
      return type.name
    default:
      return longNames[type.kind] ?? type.kind
  }
}

const numbers = new Set(['int', 'uint', 'double'])
export const isNumber = ({ kind }: CelType): boolean => numbers.has(kind)

/** Whether a value may be of both types. What is `null` may be of any: fields can be declared so. */
export function agree(a: CelType, b: CelType): boolean {
  if (a.kind === 'dyn' || b.kind === 'dyn' || a.kind === 'null' || b.kind === 'null') return true
  if (a.kind === 'list' && b.kind === 'list') return agree(a.of, b.of)
  if (a.kind === 'map' && b.kind === 'map') return agree(a.key, b.key) && agree(a.value, b.value)
  // An object may be written as a map.
  if (a.kind === 'object' || b.kind === 'object') return a.kind === 'map' || b.kind === 'map' || a.kind === b.kind
  return a.kind === 'opaque' && b.kind === 'opaque' ? a.name === b.name : a.kind === b.kind
}
