import { childOf, resolve, schemaOfKind, typeName, typesOf, type Definitions, type FieldSchema } from './json-schema.ts'

/** Fields of a spec that are offered where none is required. */
const mostOffered = 6
/** Levels of required fields in required fields. */
const deepest = 4

/** The kind that a manifest is begun for. */
export interface SkeletonKind {
  apiVersion: string
  kind: string
}

/**
 * The least that an object of a kind needs, as YAML: its name and the fields its schema requires, with values to be replaced. Fields that may
 * be given stand beside them as comments where nothing of the spec is required.
 */
export function skeletonOf({ apiVersion, kind }: SkeletonKind, definitions: Definitions | null | undefined): string {
  const head = ['apiVersion: ' + apiVersion, 'kind: ' + kind, 'metadata:', '  name: example']
  const root = definitions && schemaOfKind(definitions, kind)
  return [...head, ...(root ? fieldsOf(root, '', 0) : [])].join('\n') + '\n'
}

/** What the schema of a kind says about it, its first paragraph; undefined where it says nothing. */
export function purposeOf(kind: string, definitions: Definitions | null | undefined): string | undefined {
  const text = definitions && schemaOfKind(definitions, kind)?.schema.description
  return text?.split('\n\n')[0]?.trim() || undefined
}

const known = new Set(['apiVersion', 'kind', 'metadata', 'status'])

function fieldsOf(field: FieldSchema, indent: string, depth: number): string[] {
  const { schema } = resolve(field)
  const names = Object.keys(schema.properties ?? {}).filter((name) => depth > 0 || !known.has(name))
  const required = names.filter((name) => schema.required?.includes(name) || (depth === 0 && name === 'spec'))
  const lines = required.flatMap((name) => linesOf(name, childOf(field, name)!, indent, depth))
  if (depth !== 1 || required.length > 0) return lines
  return names.slice(0, mostOffered).map((name) => `${indent}# ${name}: ${typeName(childOf(field, name)!)}`)
}

function linesOf(name: string, field: FieldSchema, indent: string, depth: number): string[] {
  const { schema } = resolve(field)
  const [type] = typesOf(field)
  const inner = depth < deepest && schema.properties ? fieldsOf(field, `${indent}  `, depth + 1) : []
  const isEmpty = inner.length === 0
  if (type === 'object') return [`${indent}${name}:${isEmpty ? ' {}' : ''}`, ...inner]
  return [`${indent}${name}: ${valueOf(schema.default ?? schema.enum?.[0], type)}`]
}

const empty: Readonly<Record<string, string>> = { integer: '0', number: '0', boolean: 'false', array: '[]' }

const valueOf = (known: unknown, type: string | undefined): string =>
  known === undefined ? (empty[type ?? ''] ?? '""') : JSON.stringify(known)
