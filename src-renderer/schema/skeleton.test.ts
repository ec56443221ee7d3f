import { expect, it } from 'vitest'
import { parse } from 'yaml'
import type { Definitions } from './json-schema.ts'
import { purposeOf, skeletonOf } from './skeleton.ts'

const kind = { apiVersion: 'example.com/v1', kind: 'Cert' }
const gvk = [{ group: 'example.com', version: 'v1', kind: 'Cert' }]
const of = (spec: object): Definitions =>
  ({
    Cert: {
      type: 'object',
      description: 'What answers for a host.\n\nMore words.',
      'x-kubernetes-group-version-kind': gvk,
      required: ['spec'],
      properties: {
        metadata: { type: 'object' },
        spec: { $ref: '#/components/schemas/Spec' },
        status: { type: 'object' },
      },
    },
    Spec: { type: 'object', ...spec },
  }) as Definitions

it('has the fields that are required, with values of their type', () => {
  const text = skeletonOf(
    kind,
    of({
      required: ['host', 'days', 'issuer', 'mode', 'names'],
      properties: {
        host: { type: 'string' },
        days: { type: 'integer', default: 90 },
        mode: { type: 'string', enum: ['fast', 'slow'] },
        names: { type: 'array', items: { type: 'string' } },
        issuer: {
          type: 'object',
          required: ['name'],
          properties: { name: { type: 'string' }, more: { type: 'string' } },
        },
        note: { type: 'string' },
      },
    }),
  )
  expect(parse(text)).toEqual({
    ...kind,
    metadata: { name: 'example' },
    spec: { host: '', days: 90, mode: 'fast', names: [], issuer: { name: '' } },
  })
})

it('offers fields as comments where none is required, and is whole without a schema', () => {
  const text = skeletonOf(kind, of({ properties: { host: { type: 'string' }, days: { type: 'integer' } } }))
  expect(text).toContain('spec:\n  # host: string\n  # days: integer\n')
  // Nothing is nothing to a server; an empty map would have to be taken away before the first comment becomes a field.
  expect(parse(text)).toMatchObject({ spec: null })
  for (const none of [null, undefined, {}])
    expect(parse(skeletonOf(kind, none))).toEqual({ ...kind, metadata: { name: 'example' } })
})

it('says what a kind is for in the first paragraph of its schema', () => {
  expect(purposeOf('Cert', of({}))).toBe('What answers for a host.')
  expect([purposeOf('Other', of({})), purposeOf('Cert', null)]).toEqual([undefined, undefined])
})
