import { ProtobufWriter } from '../../../../src-kube/machinery/protobuf/writer.ts'

/**
 * An OpenAPI version 2 document as protocol buffers, the only form in which kubectl before 1.27 reads it, and later ones where version 3 does not
 * do (lists in a file, `explain --output=plaintext-openapiv2`). Messages and numbers are those of gnostic's `OpenAPIv2.proto`.
 */
export function encodeOpenapiV2(document: object): Buffer {
  const writer = new ProtobufWriter()
  write(writer, document as Json, DOCUMENT)
  return Buffer.from(writer.written)
}

type Json = Record<string, unknown>
/** Writes a member's value under its number. */
type Member = (into: ProtobufWriter, number: number, value: unknown) => void
/** Members by their names in JSON: number and how to write them. Extensions (`x-…`) go under `extensions`. */
interface Message {
  members: Record<string, readonly [number, Member]>
  extensions?: number
}

const text: Member = (into, number, value) => into.text(number, value as string)
const flag: Member = (into, number, value) => value === true && into.int(number, 1)
/** Whatever JSON: gnostic's `Any` holds it as YAML, which JSON is. */
const any: Member = (into, number, value) => into.message(number, (inner) => inner.text(2, JSON.stringify(value)))
const message =
  (of: () => Message): Member =>
  (into, number, value) =>
    into.message(number, (inner) => write(inner, value as Json, of()))
const repeated =
  (one: Member): Member =>
  (into, number, value) =>
    (value as unknown[]).forEach((item) => one(into, number, item))
/** A map, as gnostic has it: a message around named values. */
const named =
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
const within =
  (inner: number, one: Member): Member =>
  (into, number, value) =>
    into.message(number, (wrapper) => one(wrapper, inner, value))

function write(into: ProtobufWriter, object: Json, { members, extensions }: Message): void {
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

const schema = message(() => SCHEMA)
const additional: Member = (into, number, value) =>
  into.message(number, (inner) => (typeof value === 'boolean' ? inner.int(2, value ? 1 : 0) : schema(inner, 1, value)))

const SCHEMA: Message = {
  members: {
    $ref: [1, text],
    format: [2, text],
    description: [4, text],
    default: [5, any],
    required: [19, repeated(text)],
    enum: [20, repeated(any)],
    additionalProperties: [21, additional],
    type: [22, within(1, text)],
    items: [23, within(1, schema)],
    properties: [25, named(1, schema)],
  },
  extensions: 31,
}

/** Parameters of the path and of the query are messages of their own, which number the same members differently. */
const PATH_PARAMETER: Message = { members: { required: [1, flag], in: [2, text], name: [4, text], type: [5, text] } }
const QUERY_PARAMETER: Message = { members: { required: [1, flag], in: [2, text], name: [4, text], type: [6, text] } }

const parameter: Member = (into, number, value) => {
  const inPath = (value as Json)['in'] === 'path'
  into.message(number, (item) =>
    item.message(1, (outer) =>
      outer.message(2, (inner) =>
        inner.message(inPath ? 4 : 3, (last) => write(last, value as Json, inPath ? PATH_PARAMETER : QUERY_PARAMETER)),
      ),
    ),
  )
}

const RESPONSE: Message = { members: { description: [1, text], schema: [2, within(1, schema)] } }
const OPERATION: Message = {
  members: {
    description: [3, text],
    operationId: [5, text],
    parameters: [8, repeated(parameter)],
    responses: [
      9,
      named(
        1,
        within(
          1,
          message(() => RESPONSE),
        ),
      ),
    ],
  },
  extensions: 13,
}
const operation = message(() => OPERATION)
const PATH_ITEM: Message = {
  members: {
    get: [2, operation],
    put: [3, operation],
    post: [4, operation],
    delete: [5, operation],
    patch: [8, operation],
    parameters: [9, repeated(parameter)],
  },
  extensions: 10,
}
const INFO: Message = { members: { title: [1, text], version: [2, text] } }
const DOCUMENT: Message = {
  members: {
    swagger: [1, text],
    info: [2, message(() => INFO)],
    paths: [
      8,
      named(
        2,
        message(() => PATH_ITEM),
      ),
    ],
    definitions: [9, named(1, schema)],
  },
}
