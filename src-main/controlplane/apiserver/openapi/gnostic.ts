import { ProtobufWriter } from '../../../../src-kube/machinery/protobuf/writer.ts'

/** An object of an OpenAPI document. */
export type Json = Record<string, unknown>
/** Writes a member's value under its number. */
export type Member = (into: ProtobufWriter, number: number, value: unknown) => void
/** Members by their names in JSON: number and how to write them. Extensions (`x-…`) go under `extensions`. */
export interface Message {
  members: Record<string, readonly [number, Member]>
  extensions?: number
}

export const text: Member = (into, number, value) => into.text(number, value as string)
export const flag: Member = (into, number, value) => value === true && into.int(number, 1)
/** Whatever JSON: gnostic's `Any` holds it as YAML, which JSON is. */
export const any: Member = (into, number, value) =>
  into.message(number, (inner) => inner.text(2, JSON.stringify(value)))
export const message =
  (of: () => Message): Member =>
  (into, number, value) =>
    into.message(number, (inner) => write(inner, value as Json, of()))
export const repeated =
  (one: Member): Member =>
  (into, number, value) =>
    (value as unknown[]).forEach((item) => one(into, number, item))
/** A map, as gnostic has it: a message around named values. */
export const named =
  (inner: number, one: Member): Member =>
  (into, number, value) =>
    into.message(number, (map) => {
      for (const [name, item] of Object.entries(value as Json)) {
        map.message(inner, (entry) => {
          entry.text(1, name)
          one(entry, 2, item)
        })
      }
    })
/** A message that only wraps its one member. */
export const within =
  (inner: number, one: Member): Member =>
  (into, number, value) =>
    into.message(number, (wrapper) => one(wrapper, inner, value))

/** A message around what stands in its place, or around a reference to where the document has it. */
export const orReference =
  (one: Member): Member =>
  (into, number, value) =>
    into.message(number, (either) => {
      const { $ref } = value as Json
      if ($ref === undefined) one(either, 1, value)
      else either.message(2, (reference) => reference.text(1, $ref as string))
    })

/** Writes a part of the document as gnostic's message, extensions (`x-…`) as any value. */
export function write(into: ProtobufWriter, object: Json, { members, extensions }: Message): void {
  for (const [name, value] of Object.entries(object)) {
    const member = members[name]
    if (member) member[1](into, member[0], value)
    else if (extensions !== undefined && name.startsWith('x-'))
      into.message(extensions, (entry) => {
        entry.text(1, name)
        any(entry, 2, value)
      })
  }
}

/** A document as the message that describes it: members it does not name are left out. */
export function encodeMessage(document: object, of: Message): Buffer {
  const writer = new ProtobufWriter()
  write(writer, document as Json, of)
  return Buffer.from(writer.written)
}
