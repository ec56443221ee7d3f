import { parseGoDuration } from '../go-duration.ts'
import { StatusError } from '../errors.ts'
import type { FieldsV1 } from '../fields-v1/encode.ts'
import { textOfFields } from '../fields-v1/shared.ts'
import { findSchema, type FieldType, type StructSchema } from '../schema/index.ts'
import { magic, ownFields } from './decode.ts'
import { isDropped, isListMessage, isNames, isUnion, writeNames, writeUnion } from './unions.ts'
import { ProtobufWriter } from './writer.ts'

/**
 * Encodes an object as `application/vnd.kubernetes.protobuf`: the inverse of `decodeProtobuf`. Its `apiVersion` and `kind` name
 * the schema. Throws `StatusError` 406 for kinds that have no protobuf form.
 */
export function encodeProtobuf(object: { apiVersion?: string; kind: string }): Uint8Array {
  const { apiVersion = '', kind } = object
  const schema = schemaFor(apiVersion, kind)
  if (!schema) {
    throw new StatusError(
      406,
      'NotAcceptable',
      `object ${apiVersion} ${kind} does not implement the protobuf marshalling interface and cannot be encoded to a protobuf message`,
    )
  }
  const writer = new ProtobufWriter()
  writer.raw(magic)
  writer.message(1, (meta) => {
    meta.text(1, apiVersion)
    meta.text(2, kind)
  })
  writer.message(2, (into) => struct(into, object as Fields, schema))
  writer.text(3, '')
  writer.text(4, '')
  return writer.written
}

/** Whether `encodeProtobuf` knows the kind: custom kinds and those of other servers are JSON only. */
export function hasProtobufForm(apiVersion: string, kind: string): boolean {
  return schemaFor(apiVersion, kind) !== undefined
}

function schemaFor(apiVersion: string, kind: string): StructSchema | undefined {
  const schema = findSchema(apiVersion, kind) ?? (isMachinery(apiVersion) ? findSchema('meta/v1', kind) : undefined)
  return schema && hasForm(schema) ? schema : undefined
}

/** Kinds such as Status and PartialObjectMetadata are of no API group of their own; discovery's go without a version. */
const isMachinery = (apiVersion: string): boolean => apiVersion === '' || /^(v1|meta\b.*)$/.test(apiVersion)

/** Types such as Table are JSON only: none of their fields has a number. */
function hasForm(schema: StructSchema): boolean {
  return schema.embedded.length > 0 || planOf(schema).fields.length > 0
}

type Fields = Readonly<Record<string, unknown>>

/** What of a type is written: its own fields that have a number, and the types whose fields JSON shows among them. */
interface Plan {
  fields: ReadonlyArray<{ name: string; number: number; type: FieldType }>
  embedded: ReadonlyArray<{ number: number; struct: StructSchema; names: readonly string[] }>
}

const plans = new WeakMap<StructSchema, Plan>()

function planOf(schema: StructSchema): Plan {
  let plan = plans.get(schema)
  if (!plan) {
    const fields = ownFields(schema).flatMap(({ name, number, type }) =>
      number === undefined ? [] : { name, number, type },
    )
    const embedded = schema.embedded.map((inner) => ({ ...inner, names: [...inner.struct.fields.keys()] }))
    plans.set(schema, (plan = { fields, embedded }))
  }
  return plan
}

function struct(into: ProtobufWriter, object: Fields, schema: StructSchema): void {
  const { fields, embedded } = planOf(schema)
  for (const { name, number, type } of fields) {
    const value = object[name]
    if (value !== undefined && value !== null) member(into, number, value, type)
  }
  for (const { number, struct: inner, names } of embedded) {
    if (!names.some((name) => object[name] !== undefined)) continue
    const at = into.begin(number)
    struct(into, object, inner)
    into.end(at)
  }
}

function member(into: ProtobufWriter, number: number, value: unknown, type: FieldType): void {
  if (type.kind === 'list' && !isListMessage(type.go)) {
    for (const item of value as unknown[]) write(into, number, item, type.element)
  } else if (type.kind === 'map') {
    // Sorted, so that equal objects are equal bytes.
    for (const key of Object.keys(value as Fields).sort()) {
      const at = into.begin(number)
      into.text(1, key)
      write(into, 2, (value as Fields)[key], type.element)
      into.end(at)
    }
  } else write(into, number, value, type)
}

function write(into: ProtobufWriter, number: number, value: unknown, type: FieldType): void {
  switch (type.kind) {
    case 'string':
      return into.text(number, value as string)
    case 'int':
    case 'boolean':
      return into.int(number, Number(value))
    case 'float':
      return into.double(number, value as number)
    case 'bytes':
      return into.bytes(number, fromBase64(value as string))
    case 'map':
      throw new RangeError('proto: a map of maps')
    default:
      if (!isDropped(type.go)) message(into, number, value, type)
  }
}

type MessageType = Exclude<FieldType, { kind: 'map' }>

function message(into: ProtobufWriter, number: number, value: unknown, type: MessageType): void {
  const at = into.begin(number)
  content(into, value, type)
  into.end(at)
}

/** What is in the message of a value that is one. */
function content(into: ProtobufWriter, value: unknown, type: MessageType): void {
  switch (type.kind) {
    case 'struct':
      return struct(into, value as Fields, type.struct)
    case 'quantity':
      return into.text(1, String(value))
    case 'time':
      return time(into, value as string)
    case 'intOrString':
      return intOrString(into, value as number | string)
    case 'list':
      // Named list types (ExtraValue, Verbs) are messages with one repeated field.
      return (value as unknown[]).forEach((item) => write(into, 1, item, type.element))
    default:
      if (isUnion(type.go)) writeUnion(into, value, type.go, struct)
      else if (type.go === 'Duration') into.int(1, Math.round(parseGoDuration(value as string) * 1_000_000))
      else if (isNames(type.go)) writeNames(into, value as Record<string, string>, type.go)
      else into.text(1, type.go === 'FieldsV1' ? textOfFields(value as FieldsV1) : JSON.stringify(value))
  }
}

function time(into: ProtobufWriter, value: string): void {
  const milliseconds = Date.parse(value)
  into.int(1, Math.floor(milliseconds / 1000))
  const point = value.indexOf('.')
  into.int(2, point < 0 ? 0 : Number(/\d+/.exec(value.slice(point))![0].padEnd(9, '0').slice(0, 9)))
}

function intOrString(into: ProtobufWriter, value: number | string): void {
  const isText = typeof value === 'string'
  into.int(1, isText ? 1 : 0)
  into.int(2, isText ? 0 : value)
  into.text(3, isText ? value : '')
}

function fromBase64(text: string): Uint8Array {
  const binary = atob(text)
  const bytes = new Uint8Array(binary.length)
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i)
  return bytes
}
