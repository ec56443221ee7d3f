import { findAllPattern, findPattern, matchesPattern, RegexpError } from '../regexp.ts'
import { textOf } from './conversions.ts'
import { CelError } from './errors.ts'
import type { Functions, Overload } from './functions.ts'
import { Duration, entriesOf, isList, numeric, Timestamp, Type, Uint, type Value } from './values.ts'

const isText = (value: Value | undefined): value is string => typeof value === 'string'

/** What comes of a pattern, or that it is none. */
function asked<T>(ask: () => T, refusal = ''): T {
  try {
    return ask()
  } catch (error) {
    if (error instanceof RegexpError) throw new CelError(`${refusal}${error.message}`)
    throw error
  }
}

/** What `find` and `findAll` put before the flaw of a pattern. */
const ILLEGAL = 'Illegal regex: '

const findAll = (text: string, pattern: string, most?: number): string[] =>
  asked(() => findAllPattern(text, pattern, most), ILLEGAL)

const test =
  (judge: (text: string, other: string) => boolean): Overload =>
  (text, other) =>
    isText(text) && isText(other) ? judge(text, other) : undefined

const change =
  (make: (text: string) => string): Overload =>
  (text) =>
    isText(text) ? make(text) : undefined

/** Characters, not UTF-16 units. */
const characters = (text: string): string[] => Array.from(text)

function slice(text: string, from: bigint, to: bigint): string {
  const all = characters(text)
  if (from < 0n || to > BigInt(all.length) || from > to)
    throw new CelError(`invalid substring range. start: ${from}, end: ${to}`)
  return all.slice(Number(from), Number(to)).join('')
}

/** A place in UTF-16 units as one in characters; none (-1) stays none. */
const inCharacters = (text: string, units: number): bigint =>
  units < 0 ? -1n : BigInt(characters(text.slice(0, units)).length)

function indexOf(text: string, other: string, start = 0): bigint {
  const units = characters(text).slice(0, start).join('').length
  return inCharacters(text, text.indexOf(other, units))
}

const partsOf = (text: string, by: string): string[] => (by === '' ? characters(text) : text.split(by))

/** No more than `most` parts, the last with all that is left; a negative number is no limit. */
function atMost(most: number, parts: string[], by: string): string[] {
  if (most < 0 || parts.length <= most) return parts
  return most === 0 ? [] : [...parts.slice(0, most - 1), parts.slice(most - 1).join(by)]
}

const isIndex = (value: Value | undefined): value is bigint => typeof value === 'bigint'

/** The standard string functions, cel-go's extension of strings and Kubernetes' regular expressions ("Common Expression Language in Kubernetes"). */
export const stringFunctions: Functions = {
  contains: [test((text, other) => text.includes(other))],
  startsWith: [test((text, other) => text.startsWith(other))],
  endsWith: [test((text, other) => text.endsWith(other))],
  matches: [test((text, pattern) => asked(() => matchesPattern(text, pattern)))],
  find: [
    (text, pattern) =>
      isText(text) && isText(pattern) ? asked(() => findPattern(text, pattern) ?? '', ILLEGAL) : undefined,
  ],
  findAll: [
    (text, pattern) => (isText(text) && isText(pattern) ? findAll(text, pattern) : undefined),
    (text, pattern, most) =>
      isText(text) && isText(pattern) && isIndex(most)
        ? findAll(text, pattern, most < 0n ? undefined : Number(most))
        : undefined,
  ],
  lowerAscii: [change((text) => text.replaceAll(/[A-Z]/g, (c) => c.toLowerCase()))],
  upperAscii: [change((text) => text.replaceAll(/[a-z]/g, (c) => c.toUpperCase()))],
  trim: [change((text) => text.trim())],
  charAt: [
    (text, at) =>
      isText(text) && isIndex(at) ? slice(text, at, at === BigInt(characters(text).length) ? at : at + 1n) : undefined,
  ],
  substring: [
    (text, from) => (isText(text) && isIndex(from) ? slice(text, from, BigInt(characters(text).length)) : undefined),
    (text, from, to) => (isText(text) && isIndex(from) && isIndex(to) ? slice(text, from, to) : undefined),
  ],
  indexOf: [
    (text, other) => (isText(text) && isText(other) ? indexOf(text, other) : undefined),
    (text, other, from) =>
      isText(text) && isText(other) && isIndex(from) ? indexOf(text, other, Number(from)) : undefined,
  ],
  lastIndexOf: [
    (text, other) => (isText(text) && isText(other) ? inCharacters(text, text.lastIndexOf(other)) : undefined),
  ],
  replace: [
    (text, old, to) => (isText(text) && isText(old) && isText(to) ? text.replaceAll(old, () => to) : undefined),
    (text, old, to, most) => {
      if (!isText(text) || !isText(old) || !isText(to) || !isIndex(most)) return undefined
      let left = most < 0n ? Infinity : Number(most)
      return text.split(old).reduce((made, part) => made + (left-- > 0 ? to : old) + part)
    },
  ],
  split: [
    (text, by) => (isText(text) && isText(by) ? partsOf(text, by) : undefined),
    (text, by, most) =>
      isText(text) && isText(by) && isIndex(most) ? atMost(Number(most), partsOf(text, by), by) : undefined,
  ],
  join: [
    (list) => (isList(list!) && list.every(isText) ? list.join('') : undefined),
    (list, by) => (isList(list!) && list.every(isText) && isText(by) ? list.join(by) : undefined),
  ],
  format: [(text, args) => (isText(text) && isList(args!) ? format(text, args) : undefined)],
}

function format(text: string, args: readonly Value[]): string {
  let next = 0
  return text.replaceAll(/%(?:\.(\d+))?([a-zA-Z%])/g, (_all, digits: string | undefined, verb: string) => {
    if (verb === '%') return '%'
    const value = args[next++]
    if (value === undefined) throw new CelError(`index ${next - 1} out of range`)
    return formatted(value, verb, digits === undefined ? 6 : Number(digits))
  })
}

function formatted(value: Value, verb: string, digits: number): string {
  const number = numeric(value)
  if (verb === 's') return show(value)
  if (number !== undefined) {
    if (verb === 'd') return String(number)
    if (verb === 'f') return Number(number).toFixed(digits)
    if (verb === 'e') return Number(number).toExponential(digits)
    if (verb === 'x' || verb === 'X') return verb === 'x' ? number.toString(16) : number.toString(16).toUpperCase()
    if (verb === 'o' || verb === 'b') return number.toString(verb === 'o' ? 8 : 2)
  }
  throw new CelError(`could not parse formatting clause "%${verb}"`)
}

function show(value: Value): string {
  if (value === null) return 'null'
  if (value instanceof Type) return value.name
  if (value instanceof Uint) return String(value.value)
  if (value instanceof Timestamp || value instanceof Duration) return textOf(value)!
  if (isList(value)) return `[${value.map(show).join(', ')}]`
  const entries = entriesOf(value)
  if (!entries) return textOf(value) ?? ''
  return `{${entries
    .map(([key, one]) => `${show(key)}: ${show(one)}`)
    .sort()
    .join(', ')}}`
}
