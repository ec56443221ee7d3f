import type { Dialect } from './definitions.ts'
import type { Gvk } from './operations.ts'

/** What can be asked at a path, before a version of OpenAPI has it in its own words. */
export interface Operation {
  /** As upstream names it, which is what generated clients call it. */
  id: string
  tag: string
  description: string
  /** `list`, `post`, `connect` …, and of what; none for discovery. */
  about?: { action: string; gvk: Gvk }
  parameters: readonly object[]
  body?: Body
  /** Schemas of answers by their codes. */
  answers: Record<number, object>
  /** Content types of answers. */
  produces: readonly string[]
}

/** What an operation takes. */
export interface Body {
  schema: object
  /** Content types that requests may have. */
  consumes: readonly string[]
  required: boolean
}

const words: Record<number, string> = { 200: 'OK', 201: 'Created', 202: 'Accepted' }
const unauthorized = { 401: { description: 'Unauthorized' } }

/** An operation as version 2 or 3 of OpenAPI has it. */
export function render(operation: Operation, { prefix }: Dialect): object {
  const { id, tag, description, about } = operation
  return {
    description,
    operationId: id,
    tags: [tag],
    ...(about ? { 'x-kubernetes-action': about.action, 'x-kubernetes-group-version-kind': about.gvk } : {}),
    ...(prefix === '#/definitions/' ? version2(operation) : version3(operation)),
  }
}

function version2({ parameters, body, answers, produces }: Operation): object {
  const place = { name: 'body', in: 'body', ...(body?.required ? { required: true } : {}), schema: body?.schema }
  const all = body ? [place, ...parameters] : parameters
  return {
    consumes: body?.consumes ?? ['*/*'],
    produces,
    schemes: ['https'],
    ...(all.length > 0 ? { parameters: all } : {}),
    responses: { ...answered(answers, (schema) => ({ schema })), ...unauthorized },
  }
}

function version3({ parameters, body, answers, produces }: Operation): object {
  const inTypes = (types: readonly string[], schema: object): object => ({
    content: Object.fromEntries(types.map((type) => [type, { schema }])),
  })
  return {
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(body
      ? { requestBody: { ...inTypes(body.consumes, body.schema), ...(body.required ? { required: true } : {}) } }
      : {}),
    responses: { ...answered(answers, (schema) => inTypes(produces, schema)), ...unauthorized },
  }
}

const answered = (answers: Operation['answers'], said: (schema: object) => object): object =>
  Object.fromEntries(
    Object.entries(answers).map(([code, schema]) => [code, { description: words[Number(code)]!, ...said(schema) }]),
  )
