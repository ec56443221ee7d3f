import { describe, expect, it } from 'vitest'
import { encodeOpenapiV3 } from './protobuf-v3.ts'
import { at } from './testing/fields.ts'

const parameters = [{ name: 'dryRun', in: 'query', required: true, schema: { type: 'string', uniqueItems: true } }]
const answer = { 'application/json': { schema: { $ref: '#/components/schemas/Pod' } } }
const path = {
  parameters,
  patch: {
    'x-kubernetes-action': 'patch',
    operationId: 'patchPod',
    parameters,
    responses: { 200: { description: 'OK', content: answer } },
  },
}
const document = (schema: object): Uint8Array =>
  encodeOpenapiV3({
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: 'v1.36.0' },
    paths: { '/pods': path },
    components: { schemas: { Pod: schema } },
  })

/** A field of the one schema of the document. */
const ofSchema = (schema: object, ...numbers: number[]) => at(document(schema), 5, 1, 1, 2, 1, ...numbers)

describe('OpenAPI version 3 as protocol buffers', () => {
  it('has its paths, what is done there and what is answered', () => {
    const bytes = document({})
    expect([...at(bytes, 1), ...at(bytes, 2, 1), ...at(bytes, 2, 6)]).toEqual(['3.0.0', 'Kubernetes', 'v1.36.0'])
    expect(at(bytes, 4, 1, 1)).toEqual(['/pods'])
    expect(at(bytes, 4, 1, 2, 13, 1, 1)).toEqual(['dryRun'])
    const operation = [4, 1, 2, 10]
    expect(at(bytes, ...operation, 5)).toEqual(['patchPod'])
    expect(at(bytes, ...operation, 13, 2, 2)).toEqual(['"patch"'])
    expect(at(bytes, ...operation, 6, 1, 10, 1, 25)).toEqual(['string'])
    expect(at(bytes, ...operation, 6, 1, 10, 1, 20)).toEqual([1])
    expect(at(bytes, ...operation, 8, 2, 1)).toEqual(['200'])
    expect(at(bytes, ...operation, 8, 2, 2, 1, 3, 1, 1)).toEqual(['application/json'])
    expect(at(bytes, ...operation, 8, 2, 2, 1, 3, 1, 2, 1, 2, 1)).toEqual(['#/components/schemas/Pod'])
  })

  it('has schemas within schemas, by name, by reference and by what they hold', () => {
    const schema = { properties: { spec: { allOf: [{ $ref: '#/Spec' }] }, list: { items: { type: 'string' } } } }
    expect(ofSchema(schema, 31, 1, 1)).toEqual(['spec', 'list'])
    expect(ofSchema(schema, 31, 1, 2, 1, 26, 2, 1)).toEqual(['#/Spec'])
    expect(ofSchema(schema, 31, 1, 2, 1, 30, 1, 1, 25)).toEqual(['string'])
    expect(ofSchema({ additionalProperties: { type: 'integer' } }, 32, 1, 1, 25)).toEqual(['integer'])
    expect(ofSchema({ additionalProperties: false }, 32, 2)).toEqual([0])
    expect(ofSchema({ not: { required: ['a'] } }, 29, 23)).toEqual(['a'])
  })

  it('has bounds, defaults and extensions', () => {
    expect(ofSchema({ minimum: 1.5 }, 13)).toEqual([1.5])
    expect(ofSchema({ maxLength: 300, nullable: true }, 15)).toEqual([300])
    expect(ofSchema({ default: 2 }, 33, 1)).toEqual([2])
    expect(ofSchema({ default: false }, 33, 2)).toEqual([0])
    expect(ofSchema({ default: 'a' }, 33, 3)).toEqual(['a'])
    expect(ofSchema({ default: {} }, 33)).toEqual([''])
    expect(ofSchema({ 'x-kubernetes-list-type': 'set' }, 36, 2, 2)).toEqual(['"set"'])
    expect(ofSchema({ enum: ['a', 1] }, 24, 2)).toEqual(['"a"', '1'])
  })
})

it('has bodies, and what lists share once', () => {
  const shared = encodeOpenapiV3({
    paths: {
      '/pods': {
        post: {
          tags: ['core_v1'],
          parameters: [{ $ref: '#/components/parameters/pretty' }],
          requestBody: { content: { '*/*': { schema: { $ref: '#/components/schemas/Pod' } } }, required: true },
        },
      },
    },
    components: { parameters: { pretty: { name: 'pretty', in: 'query', schema: { type: 'string' } } } },
  })
  const POST = [4, 1, 2, 6]
  expect(at(shared, ...POST, 1)).toEqual(['core_v1'])
  expect(at(shared, ...POST, 6, 2, 1)).toEqual(['#/components/parameters/pretty'])
  expect(at(shared, ...POST, 7, 1, 2, 1, 1)).toEqual(['*/*'])
  expect(at(shared, ...POST, 7, 1, 2, 1, 2, 1, 2, 1)).toEqual(['#/components/schemas/Pod'])
  expect(at(shared, ...POST, 7, 1, 3)).toEqual([1])
  expect(at(shared, 5, 3, 1, 1)).toEqual(['pretty'])
  expect(at(shared, 5, 3, 1, 2, 1, 1)).toEqual(['pretty'])
})
