import { checkBase64 } from '../base64.ts'
import { badRequest } from '../errors.ts'
import type { KubeObject } from '../meta.ts'
import { QUANTITY_ERROR, formatQuantity, parseQuantity } from '../quantity.ts'
import { formatTime } from '../time.ts'
import { findSchema } from './tables.ts'
import type { Field, FieldType, StructSchema } from './types.ts'

/** An object as a client sent it, brought into the form of its kind. */
export interface Decoded {
  /** A new object: nulls of absent fields are gone, quantities are canonical. Unknown fields are left out. */
  object: KubeObject
  /** Unknown fields, in the words of strict decoding: `unknown field "spec.foo"`. */
  problems: string[]
}

/** Says where in the object the walk is; the first walk does not keep track, since nearly every object is right. */
interface Place {
  tracking: boolean
  /** Values are put right where they are, instead of in a copy. */
  own: boolean
  /** Fields that Go would leave out when it writes the object are kept. */
  zeros: boolean
  path: string
  /** Name of the innermost struct, as Go's decoder reports it. */
  struct: string
  problems: string[]
}

/** Thrown by a walk that found something to say and does not know where it is. */
class LostPlace extends Error {
  override readonly name = 'LostPlace'
}

/** What is known of a value that is to be decoded. */
export interface Origin {
  /** An object decoded before: top-level fields that are its own are taken as they are. */
  known?: KubeObject
  /** The value is the caller's alone and may become the object, so that nothing is copied. Default: false. */
  own?: boolean
}

/**
 * Decodes a JSON value as a kind, as kube-apiserver's decoder would (case-sensitive; null is absence). Throws `StatusError` 400 with Go's
 * own words when a value has the wrong type.
 */
export function decode(value: unknown, schema: StructSchema, { known, own = false }: Origin = {}): Decoded {
  return decodeWith(value, schema, known, { own, zeros: false })
}

/** As `decode`, but with what Go would not write: whoever says that a list is empty or a flag is not set has said something. */
export const decodeAsGiven = (value: unknown, schema: StructSchema): Decoded =>
  decodeWith(value, schema, undefined, { own: false, zeros: true })

function decodeWith(
  value: unknown,
  schema: StructSchema,
  known: KubeObject | undefined,
  { own, zeros }: Pick<Place, 'own' | 'zeros'>,
): Decoded {
  const struct = schema.type
  try {
    return walk(value, schema, known, { tracking: false, own, zeros, path: '', struct, problems: [] })
  } catch (error) {
    if (!(error instanceof LostPlace)) throw error
    return walk(value, schema, known, { tracking: true, own: false, zeros, path: '', struct, problems: [] })
  }
}

function walk(value: unknown, schema: StructSchema, known: KubeObject | undefined, place: Place): Decoded {
  try {
    const object = struct(value, schema, place, known) as KubeObject
    return { object, problems: place.problems }
  } catch (error) {
    if (!(error instanceof TypeMismatch)) throw error
    const version = schema.groupVersion.split('/').at(-1)!
    throw badRequest(`${schema.type} in version "${version}" cannot be handled as a ${schema.type}: ${error.message}`)
  }
}

class TypeMismatch extends Error {
  override readonly name = 'TypeMismatch'
}

function mismatch(value: unknown, go: string, place: Place): never {
  if (!place.tracking) throw new LostPlace()
  const found = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value
  const what = found === 'number' && /^u?int/.test(go) ? `number ${String(value)}` : found
  throw new TypeMismatch(
    place.path === ''
      ? `json: cannot unmarshal ${what} into Go value of type ${go}`
      : `json: cannot unmarshal ${what} into Go struct field ${place.struct}.${fieldsOf(place.path)} of type ${go}`,
  )
}

/** A path as Go's decoder gives it: the names of fields, without indices and keys. */
const fieldsOf = (path: string): string => path.replaceAll(/\[\d+\]|\0[^\0]*\0/g, '')

/** A path for people; on the way the key of a map stands between zeros, for it may hold any other character. */
const spoken = (path: string): string => path.replaceAll(/\0([^\0]*)\0/g, '.$1')

