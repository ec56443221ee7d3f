import type { Field, FieldType, StructSchema } from '../schema/index.ts'
import { DEDUCED } from '../structural/struct-schema.ts'
import { keyElement, valueElement } from './encode.ts'

/** How the parts of a value are owned and merged (kubernetes.io, "Server-Side Apply", merge strategy). */
export type Shape =
  | { kind: 'leaf' }
  | { kind: 'struct'; struct: StructSchema }
  | { kind: 'map'; element: FieldType }
  /** A list of type `map`: an item is known by the fields `keys`. */
  | { kind: 'keyed'; keys: readonly string[]; item: FieldType }
  | { kind: 'set' }
  /** Known only by its value: an object's fields are parts, anything else is a leaf. */
  | { kind: 'deduced' }

/** A list whose items have path elements of their own. */
export type ListShape = Shape & { kind: 'keyed' | 'set' }
/** What has named parts. */
export type OpenShape = Shape & { kind: 'struct' | 'map' | 'deduced' }

const leaf: Shape = { kind: 'leaf' }
/** The one shape of an object of which nothing is declared. */
export const openShape: Shape = { kind: 'deduced' }

export const isObject = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The shape of a value of which nothing is declared. */
const deduced = (value: unknown): Shape => (isObject(value) ? openShape : leaf)

/** Types declared `structType=atomic`: references and selectors mean nothing in parts. */
const atomicTypes = new Set([
  'ConfigMapKeySelector',
  'CrossVersionObjectReference',
  'FileKeySelector',
  'LabelSelector',
  'LocalObjectReference',
  'NamedRuleWithOperations',
  'NodeSelector',
  'NodeSelectorTerm',
  'ObjectFieldSelector',
  'ObjectReference',
  'OwnerReference',
  'ParamKind',
  'ParamRef',
  'ResourceFieldSelector',
  'RoleRef',
  'ScopedResourceSelectorRequirement',
  'ScopeSelector',
  'SecretKeySelector',
  'SecretReference',
  'Subject',
  'TopologySelectorTerm',
  'TypedLocalObjectReference',
])

/** Whether a type is owned as a whole wherever it stands. */
export const isAtomicType = ({ type }: Pick<StructSchema, 'type'>): boolean => atomicTypes.has(type)

/** The shape of a whole object. */
export const shapeOfObject = (struct: StructSchema): Shape => ({ kind: 'struct', struct })

/** The shape of a field's value, or of an item or map value when there is no field. Lists are atomic unless they say otherwise. */
export function shapeOf(type: FieldType, field?: Pick<Field, 'listType' | 'listKeys'>): Shape {
  if (field?.listType === 'atomic') return leaf
  if (type.kind === 'struct') {
    const atomic = isAtomicType(type.struct) && field?.listType !== 'granular'
    return atomic ? leaf : { kind: 'struct', struct: type.struct }
  }
  if (type.kind === 'map') return { kind: 'map', element: type.element }
  if (type.kind === 'any' && type.go === DEDUCED) return openShape
  if (type.kind !== 'list') return leaf
  if (field?.listType === 'map') return { kind: 'keyed', keys: field.listKeys, item: type.element }
  return field?.listType === 'set' ? { kind: 'set' } : leaf
}

/** A part of a value with a path element of its own. */
export interface Part {
  value: unknown
  shape: Shape
  /** An item of a list or map: there by itself, not only by what is in it. */
  item: boolean
}

/** The parts of a value by path element; a leaf and a value that does not fit its shape have none. Of items with one key the last counts. */
export function partsOf(value: unknown, shape: Shape): Map<string, Part> {
  const parts = new Map<string, Part>()
  if (shape.kind === 'leaf' || typeof value !== 'object' || value === null) return parts
  if (shape.kind === 'keyed' || shape.kind === 'set') {
    const within = shapeOfItem(shape)
    for (const [element, item] of itemsOf(value, shape)) parts.set(element, { value: item, shape: within, item: true })
    return parts
  }
  for (const [name, part] of Object.entries(value)) {
    if (part === undefined) continue
    parts.set(`f:${name}`, { value: part, shape: partOf(name, part, shape).within, item: shape.kind === 'map' })
  }
  return parts
}

/** The items of a list by path element. */
export function itemsOf(value: unknown, shape: ListShape): Map<string, unknown> {
  const items = new Map<string, unknown>()
  if (Array.isArray(value)) for (const item of value as unknown[]) items.set(elementOfItem(item, shape), item)
  return items
}

export const shapeOfItem = (shape: ListShape): Shape => (shape.kind === 'set' ? leaf : shapeOf(shape.item))

/**
 * The shape of a part with a name, which of an open place depends on the value. `implied`: the Go type always has it and JSON always shows
 * it, so that its absence is the empty one.
 */
export function partOf(name: string, value: unknown, shape: OpenShape): { within: Shape; implied: boolean } {
  const field = shape.kind === 'struct' ? shape.struct.fields.get(name) : undefined
  const within = shapeOfPart(value, shape, field)
  return { within, implied: field !== undefined && !field.pointer && isAlwaysThere(within, field) }
}

const isAlwaysThere = ({ kind }: Shape, { presence }: Field): boolean =>
  kind === 'struct' || (presence === 'required' && (kind === 'map' || kind === 'keyed' || kind === 'set'))

function shapeOfPart(value: unknown, shape: Shape, field: Field | undefined): Shape {
  const declared = shape.kind === 'map' ? shapeOf(shape.element) : field && shapeOf(field.type, field)
  if (declared) return declared.kind === 'deduced' ? deduced(value) : declared
  const open = shape.kind === 'deduced' || (shape.kind === 'struct' && shape.struct.open)
  return open ? deduced(value) : leaf
}

/** The path element of an item. A key field that is left out counts as its default (`protocol: TCP`). */
export function elementOfItem(item: unknown, shape: Shape & { kind: 'keyed' | 'set' }): string {
  if (shape.kind === 'set') return valueElement(item)
  const struct = shape.item.kind === 'struct' ? shape.item.struct : undefined
  const fields = (item ?? {}) as Record<string, unknown>
  const keys = shape.keys.map((name) => [name, fields[name] ?? struct?.fields.get(name)?.default] as const)
  return keyElement(keys.filter(([, value]) => value !== undefined))
}

/**
 * The first list in a configuration in which two items are one by their key, as its path and the item's element; undefined when there is none.
 */
export function findDuplicate(value: unknown, shape: Shape, path: readonly string[] = []): string[] | undefined {
  if ((shape.kind === 'keyed' || shape.kind === 'set') && Array.isArray(value)) {
    const seen = new Set<string>()
    for (const item of value as unknown[]) {
      const element = elementOfItem(item, shape)
      if (seen.has(element)) return [...path, element]
      seen.add(element)
    }
  }
  for (const [element, part] of partsOf(value, shape)) {
    const found = findDuplicate(part.value, part.shape, [...path, element])
    if (found) return found
  }
  return undefined
}
