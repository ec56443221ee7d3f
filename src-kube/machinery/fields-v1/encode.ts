import { badRequest } from '../errors.ts'
import { emptySet, type FieldSet } from './field-set.ts'

/** `FieldsV1` of meta/v1: path elements nest; `.` stands for the place itself where more is beneath it. */
export type FieldsV1 = Record<string, unknown>

/** A set as FieldsV1, its keys in order, so that equal sets are equal text. */
export function encodeFields(set: FieldSet): FieldsV1 {
  const fields: FieldsV1 = {}
  if (set.member && set.children.size > 0) fields['.'] = {}
  for (const element of [...set.children.keys()].sort()) fields[element] = encodeFields(set.children.get(element)!)
  return fields
}

/** Throws `StatusError` 400 for what is no FieldsV1. */
export function decodeFields(fields: unknown): FieldSet {
  const root = decodeNode(fields)
  return root.children.size === 0 ? emptySet : { member: false, children: root.children }
}

function decodeNode(fields: unknown): FieldSet {
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields))
    throw badRequest('fieldsV1 must be an object of path elements')
  const children = new Map<string, FieldSet>()
  for (const [element, beneath] of Object.entries(fields)) {
    if (element === '.' || !isKnown(element)) continue
    children.set(elementOf(element), decodeNode(beneath))
  }
  return { member: children.size === 0 || '.' in fields, children }
}

/** Kinds of elements that a later version may know are passed over. */
const isKnown = (element: string): boolean => /^[fkvi]:/.test(element)

/** The element as this server writes it: the keys of a `k:` in order, values without spaces. */
function elementOf(text: string): string {
  const body = text.slice(2)
  switch (text.slice(0, 2)) {
    case 'f:':
      return text
    case 'k:': {
      const keys = parsed(text, body)
      if (typeof keys === 'object' && keys !== null) return keyElement(Object.entries(keys))
      break
    }
    case 'v:':
      return valueElement(parsed(text, body))
    case 'i:':
      if (/^\d+$/.test(body)) return text
  }
  throw badRequest(`fieldsV1: unknown path element ${JSON.stringify(text)}`)
}

function parsed(text: string, body: string): unknown {
  try {
    return JSON.parse(body) as unknown
  } catch (cause) {
    if (cause instanceof SyntaxError) throw badRequest(`fieldsV1: path element ${JSON.stringify(text)} is no JSON`)
    throw cause
  }
}

/** The element of a list's item by the fields that are its key. */
export const keyElement = (keys: ReadonlyArray<readonly [string, unknown]>): string =>
  `k:${JSON.stringify(Object.fromEntries([...keys].sort(([a], [b]) => (a < b ? -1 : 1))))}`

/** The element of a set's item. */
export const valueElement = (value: unknown): string => `v:${JSON.stringify(value)}`

/** A path as messages name it: `.spec.containers[name="c"].image`. */
export function pathText(path: readonly string[]): string {
  return path
    .map((element) => {
      const body = element.slice(2)
      if (element.startsWith('f:')) return `.${body}`
      if (element.startsWith('v:')) return `[=${body}]`
      if (element.startsWith('i:')) return `[${body}]`
      const keys = Object.entries(JSON.parse(body) as object)
      return `[${keys.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(',')}]`
    })
    .join('')
}
