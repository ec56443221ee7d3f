import { schemaOf, type StructSchema } from '../schema/index.ts'
import { ProtobufReader } from './reader.ts'
import type { ProtobufWriter } from './writer.ts'

/** Reads or writes a message of a schema. */
type Read = (bytes: Uint8Array, schema: StructSchema) => unknown
type Write = (into: ProtobufWriter, value: Record<string, unknown>, schema: StructSchema) => void

/**
 * Types that are one of two things in JSON, and in protobuf a message with a member for each (apiextensions.k8s.io, JSONSchemaPropsOr…): a schema, or
 * else a list of schemas, a boolean, a list of names.
 */
const unions = new Set(['JSONSchemaPropsOrArray', 'JSONSchemaPropsOrBool'])
const DEPENDENCIES = 'JSONSchemaDependencies'

/** Types of the machinery that JSON shows as objects of strings: their members, numbered from one. */
const names: Readonly<Record<string, readonly string[]>> = {
  GroupResource: ['group', 'resource'],
  GroupVersionKind: ['group', 'version', 'kind'],
  GroupVersionResource: ['group', 'version', 'resource'],
}

export const isNames = (go: string): boolean => Object.hasOwn(names, go)

/** Reads a message of names alone, such as `GroupKind`; absent ones are empty. */
export function readNames(bytes: Uint8Array, go: string): Record<string, string> {
  const reader = new ProtobufReader(bytes)
  const found = Object.fromEntries(names[go]!.map((name) => [name, '']))
  while (!reader.done) {
    const name = names[go]![reader.tag().number - 1]
    const value = reader.text()
    if (name) found[name] = value
  }
  return found
}

/** The inverse of {@link readNames}. */
export function writeNames(into: ProtobufWriter, value: Readonly<Record<string, string>>, go: string): void {
  names[go]!.forEach((name, i) => into.text(i + 1, value[name] ?? ''))
}

/** Lists with a name of their own that are a message with one repeated field where they are a field's. Others are repeated as they are. */
const lists = new Set(['Verbs'])

export const isListMessage = (go: string): boolean => lists.has(go)

export const isUnion = (go: string): boolean => unions.has(go)

/** Dependencies of schemas are not kept: no definition may have any. */
export const isDropped = (go: string): boolean => go === DEPENDENCIES

const props = (): StructSchema => schemaOf('apiextensions.k8s.io/v1', 'JSONSchemaProps')

/** Reads a field that is one of several types in JSON and a message with one field for each in protocol buffers. */
export function readUnion(bytes: Uint8Array, go: string, read: Read): unknown {
  const reader = new ProtobufReader(bytes)
  const isArray = go === 'JSONSchemaPropsOrArray'
  let schema: unknown
  let allows = false
  const list: unknown[] = []
  while (!reader.done) {
    const { number, wire } = reader.tag()
    if (wire === 0) allows = reader.int() !== 0
    else if (isArray && number === 2) list.push(read(reader.bytes(), props()))
    else schema = read(reader.bytes(), props())
  }
  return schema ?? (isArray ? list : allows)
}

/** The inverse of {@link readUnion}. */
export function writeUnion(into: ProtobufWriter, value: unknown, go: string, write: Write): void {
  const schema = (number: number, one: unknown): void =>
    into.message(number, (inner) => write(inner, one as Record<string, unknown>, props()))
  if (Array.isArray(value)) for (const one of value as unknown[]) schema(2, one)
  else if (typeof value === 'boolean') into.int(1, Number(value))
  else if (go === 'JSONSchemaPropsOrArray') schema(1, value)
  else {
    into.int(1, 1)
    schema(2, value)
  }
}
