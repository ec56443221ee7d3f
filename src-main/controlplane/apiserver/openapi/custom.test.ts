import type { CustomResourceDefinition } from '#types/apiextensions.k8s.io/v1'
import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { descriptorsOf } from '../../../../src-kube/kinds/custom/descriptors.ts'
import { groupOrder, kinds } from '../../../../src-kube/kinds/index.ts'
import type { JsonSchema } from '../../../../src-kube/machinery/structural/types.ts'
import { Discovery } from '../discovery.ts'
import type { Published } from '../http/published.ts'
import { keepDocuments, openapiDocument, openapiV2Document } from '../openapi.ts'
import { ResourceTable } from '../resources.ts'

interface Document {
  definitions: Record<string, JsonSchema & Record<string, unknown>>
  components: { schemas: Record<string, JsonSchema & Record<string, unknown>> }
  paths: Record<string, Record<string, object>>
}

const read = ({ gzip }: Published): Document => JSON.parse(gunzipSync(gzip).toString()) as Document
const NAME = 'org.example.stable.v1.Tool'

function table(schema: JsonSchema | undefined): ResourceTable {
  const crd = {
    metadata: { name: 'tools.stable.example.org' },
    spec: {
      group: 'stable.example.org',
      scope: 'Namespaced',
      names: { plural: 'tools', kind: 'Tool', shortNames: ['tl'], categories: ['all'] },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: { openAPIV3Schema: schema },
          subresources: { status: {} },
          selectableFields: [{ jsonPath: '.spec.a' }],
        },
      ],
    },
    status: { conditions: [{ type: 'Established', status: 'True' }] },
  } as CustomResourceDefinition
  return new ResourceTable([...kinds.slice(0, 2), ...descriptorsOf(crd)], groupOrder)
}
const version2 = (schema: JsonSchema) => read(openapiV2Document(table(schema))).definitions[NAME]!
const version3 = (schema: JsonSchema) =>
  read(openapiDocument(table(schema), 'apis/stable.example.org/v1')!).components.schemas