function struct(
  value: unknown,
  schema: StructSchema,
  place: Place,
  known?: Record<string, unknown>,
): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return mismatch(value, `v1.${schema.type}`, place)
  const from = value as Record<string, unknown>
  const result: Record<string, unknown> = place.own ? from : {}
  const { fields } = schema
  const { path, struct: outer } = place
  for (const name in from) {
    const given = from[name]
    const field = fields.get(name)
    if (!field) {
      if (!place.tracking) throw new LostPlace()
      place.problems.push(`unknown field "${spoken(path === '' ? name : `${path}.${name}`)}"`)
      continue
    }
    if (given === null || given === undefined) {
      if (place.own) delete from[name]
      continue
    }
    if (known && known[name] === given) {
      result[name] = given
      continue
    }
    if (place.tracking) {
      place.path = path === '' ? name : `${path}.${name}`
      place.struct = schema.type
    }
    const decoded = decodeValue(given, field.type, place)
    if (
      (!decoded || typeof decoded === 'object') &&
      field.omitempty &&
      !place.zeros &&
      isZero(decoded, field.type.kind)
    ) {
      if (place.own) delete from[name]
      continue
    }
    if (!place.own || decoded !== given) result[name] = decoded
  }
  place.path = path
  place.struct = outer
  return result
}

/**
 * Whether Go would not write the value of an `omitempty` field. Of structs it has no empty ones; what is text or number, and what the API
 * does not look into, are structs too.
 */
function isZero(value: unknown, kind: FieldType['kind']): boolean {
  if (!value) return kind !== 'intOrString' && kind !== 'any' && kind !== 'object'
  if (kind === 'list') return (value as unknown[]).length === 0
  if (kind !== 'map') return false
  for (const _ in value) return false
  return true
}

function decodeValue(value: unknown, type: FieldType, place: Place): unknown {
  switch (type.kind) {
    case 'string':
      return typeof value === 'string' ? value : mismatch(value, 'string', place)
    case 'bytes':
      return bytes(value, place)
    case 'int':
      return isInt(value, type.go) ? value : mismatch(value, type.go, place)
    case 'boolean':
      return typeof value === 'boolean' ? value : mismatch(value, 'bool', place)
    case 'float':
      return typeof value === 'number' ? value : mismatch(value, type.go, place)
    case 'struct':
      return struct(value, type.struct, place)
    case 'list':
      return list(value, type.element, type.go, place)
    case 'map':
      return map(value, type.element, type.go, place)
    case 'intOrString':
      return typeof value === 'string' || isInt(value, 'int32') ? value : mismatch(value, 'int32', place)
    case 'quantity':
      return quantity(value)
    case 'time':
      return time(value, type.go, place)
    case 'object':
      return value
    case 'any':
      return type.go.startsWith('JSONSchemaPropsOr') ? schemaOr(value, type.go, place) : value
  }
}

/** A JSON schema within one, or what may stand in its place: a list of them, a boolean. */
function schemaOr(value: unknown, go: string, place: Place): unknown {
  const schema = findSchema('apiextensions.k8s.io/v1', 'JSONSchemaProps')!
  if (go === 'JSONSchemaPropsOrBool' && typeof value === 'boolean') return value
  if (go === 'JSONSchemaPropsOrArray' && Array.isArray(value))
    return list(value, { kind: 'struct', go: schema.type, struct: schema }, go, place)
  return typeof value === 'object' && !Array.isArray(value) ? struct(value, schema, place) : mismatch(value, go, place)
}

function list(value: unknown, element: FieldType, go: string, place: Place): unknown[] {
  if (!Array.isArray(value)) return mismatch(value, go.replace(/^\[\](?=[A-Z])/, '[]v1.'), place)
  const { path } = place
  const result: unknown[] = place.own ? value : []
  for (let i = 0; i < value.length; i++) {
    if (place.tracking) place.path = `${path}[${i}]`
    result[i] = value[i] === null ? emptyOf(element) : decodeValue(value[i], element, place)
  }
  place.path = path
  return result
}

/** What Go makes of a null in a list or a map: the zero value of its type, as it is read again from the store. */
function emptyOf({ kind }: FieldType): unknown {
  switch (kind) {
    case 'struct':
    case 'map':
      return {}
    case 'list':
      return []
    case 'string':
    case 'bytes':
      return ''
    case 'quantity':
      return '0'
    case 'int':
    case 'float':
    case 'intOrString':
      return 0
    case 'boolean':
      return false
    default:
      return null
  }
}

