import type { CustomResourceDefinition } from '#types/apiextensions.k8s.io/v1'
import { describe, expect, test } from 'vitest'
import type { KubeObject } from '../../machinery/meta.ts'
import type { JsonSchema } from '../../machinery/structural/types.ts'
import { deprecationWarning } from '../deprecation.ts'
import { customColumns } from './columns.ts'
import { descriptorsOf } from './descriptors.ts'
import { customVersion } from './version.ts'

const now = Date.UTC(2026, 0, 2)
const object = (rest: object): KubeObject => ({
  apiVersion: 'example.com/v1',
  kind: 'Tool',
  metadata: { name: 'a', uid: 'u', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' },
  ...rest,
})

describe('columns of a custom kind', () => {
  test('are name and age when one of those asked for is no path', () => {
    const asked = [
      { name: 'X', type: 'string', jsonPath: '.spec.x' },
      { name: 'Y', type: 'string', jsonPath: '.spec.y[' },
    ]
    expect(customColumns(asked).columns.map(({ name }) => name)).toEqual(['Name', 'Age'])
  })

  test('are name and age when the definition asks for none', () => {
    const { columns, row } = customColumns(undefined)
    expect(columns.map(({ name, type, format }) => [name, type, format])).toEqual([
      ['Name', 'string', 'name'],
      ['Age', 'date', ''],
    ])
    expect(row(object({}), now)).toEqual(['a', '24h'])
  })

  test.each<[string, unknown, unknown]>([
    ['string', 'x', 'x'],
    ['string', 5, '5'],
    ['string', { a: 1 }, '{"a":1}'],
    ['string', undefined, null],
    ['string', null, null],
    ['integer', 5, 5],
    ['integer', 5.5, 5],
    ['integer', '5', null],
    ['number', 5.5, 5.5],
    ['number', '5.5', null],
    ['boolean', true, true],
    ['boolean', 'true', null],
    ['date', '2026-01-01T23:59:00Z', '60s'],
    ['date', 'soon', '<invalid>'],
    ['date', 5, null],
  ])('of type %s show %j', (type, value, cell) => {
    const { columns, row } = customColumns([{ name: 'X', type, jsonPath: '.spec.x', priority: 1 }])
    expect(columns[1]).toMatchObject({
      name: 'X',
      priority: 1,
      description: 'Custom resource definition column (in JSONPath format): .spec.x',
    })
    expect(row(object({ spec: { x: value } }), now)[1]).toBe(cell)
  })
})

const crd = (spec: Partial<CustomResourceDefinition['spec']>, conditions: Record<string, string>) =>
  ({
    metadata: { name: 'tools.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural: 'tools', kind: 'Tool' },
      versions: [{ name: 'v1', served: true, storage: true }],
      ...spec,
    },
    status: { conditions: Object.entries(conditions).map(([type, status]) => ({ type, status })) },
  }) as CustomResourceDefinition
const accepted = { NamesAccepted: 'True' }

describe('descriptors of a definition', () => {
  test('are none before its names are accepted, or without a version to store', () => {
    expect(descriptorsOf(crd({}, {}))).toEqual([])
    expect(descriptorsOf(crd({ versions: [{ name: 'v1', served: true, storage: false }] }, accepted))).toEqual([])
  })

  test('have the names that were accepted', () => {
    const one = crd({}, accepted)
    one.status!.acceptedNames = { plural: 'tools', kind: 'Tool', shortNames: ['t'], categories: ['all'] }
    expect(descriptorsOf(one)[0]).toMatchObject({
      listKind: 'ToolList',
      singular: 'tool',
      shortNames: ['t'],
      categories: ['all'],
      subresources: [],
    })
  })

  test('offer no writes while the definition goes', () => {
    const [descriptor] = descriptorsOf(crd({}, { Established: 'True', Terminating: 'True' }))
    expect(descriptor?.verbs).toEqual(['delete', 'deletecollection', 'get', 'list', 'watch'])
  })

  test('warn of deprecated versions and name a better one', () => {
    const versions = ['v1', 'v1beta1', 'v2alpha1', 'v2'].map((name) => ({
      name,
      served: name !== 'v2',
      storage: name === 'v1',
      deprecated: name !== 'v1',
      ...(name === 'v2alpha1' ? { deprecationWarning: 'own words' } : {}),
    }))
    const warnings = descriptorsOf(crd({ versions }, accepted)).map(({ served, kind }) =>
      deprecationWarning(served[0]!, kind),
    )
    expect(warnings).toEqual([
      undefined,
      'example.com/v1beta1 Tool is deprecated; use example.com/v1 Tool',
      'own words',
    ])
  })

  test('offer the fields that the definition selects by', () => {
    const version = { name: 'v1', served: true, storage: true, selectableFields: [{ jsonPath: '.spec.color' }] }
    const [descriptor] = descriptorsOf(crd({ versions: [version] }, accepted))
    const read = descriptor!.selectableFields!['spec.color']!
    expect([read(object({ spec: { color: 'red' } })), read(object({}))]).toEqual(['red', ''])
  })

  test('without a selector scale has none', () => {
    const scale = { specReplicasPath: '.spec.n', statusReplicasPath: '.status.n' }
    const version = { name: 'v1', served: true, storage: true, subresources: { scale } }
    expect(descriptorsOf(crd({ versions: [version] }, accepted))[0]?.scale).toEqual({
      spec: 'spec.n',
      status: 'status.n',
      selector: '',
    })
  })
})

describe('a version of a custom kind', () => {
  const make = (schema: JsonSchema | undefined, preserveUnknownFields = false) =>
    customVersion({ group: 'example.com', version: 'v1', kind: 'Tool', schema, preserveUnknownFields })
  const embedded: JsonSchema = {
    type: 'object',
    'x-kubernetes-embedded-resource': true,
    'x-kubernetes-preserve-unknown-fields': true,
  }

  test('keeps everything where its definition says so, and defaults nothing', () => {
    const version = make({ type: 'object', properties: { a: { default: 1 } } }, true)
    const decoded = version.decode(object({ b: 2 }))
    version.applyDefaults(decoded.object)
    expect(decoded).toMatchObject({ object: { b: 2 }, problems: [] })
    expect(decoded.object).not.toHaveProperty('a')
  })

  test('knows the metadata of embedded objects', () => {
    const schema: JsonSchema = {
      type: 'object',
      properties: { one: embedded, list: { type: 'array', items: embedded } },
      additionalProperties: embedded,
    }
    const inner = (more: object) => ({ kind: 'Pod', metadata: { name: 'p', ...more } })
    const { problems, object: read } = make(schema).decode(
      object({ one: inner({ x: 1 }), list: [inner({ y: 2 }), 5], other: inner({}), nothing: { metadata: null } }),
    )
    expect(problems).toEqual(['unknown field "one.metadata.x"', 'unknown field "list[0].metadata.y"'])
    expect(read['one']).toEqual(inner({}))
    expect(read['nothing']).toEqual({})
  })

  test('refuses embedded objects that do not say in text what they are', () => {
    const version = make({ type: 'object', properties: { list: { type: 'array', items: embedded } } })
    expect(() => version.decode(object({ list: [{ apiVersion: 'v1', kind: 3 }] }))).toThrow(
      'Tool in version "v1" cannot be handled as a Tool: list[0].kind: Invalid value: 3: must be a string',
    )
  })

  test('refuses what is no object, and metadata of another form', () => {
    expect(() => make(undefined).decode('x')).toThrow('cannot be handled as a Tool')
    expect(() => make(undefined).decode(object({ metadata: { name: 5 } }))).toThrow('Tool in version "v1"')
  })
})