describe('the definition of a custom kind', () => {
  const text: JsonSchema = { type: 'string', description: 'Words.' }
  const plain: JsonSchema = {
    type: 'object',
    description: 'A tool.',
    required: ['spec'],
    properties: {
      spec: {
        type: 'object',
        properties: {
          list: { type: 'array', items: { type: 'object', properties: { a: text } } },
          map: { type: 'object', additionalProperties: text },
          open: { type: 'object', additionalProperties: true },
        },
      },
    },
  }

  test('is its schema, with what every object has', () => {
    const {
      'x-kubernetes-group-version-kind': gvk,
      'x-kubernetes-selectable-fields': fields,
      ...definition
    } = version2(plain)
    expect(fields).toEqual([{ fieldPath: 'spec.a' }])
    expect(gvk).toEqual([{ group: 'stable.example.org', version: 'v1', kind: 'Tool' }])
    const { apiVersion, kind, metadata, ...own } = definition.properties!
    expect({ ...definition, properties: own }).toEqual(plain)
    expect([apiVersion, kind]).toEqual([expect.objectContaining({ type: 'string' }), expect.anything()])
    expect(metadata).toMatchObject({ $ref: '#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta' })
  })

  test("explains what every object has in words that users' scripts look for", () => {
    const { apiVersion, kind, metadata } = version2(plain).properties! as Record<string, { description: string }>
    expect(apiVersion!.description).toMatch(/^APIVersion defines /)
    expect(kind!.description).toMatch(/^Kind is /)
    expect(metadata!.description).toMatch(/^Standard object's metadata\. /)
    const list = version3(plain)[`${NAME}List`]!.properties! as Record<string, { description: string }>
    expect(list['metadata']!.description).toMatch(/^Standard list metadata\. /)
  })

  test('has a list, and both have operations', () => {
    const resources = table(plain)
    const { paths, components } = read(openapiDocument(resources, 'apis/stable.example.org/v1')!)
    expect(components.schemas[`${NAME}List`]).toMatchObject({
      required: ['items'],
      properties: { items: { items: { allOf: [{ $ref: `#/components/schemas/${NAME}` }] } } },
    })
    expect(Object.keys(paths)).toContain('/apis/stable.example.org/v1/namespaces/{namespace}/tools/{name}')
  })

  test('of version 3 is the schema as it stands', () => {
    const odd: JsonSchema = { nullable: true, type: 'string', anyOf: [{ minLength: 1 }] }
    expect(version3({ type: 'object', properties: { odd } })[NAME]!.properties!['odd']).toEqual(odd)
  })

  test('of version 2 leaves out what that has no words for', () => {
    const { properties } = version2({
      type: 'object',
      properties: {
        nullable: { nullable: true, type: 'object', required: ['a'], properties: { a: text }, enum: [{}] },
        port: { 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'integer' }, { type: 'string' }] },
        open: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true, properties: { a: text } },
        either: { type: 'string', oneOf: [{ minLength: 1 }], not: { maxLength: 5 } },
      },
    })
    expect(properties).toMatchObject({
      nullable: {},
      port: { 'x-kubernetes-int-or-string': true },
      open: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
      either: { type: 'string' },
    })
    expect(properties!['nullable']).toEqual({})
    expect(properties!['port']).not.toHaveProperty('anyOf')
    expect(properties!['open']).not.toHaveProperty('properties')
    expect(properties!['either']).toEqual({ type: 'string' })
  })

  test('of version 2 names no fields where there may be any', () => {
    const open: JsonSchema = {
      type: 'object',
      'x-kubernetes-preserve-unknown-fields': true,
      properties: { spec: text },
    }
    const definition = version2(open)
    expect(Object.keys(definition).filter((name) => !name.startsWith('x-'))).toEqual(['type'])
    expect(version3(open)[NAME]!.properties).toHaveProperty('spec')
  })

  test('gives embedded objects what every object has', () => {
    const embedded: JsonSchema = { type: 'object', 'x-kubernetes-embedded-resource': true, properties: { spec: text } }
    const { properties } = version2({
      type: 'object',
      properties: { list: { type: 'array', items: embedded }, map: { type: 'object', additionalProperties: embedded } },
    })
    const { items } = properties!['list']!
    expect(Object.keys((items as JsonSchema).properties!).toSorted()).toEqual([
      'apiVersion',
      'kind',
      'metadata',
      'spec',
    ])
    const { additionalProperties } = properties!['map']!
    expect((additionalProperties as JsonSchema).properties).toHaveProperty('metadata')
  })

  test('without a schema is any object', () => {
    const resources = table(undefined)
    expect(read(openapiV2Document(resources)).definitions[NAME]).toMatchObject({ type: 'object' })
  })
})

test('documents of versions in which nothing changed are kept, others are made anew', () => {
  const before = table({ type: 'object' })
  const now = table({ type: 'object', description: 'new' })
  const core = openapiDocument(before, 'api/v1')
  const old = openapiDocument(before, 'apis/stable.example.org/v1')
  keepDocuments(before, now)
  expect(openapiDocument(now, 'api/v1')).toBe(core)
  expect(openapiDocument(now, 'apis/stable.example.org/v1')!.hash).not.toBe(old!.hash)
  const untouched = table({ type: 'object' })
  keepDocuments(table({ type: 'object' }), untouched)
  expect(openapiDocument(untouched, 'api/v1')!.hash).toBe(core!.hash)
})

test('discovery lists custom kinds with their short names, categories and subresources', () => {
  const discovery = new Discovery(table({ type: 'object' }), [])
  expect(discovery.groups.at(-1)).toBe('stable.example.org')
  expect(discovery.resourceList('stable.example.org', 'v1')).toMatchObject({
    resources: [
      { name: 'tools', singularName: 'tool', namespaced: true, kind: 'Tool', shortNames: ['tl'], categories: ['all'] },
      { name: 'tools/status', kind: 'Tool', verbs: ['get', 'patch', 'update'] },
    ],
  })
  expect(discovery.aggregated(discovery.groups, 'v2')).toMatchObject({
    items: [
      { metadata: { name: 'stable.example.org' }, versions: [{ version: 'v1', resources: [{ resource: 'tools' }] }] },
    ],
  })
})
