import { childOf, resolve, schemaOfKind, typeName, typesOf, type FieldSchema } from './json-schema.ts'
import { placeAt, type Place } from './place.ts'
import type { SchemasByVersion } from './validate.ts'

/** One of the things that may stand where the cursor is. */
export interface Completion {
  label: string
  /** The field's type, or what a value means. */
  detail: string
  description: string
  /** What is put in place of the prefix; further lines are indented under the first. */
  insert: string
  required: boolean
}

/** A kind that the cluster serves, as the first two lines of a manifest say it. */
export interface KindName {
  apiVersion: string
  kind: string
}

/** What may stand where the cursor is, best first. */
export interface Completions {
  /** Column that the text to be replaced begins at, from 1. */
  column: number
  items: Completion[]
}

const none: Completion = { label: '', detail: '', description: '', insert: '', required: false }

/** The fields that may stand at a cursor, or the values its field may have. `kinds` are what the cluster serves. */
export function complete(
  text: string,
  line: number,
  column: number,
  schemas: SchemasByVersion,
  kinds: readonly KindName[],
): Completions | undefined {
  const place = placeAt(text, line, column)
  if (!place) return undefined
  const items = place.kind === 'key' ? fieldsAt(place, schemas) : valuesAt(place, schemas, kinds)
  return items.length > 0 ? { column: place.column, items } : undefined
}

/** The words of a field, for whoever points at it. */
export function describe(
  text: string,
  line: number,
  column: number,
  schemas: SchemasByVersion,
): { name: string; type: string; description: string } | undefined {
  const place = placeAt(text, line, column)
  const name = place?.kind === 'key' ? place.prefix : undefined
  const field = place && name ? fieldAt(place, [...place.path, name], schemas) : undefined
  return field && { name: name!, type: typeName(field), description: resolve(field).schema.description ?? '' }
}

function fieldAt(place: Place, path: Place['path'], schemas: SchemasByVersion): FieldSchema | undefined {
  const definitions = schemas.get(place.apiVersion)
  let field = definitions ? schemaOfKind(definitions, place.objectKind) : undefined
  for (const step of path) field = field && childOf(field, step)
  return field
}

/** Objects without a kind yet are offered what every object begins with. */
const beginning: readonly Completion[] = [
  { ...none, label: 'apiVersion', detail: 'string', insert: 'apiVersion: ', required: true },
  { ...none, label: 'kind', detail: 'string', insert: 'kind: ', required: true },
  { ...none, label: 'metadata', detail: 'object', insert: 'metadata:\n  name: ', required: true },
]

function fieldsAt(place: Place, schemas: SchemasByVersion): Completion[] {
  const field = fieldAt(place, place.path, schemas)
  const isFree = (item: Completion): boolean => !place.siblings.includes(item.label)
  if (!field) return place.path.length === 0 ? beginning.filter(isFree) : []
  const { schema, definitions } = resolve(field)
  if (schema.enum) return enumOf(field)
  const required = new Set([
    ...(schema.required ?? []),
    ...(place.path.length === 0 ? ['apiVersion', 'kind', 'metadata'] : []),
  ])
  return Object.entries(schema.properties ?? {})
    .filter(([name]) => place.path.length > 0 || name !== 'status')
    .map(([name, child]): Completion => {
      const own = { schema: child, definitions }
      return {
        label: name,
        detail: typeName(own),
        description: resolve(own).schema.description ?? '',
        insert: `${name}:${opening(own)}`,
        required: required.has(name),
      }
    })
    .filter(isFree)
    .sort((a, b) => Number(b.required) - Number(a.required) || (a.label < b.label ? -1 : 1))
}

/** What follows the colon of a field so that typing can go on. */
function opening(field: FieldSchema): string {
  const [type, ...more] = typesOf(field)
  if (more.length > 0) return ' '
  return type === 'object' ? '\n  ' : type === 'array' ? '\n  - ' : ' '
}

function valuesAt(place: Place, schemas: SchemasByVersion, kinds: readonly KindName[]): Completion[] {
  const value = (label: string, detail = ''): Completion => ({ ...none, label, detail, insert: label })
  const [field, ...deeper] = place.path
  if (deeper.length === 0 && field === 'apiVersion') {
    const fitting = kinds.filter((k) => !place.objectKind || k.kind === place.objectKind)
    return [...new Set((fitting.length > 0 ? fitting : kinds).map((k) => k.apiVersion))].map((one) => value(one))
  }
  if (deeper.length === 0 && field === 'kind') {
    const fitting = kinds.filter((k) => k.apiVersion === place.apiVersion)
    return (fitting.length > 0 ? fitting : kinds).map((k) => value(k.kind, k.apiVersion))
  }
  const found = fieldAt(place, place.path, schemas)
  return found ? enumOf(found) : []
}

function enumOf(field: FieldSchema): Completion[] {
  const { schema } = resolve(field)
  const values = schema.enum ?? (schema.type === 'boolean' ? [true, false] : [])
  const all = schema.default === undefined || values.includes(schema.default) ? values : [schema.default, ...values]
  return all
    .filter((one) => one !== '' && typeof one !== 'object')
    .map((one) => ({
      ...none,
      label: String(one),
      detail: one === schema.default ? 'default' : '',
      insert: String(one),
    }))
}
