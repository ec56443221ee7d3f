import { LARGEST_REQUEST } from '../cel/cost/limits.ts'
import { ITEMS, KEYS, VALUES } from '../cel/cost/part.ts'
import { escapeName } from '../cel/field-names.ts'
import { isFields, isResource, itemsOf, type JsonSchema } from './types.ts'

/** How large a schema lets values be, for the costs of rules about them (KEP-2876, "Resource constraints"). */
export interface Extent {
  /** Characters, items or entries at most: as many as fit into a request where the schema has no limit. 0 of what is no text, list or map. */
  most: number
  /** Bytes of the shortest JSON. */
  least: number
  /** What is within, one step of a path further; undefined for what the schema does not know. */
  at(step: string): Extent | undefined
}

const nowhere = (): undefined => undefined
const single = (least: number): Extent => ({ most: 0, least, at: nowhere })

/** The least bytes of a text are its quotes, and are taken from a request that is nothing but the text. */
const QUOTES = 2
const LONGEST_TEXT = LARGEST_REQUEST - QUOTES
/** A character has four bytes at most. */
const CHARACTER = 4

const known = new WeakMap<JsonSchema, Extent | undefined>()

/** Undefined for a schema that rules cannot see: one without a type, or whose items have none. Of a whole object see `asResource`. */
export function extentOf(schema: JsonSchema): Extent | undefined {
  if (!known.has(schema)) {
    const extent = newExtent(schema)
    known.set(schema, extent && isResource(schema) ? withNames(extent) : extent)
  }
  return known.get(schema)
}

const text: Extent = { most: LONGEST_TEXT, least: QUOTES, at: nowhere }
/** Upstream takes the keys of maps to have no length. */
const key: Extent = { most: 0, least: QUOTES, at: nowhere }

/** Of what is an object with a name: everything at the root, and what is embedded. */
function withNames(extent: Extent): Extent {
  const declared = extent.at('metadata')
  const name = (step: string): Extent | undefined =>
    step === 'name' || step === 'generateName' ? (declared?.at(step) ?? text) : undefined
  const fields: Readonly<Record<string, Extent>> = {
    metadata: { most: 0, least: 2, at: name },
    kind: text,
    apiVersion: text,
  }
  return { ...extent, at: (step) => (Object.hasOwn(fields, step) ? fields[step] : extent.at(step)) }
}

function newExtent(schema: JsonSchema): Extent | undefined {
  if (schema['x-kubernetes-int-or-string']) return { most: longestText(schema), least: 1, at: nowhere }
  switch (schema.type) {
    case 'string':
      return textExtent(schema)
    case 'boolean':
      return single(4)
    case 'integer':
    case 'number':
      return single(1)
    case 'array':
      return listExtent(schema)
    case 'object':
      return typeof schema.additionalProperties === 'object'
        ? mapExtent(schema, schema.additionalProperties)
        : objectExtent(schema)
    default:
      return undefined
  }
}

/** The limit of a schema, or the tightest of those that must hold as well. */
function limit(schema: JsonSchema, name: 'maxLength' | 'maxItems' | 'maxProperties'): number | undefined {
  const limits = [schema, ...(schema.allOf ?? [])].flatMap((one) => one[name] ?? [])
  return limits.length > 0 ? Math.max(0, Math.min(...limits)) : undefined
}

/** How many values stand in each place within a value: as many as a list or a map may have, one in a field; undefined for any number. */
export function cardinalityOf(schema: JsonSchema): number | undefined {
  if (schema.type === 'array') return limit(schema, 'maxItems')
  return schema.type === 'object' && schema.additionalProperties !== undefined ? limit(schema, 'maxProperties') : 1
}

function longestText(schema: JsonSchema): number {
  const length = limit(schema, 'maxLength')
  return length === undefined ? LONGEST_TEXT : length * CHARACTER
}

/** Bytes of JSON of what has a form of its own, at most and at least. */
const forms: Readonly<Record<string, Extent>> = {
  duration: { most: 32, least: 3, at: nowhere },
  date: { most: 12, least: 12, at: nowhere },
  'date-time': { most: 32, least: 21, at: nowhere },
}

function textExtent(schema: JsonSchema): Extent {
  const { format = '', enum: values } = schema
  const form = Object.hasOwn(forms, format) ? forms[format] : undefined
  if (form) return form
  const most = limit(schema, 'maxLength')
  if (format === 'byte') return { ...text, most: most ?? LONGEST_TEXT }
  if (most === undefined && values?.length)
    return { ...text, most: Math.max(...values.map((value) => (typeof value === 'string' ? value.length : 0))) }
  return { ...text, most: longestText(schema) }
}

function listExtent(schema: JsonSchema): Extent | undefined {
  const items = itemsOf(schema)
  const item = items && extentOf(items)
  if (!item) return undefined
  // Each item with a comma, all in brackets.
  const most = limit(schema, 'maxItems') ?? Math.floor((LARGEST_REQUEST - 2) / (item.least + 1))
  return { most, least: 2, at: (step) => (step === ITEMS ? item : undefined) }
}

function mapExtent(schema: JsonSchema, values: JsonSchema): Extent | undefined {
  const value = extentOf(values)
  if (!value) return undefined
  // Each value with a key of two characters, quotes, colon and comma, all in braces.
  const most = limit(schema, 'maxProperties') ?? Math.floor((LARGEST_REQUEST - 2) / (value.least + 6))
  return { most, least: 2, at: (step) => (step === KEYS ? key : step === VALUES ? value : undefined) }
}

function objectExtent({ properties = {}, required = [] }: JsonSchema): Extent {
  const fields = new Map<string, Extent>()
  let least = 2
  for (const [name, property] of Object.entries(properties)) {
    const extent = isFields(property) ? extentOf(property) : undefined
    if (!extent) continue
    const escaped = escapeName(name)
    if (escaped !== undefined) fields.set(escaped, extent)
    // What has a default need not be sent. The name stands in quotes, with colon and comma.
    if (required.includes(name) && property.default === undefined) least += name.length + extent.least + 4
  }
  return { most: 0, least, at: (step) => fields.get(step) }
}
