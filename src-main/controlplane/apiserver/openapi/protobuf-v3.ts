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
  type Member,
  type Message,
} from './gnostic.ts'

/**
 * An OpenAPI version 3 document as protocol buffers (kubernetes.io, "The Kubernetes API", OpenAPI V3). Messages and numbers are those of
 * gnostic's `OpenAPIv3.proto`.
 */
export function encodeOpenapiV3(document: object): Buffer {
  return encodeMessage(document, documentMessage)
}

const double: Member = (into, number, value) => into.double(number, value as number)
const integer: Member = (into, number, value) => into.int(number, value as number)

const plainSchema = message(() => schemaMessage)
const schema = orReference(plainSchema)

const additional: Member = (into, number, value) =>
  into.message(number, (either) =>
    typeof value === 'boolean' ? either.int(2, Number(value)) : schema(either, 1, value),
  )

/** Numbers, truths and text; the message has no place for other defaults. */
const fallback: Member = (into, number, value) =>
  into.message(number, (either) => {
    if (typeof value === 'number') either.double(1, value)
    else if (typeof value === 'boolean') either.int(2, Number(value))
    else if (typeof value === 'string') either.text(3, value)
  })

const schemas = repeated(schema)
const schemaMessage: Message = {
  members: {
    nullable: [1, flag],
    title: [9, text],
    multipleOf: [10, double],
    maximum: [11, double],
    exclusiveMaximum: [12, flag],
    minimum: [13, double],
    exclusiveMinimum: [14, flag],
    maxLength: [15, integer],
    minLength: [16, integer],
    pattern: [17, text],
    maxItems: [18, integer],
    minItems: [19, integer],
    uniqueItems: [20, flag],
    maxProperties: [21, integer],
    minProperties: [22, integer],
    required: [23, repeated(text)],
    enum: [24, repeated(any)],
    type: [25, text],
    allOf: [26, schemas],
    oneOf: [27, schemas],
    anyOf: [28, schemas],
    not: [29, plainSchema],
    items: [30, within(1, schema)],
    properties: [31, named(1, schema)],
    additionalProperties: [32, additional],
    default: [33, fallback],
    description: [34, text],
    format: [35, text],
  },
  extensions: 36,
}

const mediaType: Message = { members: { schema: [1, schema] } }
const content = named(
  1,
  message(() => mediaType),
)
const parameterMessage: Message = {
  members: { name: [1, text], in: [2, text], description: [3, text], required: [4, flag], schema: [10, schema] },
}
const parameter = orReference(message(() => parameterMessage))
const parameters = repeated(parameter)
const body: Message = { members: { content: [2, content], required: [3, flag] } }
const response: Message = { members: { description: [1, text], content: [3, content] } }
const operationMessage: Message = {
  members: {
    tags: [1, repeated(text)],
    description: [3, text],
    operationId: [5, text],
    parameters: [6, parameters],
    requestBody: [
      7,
      within(
        1,
        message(() => body),
      ),
    ],
    responses: [
      8,
      named(
        2,
        within(
          1,
          message(() => response),
        ),
      ),
    ],
  },
  extensions: 13,
}
const operation = message(() => operationMessage)
const pathItem: Message = {
  members: {
    get: [4, operation],
    put: [5, operation],
    post: [6, operation],
    delete: [7, operation],
    options: [8, operation],
    head: [9, operation],
    patch: [10, operation],
    parameters: [13, parameters],
  },
  extensions: 14,
}
const info: Message = { members: { title: [1, text], version: [6, text] } }
const components: Message = { members: { schemas: [1, named(1, schema)], parameters: [3, named(1, parameter)] } }
const documentMessage: Message = {
  members: {
    openapi: [1, text],
    info: [2, message(() => info)],
    paths: [
      4,
      named(
        1,
        message(() => pathItem),
      ),
    ],
    components: [5, message(() => components)],
  },
}
