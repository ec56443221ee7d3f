/**
 * Messages of protocol buffers as tables of their fields: name, number and type stand once, TypeScript's types follow from them. Only what a kubelet
 * says and hears is written down; fields that nobody named are skipped (protobuf.dev, "Unknown fields").
 */
import { ProtobufReader } from '../../../../src-kube/machinery/protobuf/reader.ts'
import { ProtobufWriter } from '../../../../src-kube/machinery/protobuf/writer.ts'

/** One field. `In` is what may be given for it, `Out` what is read. */
export interface Field<Out, In = Out> {
  number: number
  /** What a message without the field has. */
  zero(): Out
  /** Writes nothing for a value that an absent field stands for. */
  write(into: ProtobufWriter, value: In): void
  /** Reads one occurrence; `before` is what earlier ones made. */
  read(from: ProtobufReader, before: Out): Out
}

// oxlint-disable-next-line typescript/no-explicit-any -- a table holds fields of every type
type Fields = Record<string, Field<any, any>>
type OutOf<T extends Fields> = { [K in keyof T]: T[K] extends Field<infer Out, infer _> ? Out : never }
type InOf<T extends Fields> = { [K in keyof T]?: (T[K] extends Field<infer _, infer In> ? In : never) | undefined }

/** A message: what it is written from may leave out fields, what is read has them all. */
export interface Message<Out, In = Partial<Out>> {
  encode(value: In): Uint8Array
  /** Throws RangeError for bytes that are no message. */
  decode(bytes: Uint8Array): Out
  /** Writes the fields alone, as a part of another message has them. */
  write(into: ProtobufWriter, value: In): void
}

/** What reading the message gives. */
export type Read<M> = M extends Message<infer Out, infer _> ? Out : never
/** What the message may be written from. */
export type Written<M> = M extends Message<infer _, infer In> ? In : never

/** A message of these fields. */
export function message<T extends Fields>(fields: T): Message<OutOf<T>, InOf<T>> {
  const byNumber = new Map(Object.entries(fields).map(([name, field]) => [field.number, { name, field }]))
  const write = (into: ProtobufWriter, value: Record<string, unknown>): void => {
    for (const { name, field } of byNumber.values()) if (value[name] !== undefined) field.write(into, value[name])
  }
  return {
    write,
    encode(value) {
      const writer = new ProtobufWriter()
      write(writer, value)
      return writer.written
    },
    decode(bytes) {
      const found: Record<string, unknown> = {}
      for (const { name, field } of byNumber.values()) found[name] = field.zero()
      const reader = new ProtobufReader(bytes)
      while (!reader.done) {
        const { number, wire } = reader.tag()
        const known = byNumber.get(number)
        if (known) found[known.name] = known.field.read(reader, found[known.name])
        else reader.skip(wire)
      }
      return found as OutOf<T>
    },
  }
}

/** A string. */
export const text = (number: number): Field<string> => ({
  number,
  zero: () => '',
  write: (into, value) => value !== '' && into.text(number, value),
  read: (from) => from.text(),
})

/** A bool. */
export const flag = (number: number): Field<boolean> => ({
  number,
  zero: () => false,
  write: (into, value) => value && into.int(number, 1),
  read: (from) => from.int() !== 0,
})

/** An int32, int64 or a value of an enumeration. */
export const int = (number: number): Field<number> => ({
  number,
  zero: () => 0,
  write: (into, value) => value !== 0 && into.int(number, value),
  read: (from) => from.int(),
})

/** A message in a message; undefined when absent, which an empty one is not. */
export const nested = <Out, In>(number: number, type: Message<Out, In>): Field<Out | undefined, In | undefined> => ({
  number,
  zero: () => undefined,
  write: (into, value) => value !== undefined && into.message(number, (inner) => type.write(inner, value)),
  read: (from) => type.decode(from.bytes()),
})

/** Any number of strings. */
export const texts = (number: number): Field<string[], readonly string[]> => ({
  number,
  zero: () => [],
  write: (into, values) => values.forEach((value) => into.text(number, value)),
  read: (from, before) => [...before, from.text()],
})

/** Any number of messages. */
export const list = <Out, In>(number: number, type: Message<Out, In>): Field<Out[], readonly In[]> => ({
  number,
  zero: () => [],
  write: (into, values) => values.forEach((value) => into.message(number, (inner) => type.write(inner, value))),
  read: (from, before) => [...before, type.decode(from.bytes())],
})

const textEntry = message({ key: text(1), value: text(2) })

/** Strings by string. */
export const map = (number: number): Field<Record<string, string>, Readonly<Record<string, string>>> => ({
  number,
  zero: () => ({}),
  write: (into, values) =>
    Object.entries(values).forEach(([key, value]) =>
      into.message(number, (inner) => textEntry.write(inner, { key, value })),
    ),
  read(from, before) {
    const { key, value } = textEntry.decode(from.bytes())
    return { ...before, [key]: value }
  },
})

/** Messages by string. */
export function mapOf<Out, In>(
  number: number,
  type: Message<Out, In>,
): Field<Record<string, Out>, Readonly<Record<string, In>>> {
  const entry = message({ key: text(1), value: nested(2, type) })
  return {
    number,
    zero: () => ({}),
    write: (into, values) =>
      Object.entries(values).forEach(([key, value]) =>
        into.message(number, (inner) => entry.write(inner, { key, value })),
      ),
    read(from, before) {
      const { key, value } = entry.decode(from.bytes())
      return { ...before, [key]: value ?? type.decode(new Uint8Array(0)) }
    },
  }
}
