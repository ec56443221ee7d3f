import { badRequest } from '../errors.ts'
import { findSchema, type Field, type FieldType, type StructSchema } from '../schema/index.ts'
import { ProtobufReader } from './reader.ts'
import { isDropped, isListMessage, isNames, isUnion, readNames, readUnion } from './unions.ts'

/** What every Kubernetes message in protobuf begins with (kubernetes.io, "Alternate representations of resources"). */
export const magic: readonly number[] = [0x6b, 0x38, 0x73, 0x00]

/**
 * Decodes `application/vnd.kubernetes.protobuf` to the object that JSON would have given. The envelope names kind and version.
 * Throws `StatusError` 400 for what is no such message.
 */
export function decodeProtobuf(bytes: Uint8Array): Record<string, unknown> {
  if (magic.some((byte, i) => bytes[i] !== byte))
    throw badRequest('provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]')
  try {
    const { apiVersion, kind, raw } = envelope(new ProtobufReader(bytes, magic.length))
    const schema = findSchema(apiVersion, kind) ?? findSchema('meta/v1', kind)
    if (!schema)
      throw badRequest(`no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)}`)
    return { ...message(raw, schema), apiVersion, kind }
  } catch (error) {
    if (error instanceof RangeError || error instanceof SyntaxError) throw badRequest(error.message)
    throw error
  }
}

/** `runtime.Unknown`: type meta, then the object's own bytes. */
function envelope(reader: ProtobufReader): { apiVersion: string; kind: string; raw: Uint8Array } {
  const found = { apiVersion: '', kind: '', raw: new Uint8Array(0) }
  while (!reader.done) {
    const { number, wire } = reader.tag()
    if (number === 1 && wire === 2) Object.assign(found, typeMeta(new ProtobufReader(reader.bytes())))
    else if (number === 2 && wire === 2) found.raw = new Uint8Array(reader.bytes())
    else reader.skip(wire)
  }
  return found
}

function typeMeta(reader: ProtobufReader): { apiVersion?: string; kind?: string } {
  const found: { apiVersion?: string; kind?: string } = {}
  while (!reader.done) {
    const { number } = reader.tag()
    const value = reader.text()
    if (number === 1) found.apiVersion = value
    else if (number === 2) found.kind = value
  }
  return found
}

/** What a number stands for: a field, or a type whose fields JSON shows among the message's own. */
type Member = ({ field: Field } | { embedded: StructSchema }) & {
  /** Wire types that it may come in: a list of numbers has two. */
  wires: readonly number[]
}

const numbered = new WeakMap<StructSchema, Map<number, Member>>()

function membersOf(schema: StructSchema): Map<number, Member> {
  let members = numbered.get(schema)
  if (!members) {
    members = new Map()
    for (const field of ownFields(schema))
      if (field.number !== undefined) members.set(field.number, { field, wires: wiresOf(field) })
    for (const { number, struct } of schema.embedded) members.set(number, { embedded: struct, wires: length })
    numbered.set(schema, members)
  }
  return members
}

/** The fields that are not an embedded type's. */
export function ownFields({ fields, embedded }: StructSchema): Field[] {
  return [...fields.values()].filter((field) => embedded.every(({ struct }) => struct.fields.get(field.name) !== field))
}

function message(bytes: Uint8Array, schema: StructSchema): Record<string, unknown> {
  const result: Record<string, unknown> = {}
  const members = membersOf(schema)
  const reader = new ProtobufReader(bytes)
  while (!reader.done) {
    const { number, wire } = reader.tag()
    const member = members.get(number)
    if (!member) reader.skip(wire)
    else if (!member.wires.includes(wire)) throw new RangeError(wrongWire(wire, member))
    else if ('field' in member) read(result, member.field, reader, wire)
    else Object.assign(result, message(reader.bytes(), member.embedded))
  }
  return result
}

function wiresOf({ type }: Field): readonly number[] {
  const isRepeated = type.kind === 'list' && !isListMessage(type.go)
  const { kind } = isRepeated ? type.element : type
  if (kind === 'int' || kind === 'boolean') return isRepeated ? packedOrVarint : varint
  return kind === 'float' ? fixed : length
}

const varint = [0]
const fixed = [1]
const length = [2]
const packedOrVarint = [0, 2]

const wrongWire = (wire: number, member: Member): string => {
  const name = 'field' in member ? member.field.name : 'embedded'
  return `proto: wrong wireType = ${wire} for field ${name[0]!.toUpperCase()}${name.slice(1)}`
}

function read(into: Record<string, unknown>, field: Field, reader: ProtobufReader, wire: number): void {
  const { type, name } = field
  if (type.kind === 'list' && wire === 2 && isNumber(type.element)) {
    const packed = new ProtobufReader(reader.bytes())
    const list = (into[name] ??= []) as unknown[]
    while (!packed.done) list.push(value(type.element, packed))
  } else if (type.kind === 'list' && !isListMessage(type.go)) {
    ;((into[name] ??= []) as unknown[]).push(value(type.element, reader))
  } else if (type.kind === 'map') {
    const [key, item] = mapEntry(type.element, reader)
    setKey((into[name] ??= {}) as Record<string, unknown>, key, item)
  } else {
    const found = value(type, reader)
    // Fields that are no pointers always travel; JSON leaves their zero values out.
    const kept = !isZero(found) || field.pointer || field.presence === 'required'
    if (found !== undefined && kept) into[name] = found
  }
}

