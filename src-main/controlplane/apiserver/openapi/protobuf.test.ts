import { describe, expect, it } from 'vitest'
import { encodeOpenapiV2 } from './protobuf.ts'
import { at } from './testing/fields.ts'

const bytes = encodeOpenapiV2({
  swagger: '2.0',
  info: { title: 'Kubernetes', version: 'v1.36.0' },
  paths: {
    '/api/v1/pods/{name}': {
      parameters: [{ name: 'name', in: 'path', required: true, type: 'string' }],
      patch: {
        'x-kubernetes-group-version-kind': { group: '', version: 'v1', kind: 'Pod' },
        operationId: 'patchPod',
        parameters: [{ name: 'dryRun', in: 'query', type: 'string', uniqueItems: true }],
        responses: { 200: { description: 'OK', schema: { $ref: '#/definitions/Pod' } } },
      },
    },
  },
  definitions: {
    Pod: {
      type: 'object',
      required: ['spec'],
      description: 'A pod.',
      properties: {
        ports: { type: 'array', items: { type: 'integer', format: 'int32' }, 'x-kubernetes-patch-merge-key': 'port' },
        labels: { type: 'object', additionalProperties: { type: 'string' } },
        phase: { type: 'string', enum: ['Running'], default: 'Running' },
      },
    },
  },
})
const path = [8, 2]
const patch = [...path, 2, 8]
const definition = [9, 1]
const property = [...definition, 2, 25, 1]

// Numbers are those of gnostic's OpenAPIv2.proto.
describe('OpenAPI version 2 as protocol buffers', () => {
  it('names the document, its paths and its definitions', () => {
    expect(at(bytes, 1)).toEqual(['2.0'])
    expect(at(bytes, 2, 2)).toEqual(['v1.36.0'])
    expect(at(bytes, ...path, 1)).toEqual(['/api/v1/pods/{name}'])
    expect(at(bytes, ...definition, 1)).toEqual(['Pod'])
  })

  it('has the kind of an operation as an extension, in YAML', () => {
    expect(at(bytes, ...patch, 13, 1)).toEqual(['x-kubernetes-group-version-kind'])
    expect(at(bytes, ...patch, 13, 2, 2)).toEqual(['{"group":"","version":"v1","kind":"Pod"}'])
  })

  it('tells parameters of the query from those of the path', () => {
    expect(at(bytes, ...patch, 8, 1, 2, 3, 4)).toEqual(['dryRun'])
    expect(at(bytes, ...path, 2, 9, 1, 2, 4, 4)).toEqual(['name'])
    expect(at(bytes, ...path, 2, 9, 1, 2, 4, 1)).toEqual([1])
  })

  it('refers from an answer to its definition', () => {
    expect(at(bytes, ...patch, 9, 1, 1)).toEqual(['200'])
    expect(at(bytes, ...patch, 9, 1, 2, 1, 2, 1, 1)).toEqual(['#/definitions/Pod'])
  })

  it('describes types, lists, maps, closed sets and merge keys', () => {
    expect(at(bytes, ...definition, 2, 22, 1)).toEqual(['object'])
    expect(at(bytes, ...definition, 2, 19)).toEqual(['spec'])
    expect(at(bytes, ...property, 1)).toEqual(['ports', 'labels', 'phase'])
    expect(at(bytes, ...property, 2, 22, 1)).toEqual(['array', 'object', 'string'])
    expect(at(bytes, ...property, 2, 23, 1, 2)).toEqual(['int32'])
    expect(at(bytes, ...property, 2, 21, 1, 22, 1)).toEqual(['string'])
    expect(at(bytes, ...property, 2, 20, 2)).toEqual(['"Running"'])
    expect(at(bytes, ...property, 2, 31, 1)).toEqual(['x-kubernetes-patch-merge-key'])
  })
})

it('has bodies, and what lists share once', () => {
  const shared = encodeOpenapiV2({
    paths: {
      '/pods': {
        post: {
          tags: ['core_v1'],
          produces: ['application/json'],
          consumes: ['*/*'],
          schemes: ['https'],
          parameters: [
            { name: 'body', in: 'body', required: true, schema: { $ref: '#/definitions/Pod' } },
            { $ref: '#/parameters/pretty' },
          ],
        },
      },
    },
    parameters: { pretty: { name: 'pretty', in: 'query', type: 'string' } },
  })
  const POST = [...path, 2, 4]
  expect([1, 6, 7, 10].flatMap((number) => at(shared, ...POST, number))).toEqual([
    'core_v1',
    'application/json',
    '*/*',
    'https',
  ])
  expect(at(shared, ...POST, 8, 1, 1, 2)).toEqual(['body'])
  expect(at(shared, ...POST, 8, 1, 1, 4)).toEqual([1])
  expect(at(shared, ...POST, 8, 1, 1, 5, 1)).toEqual(['#/definitions/Pod'])
  expect(at(shared, ...POST, 8, 2, 1)).toEqual(['#/parameters/pretty'])
  expect(at(shared, 10, 1, 1)).toEqual(['pretty'])
  expect(at(shared, 10, 1, 2, 2, 3, 4)).toEqual(['pretty'])
})
