import { StatusError } from '../errors.ts'
import { goMap } from '../go-map.ts'

/** An object of JSON. */
export type Fields = Record<string, unknown>

export const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const ORDER = '$setElementOrder/'
export const DELETE_FROM = '$deleteFromPrimitiveList/'

/** Other names may begin so too: `$ref` in the schemas of custom resources. */
export const isDirective = (name: string): boolean =>
  name[0] === '$' &&
  (name === '$patch' || name === '$retainKeys' || name.startsWith(ORDER) || name.startsWith(DELETE_FROM))

/** 500, since upstream takes it for a fault of its own. */
export const badDirective = (directive: unknown, where: Fields): StatusError =>
  new StatusError(500, '', `unknown patch type: ${goText(directive)} in map: ${goMap(where)}`)

/** What Go makes of something that it was told is a text. */
function goText(value: unknown): string {
  if (typeof value === 'string') return value
  const type = typeof value === 'number' ? (Number.isInteger(value) ? 'int64' : 'float64') : 'bool'
  return `%!s(${type}=${String(value)})`
}

/** The items of a list that a patch sets anew, as plain data. */
export function withoutNulls(items: readonly unknown[]): unknown[] {
  return items.filter((item) => item !== null).map((item) => (isObject(item) ? withoutDirectives(item) : item))
}

/** The object as plain data: directives and nulls are the patch's, not the object's. */
export function withoutDirectives(value: Fields): Fields {
  const result: Fields = {}
  for (const [name, item] of Object.entries(value)) {
    if (isDirective(name) || item === null) continue
    result[name] = Array.isArray(item) ? withoutNulls(item) : isObject(item) ? withoutDirectives(item) : item
  }
  return result
}
