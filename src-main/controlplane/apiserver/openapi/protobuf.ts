import {
  any,
  encodeMessage,
  flag,
  message,
  named,
  orReference,
  repeated,
  text,
  within,
  write,
  type Json,
  type Member,
  type Message,
} from './gnostic.ts'
import type { ProtobufWriter } from '../../../../src-kube/machinery/protobuf/writer.ts'

/**
 * An OpenAPI version 2 document as protocol buffers, the only form in which kubectl before 1.27 reads it, and later ones where version 3 does not
 * do (lists in a file, `explain --output=plaintext-openapiv2`). Messages and numbers are those of gnostic's `OpenAPIv2.proto`.
 */
export function encodeOpenapiV2(document: object): Buffer {
  return encodeMessage(document, documentMessage)
}

const schema = message(() => schemaMessage)
const additional: Member = (into, number, value) =>
  into.message(number, (inner) => (typeof value === 'boolean' ? inner.int(2, value ? 1 : 0) : schema(inner, 1, value)))

const schemaMessage: Message = {
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

/** Parameters of the path, of the query and the body are messages of their own, which number the same members differently. */
const bodyParameter: Message = {
  members: { description: [1, text], name: [2, text], in: [3, text], required: [4, flag], schema: [5, schema] },
}
const pathParameter: Message = {
  members: { required: [1, flag], in: [2, text], description: [3, text], name: [4, text], type: [5, text] },
}
const queryParameter: Message = {
  members: { required: [1, flag], in: [2, text], description: [3, text], name: [4, text], type: [6, text] },
}

function plainParameter(into: ProtobufWriter, value: Json): void {
  if (value['in'] === 'body') return into.message(1, (inner) => write(inner, value, bodyParameter))
  const inPath = value['in'] === 'path'
  into.message(2, (inner) =>
    inner.message(inPath ? 4 : 3, (last) => write(last, value, inPath ? pathParameter : queryParameter)),
  )
}
const sharedParameter: Member = (into, number, value) =>
  into.message(number, (inner) => plainParameter(inner, value as Json))

const parameter = orReference(sharedParameter)

const response: Message = { members: { description: [1, text], schema: [2, within(1, schema)] } }
const operationMessage: Message = {
  members: {
    tags: [1, repeated(text)],
    description: [3, text],
    operationId: [5, text],
    produces: [6, repeated(text)],
    consumes: [7, repeated(text)],
    parameters: [8, repeated(parameter)],
    responses: [
      9,
      named(
        1,
        within(
          1,
          message(() => response),
        ),
      ),
    ],
    schemes: [10, repeated(text)],
  },
  extensions: 13,
}
const operation = message(() => operationMessage)
const pathItem: Message = {
  members: {
    get: [2, operation],
    put: [3, operation],
    post: [4, operation],
    delete: [5, operation],
    options: [6, operation],
    head: [7, operation],
    patch: [8, operation],
    parameters: [9, repeated(parameter)],
  },
  extensions: 10,
}
const info: Message = { members: { title: [1, text], version: [2, text] } }
const documentMessage: Message = {
  members: {
    swagger: [1, text],
    info: [2, message(() => info)],
    paths: [
      8,
      named(
        2,
        message(() => pathItem),
      ),
    ],
    definitions: [9, named(1, schema)],
    parameters: [10, named(1, sharedParameter)],
  },
}
