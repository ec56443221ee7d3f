import { StatusError } from '../errors.ts'
import { findSchema, type Field, type FieldType, type StructSchema } from '../schema/index.ts'
import { MAGIC, ownFields } from './decode.ts'
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
  writer.raw(MAGIC)
  writer.message(1, (meta) => {
    meta.text(1, apiVersion)
    meta.text(2, kind)
  })
  writer.message(2, (into) => struct(into, object as unknown as Fields, schema))
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
  return schema.embedded.length > 0 || fieldsOf(schema).some(({ number }) => number !== undefined)
}

type Fields = Readonly<Record<string, unknown>>

const own = new WeakMap<StructSchema, Field[]>()

function fieldsOf(schema: StructSchema): Field[] {
  let fields = own.get(schema)
  if (!fields) own.set(schema, (fields = ownFields(schema)))
  return fields
}

function struct(into: ProtobufWriter, object: Fields, schema: StructSchema): void {
  for (const field of fieldsOf(schema)) {
    const value = object[field.name]
    if (field.number !== undefined && value !== undefined && value !== null) member(into, field, field.number, value)
  }
  for (const { number, struct: embedded } of schema.embedded) {
    if ([...embedded.fields.keys()].some((name) => object[name] !== undefined))
      into.message(number, (inner) => struct(inner, object, embedded))
  }
}

function member(into: ProtobufWriter, { type }: Field, number: number, value: unknown): void {
  if (type.kind === 'list' && !isListMessage(type.go)) {
    for (const item of value as unknown[]) write(into, number, item, type.element)
  } else if (type.kind === 'map') {
    // Sorted, so that equal objects are equal bytes.
    for (const key of Object.keys(value as Fields).sort()) {
      into.message(number, (entry) => {
        entry.text(1, key)
        write(entry, 2, (value as Fields)[key], type.element)
      })
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
    case 'struct':
      return into.message(number, (inner) => struct(inner, value as Fields, type.struct))
    case 'quantity':
      return into.message(number, (inner) => inner.text(1, String(value)))
    case 'time':
      return into.message(number, (inner) => time(inner, value as string))
    case 'intOrString':
      return into.message(number, (inner) => intOrString(inner, value as number | string))
    case 'object':
    case 'any':
      if (isUnion(type.go)) return into.message(number, (inner) => writeUnion(inner, value, type.go, struct))
      if (isDropped(type.go)) return
      if (isNames(type.go))
        return into.message(number, (inner) => writeNames(inner, value as Record<string, string>, type.go))
      return into.message(number, (inner) => inner.text(1, JSON.stringify(value)))
    case 'list':
      // Named list types (ExtraValue, Verbs) are messages with one repeated field.
      return into.message(number, (inner) => {
        for (const item of value as unknown[]) write(inner, 1, item, type.element)
      })
    case 'map':
      throw new RangeError('proto: a map of maps')
  }
}

function time(into: ProtobufWriter, value: string): void {
  const milliseconds = Date.parse(value)
  into.int(1, Math.floor(milliseconds / 1000))
  const fraction = /\.(\d+)/.exec(value)?.[1] ?? ''
  into.int(2, Number(fraction.padEnd(9, '0').slice(0, 9)))
}

function intOrString(into: ProtobufWriter, value: number | string): void {
  const isText = typeof value === 'string'
  into.int(1, isText ? 1 : 0)
  into.int(2, isText ? 0 : value)
  into.text(3, isText ? value : '')
}

function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
}