const isNumber = ({ kind }: FieldType): boolean => kind === 'int' || kind === 'boolean'

/** Also a key that would name the object's prototype. */
function setKey(into: Record<string, unknown>, key: string, item: unknown): void {
  if (key !== '__proto__') into[key] = item
  else Object.defineProperty(into, key, { value: item, enumerable: true, writable: true, configurable: true })
}

const isZero = (found: unknown): boolean => found === '' || found === 0 || found === false

function mapEntry(element: FieldType, reader: ProtobufReader): [string, unknown] {
  const entry = new ProtobufReader(reader.bytes())
  let key = ''
  let item: unknown = element.kind === 'struct' ? {} : ''
  while (!entry.done) {
    const { number } = entry.tag()
    if (number === 1) key = entry.text()
    else item = value(element, entry)
  }
  return [key, item]
}

function value(type: FieldType, reader: ProtobufReader): unknown {
  switch (type.kind) {
    case 'struct':
      return message(reader.bytes(), type.struct)
    case 'string':
      return reader.text()
    case 'bytes':
      return base64(reader.bytes())
    case 'int':
      return reader.int()
    case 'boolean':
      return reader.int() !== 0
    case 'float':
      return reader.double()
    case 'quantity':
      return single(reader.bytes())
    case 'time':
      return time(reader.bytes(), type.go)
    case 'intOrString':
      return intOrString(reader.bytes())
    case 'object':
    case 'any':
      if (isUnion(type.go)) return readUnion(reader.bytes(), type.go, message)
      if (type.go === 'Duration') return durationOf(reader.bytes())
      if (isNames(type.go)) return readNames(reader.bytes(), type.go)
      return isDropped(type.go) ? void reader.bytes() : json(reader.bytes())
    case 'list':
      return items(reader.bytes(), type.element)
    case 'map':
      throw new RangeError('proto: a map of maps')
  }
}

/** Named list types (ExtraValue, Verbs) are messages with one repeated field. */
function items(bytes: Uint8Array, element: FieldType): unknown[] {
  const reader = new ProtobufReader(bytes)
  const found: unknown[] = []
  while (!reader.done) {
    reader.tag()
    found.push(value(element, reader))
  }
  return found
}

/** The one string of a message. */
function single(bytes: Uint8Array): string {
  const reader = new ProtobufReader(bytes)
  let found = '0'
  while (!reader.done) {
    reader.tag()
    found = reader.text()
  }
  return found
}

function numbersOf(bytes: Uint8Array): Map<number, number> {
  const reader = new ProtobufReader(bytes)
  const found = new Map<number, number>()
  while (!reader.done) {
    const { number, wire } = reader.tag()
    if (wire === 0) found.set(number, reader.int())
    else reader.skip(wire)
  }
  return found
}

/** Seconds and nanoseconds; an empty message is no time. */
function time(bytes: Uint8Array, go: string): string | undefined {
  if (bytes.length === 0) return undefined
  const found = numbersOf(bytes)
  const seconds = found.get(1) ?? 0
  const date = new Date(seconds * 1000).toISOString().replace('.000Z', '')
  if (!go.includes('Micro')) return `${date}Z`
  return `${date}.${String(Math.floor((found.get(2) ?? 0) / 1000)).padStart(6, '0')}Z`
}

/** Nanoseconds, as Go writes a length of time below a minute; longer ones in seconds too, which reads the same. */
const durationOf = (bytes: Uint8Array): string => `${(numbersOf(bytes).get(1) ?? 0) / 1e9}s`

function intOrString(bytes: Uint8Array): number | string {
  const reader = new ProtobufReader(bytes)
  let [kind, number, words] = [0, 0, '']
  while (!reader.done) {
    const tag = reader.tag()
    if (tag.number === 1) kind = reader.int()
    else if (tag.number === 2) number = reader.int()
    else words = reader.text()
  }
  return kind === 0 ? number : words
}

/** RawExtension and FieldsV1 carry JSON as their one field. */
function json(bytes: Uint8Array): unknown {
  const reader = new ProtobufReader(bytes)
  let found: unknown = {}
  while (!reader.done) {
    const { number, wire } = reader.tag()
    if (number === 1 && wire === 2) {
      const raw = reader.text()
      found = raw === '' ? {} : (JSON.parse(raw) as unknown)
    } else reader.skip(wire)
  }
  return found
}

/** Bytes that are made characters at once: a call takes no more arguments than the stack does. */
const PIECE = 8_192

function base64(bytes: Uint8Array): string {
  const pieces: string[] = []
  for (let at = 0; at < bytes.length; at += PIECE) pieces.push(String.fromCharCode(...bytes.subarray(at, at + PIECE)))
  return btoa(pieces.join(''))
}