function map(value: unknown, element: FieldType, go: string, place: Place): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return mismatch(value, go, place)
  const result: Record<string, unknown> = place.own ? (value as Record<string, unknown>) : {}
  const { path } = place
  for (const key of Object.keys(value)) {
    const item = (value as Record<string, unknown>)[key]
    if (place.tracking) place.path = `${path}\0${key}\0`
    result[key] = item === null ? emptyOf(element) : decodeValue(item, element, place)
  }
  place.path = path
  return result
}

const isInt = (value: unknown, go: string): boolean =>
  typeof value === 'number' && Number.isInteger(value) && (go !== 'int32' || value === (value | 0))

function bytes(value: unknown, place: Place): string {
  if (typeof value !== 'string') return mismatch(value, '[]uint8', place)
  const checked = checkBase64(value)
  if (typeof checked === 'number') throw new TypeMismatch(`illegal base64 data at input byte ${checked}`)
  return checked
}

/** Canonical forms by what was written: a cluster's objects say few different quantities. */
const canonical = new Map<string, string>()
const MOST_CANONICAL = 1000

function quantity(value: unknown): string {
  if (typeof value !== 'string' && typeof value !== 'number') throw new TypeMismatch(QUANTITY_ERROR)
  const known = canonical.get(value as string)
  if (known !== undefined) return known
  try {
    const form = formatQuantity(parseQuantity(value))
    if (canonical.size >= MOST_CANONICAL) canonical.clear()
    if (typeof value === 'string') canonical.set(value, form)
    return form
  } catch (error) {
    if (error instanceof RangeError) throw new TypeMismatch(QUANTITY_ERROR)
    throw error
  }
}

/** RFC 3339: until the second, its fraction, and the zone. */
const TIME = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)$/

/** A time as it is written again: of UTC, with whole seconds, or with microseconds, which have to be given all. */
function time(value: unknown, go: string, place: Place): string {
  if (typeof value !== 'string') return mismatch(value, 'string', place)
  const isMicro = go.endsWith('MicroTime')
  const [, seconds, fraction = '', zone] = TIME.exec(value) ?? []
  const layout = `2006-01-02T15:04:05${isMicro ? '.000000' : ''}Z07:00`
  const parsing = `parsing time ${JSON.stringify(value)} as "${layout}": cannot parse`
  const instant = seconds === undefined ? NaN : Date.parse(`${seconds}${zone}`)
  if (Number.isNaN(instant)) throw new TypeMismatch(`${parsing} ${JSON.stringify(value)} as "2006"`)
  if (!isMicro) return fraction === '' && zone === 'Z' ? value : formatTime(instant)
  if (fraction.length !== 7) throw new TypeMismatch(`${parsing} ${JSON.stringify(`${fraction}${zone}`)} as ".000000"`)
  return zone === 'Z' ? value : formatTime(instant).replace('Z', `${fraction}Z`)
}

/**
 * Fills in what the declarations themselves default (`+default`), wherever its struct is present. Mutates, but not the top-level fields
 * that are those of `known`, which has its defaults.
 */
export function applyStaticDefaults(
  object: Record<string, unknown>,
  schema: StructSchema,
  known?: Record<string, unknown>,
): void {
  for (const field of fieldsToVisit(schema)) {
    const value = object[field.name]
    if (known && value === known[field.name]) continue
    if (value === undefined) {
      if (hasDefault(field)) object[field.name] = field.default
    } else descend(value, field.type)
  }
}

function descend(value: unknown, type: FieldType): void {
  if (type.kind === 'struct') applyStaticDefaults(value as Record<string, unknown>, type.struct)
  else if ((type.kind === 'list' || type.kind === 'map') && hasStructs(type.element)) {
    for (const item of Object.values(value as object)) descend(item, type.element)
  }
}

const hasStructs = (type: FieldType): boolean =>
  type.kind === 'struct' || ((type.kind === 'list' || type.kind === 'map') && hasStructs(type.element))

/** A default that is never written is none. */
const hasDefault = ({ default: value, omitempty }: Field): boolean =>
  value !== undefined && typeof value !== 'object' && !(omitempty && !value)

const visits = new WeakMap<StructSchema, Field[]>()

/** The fields below which a default may lie. */
function fieldsToVisit(schema: StructSchema): Field[] {
  let found = visits.get(schema)
  if (!found) {
    found = [...schema.fields.values()].filter((field) => hasDefault(field) || hasStructs(field.type))
    visits.set(schema, found)
  }
  return found
}
