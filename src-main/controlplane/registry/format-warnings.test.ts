import type { CustomResourceDefinition } from '#types/apiextensions.k8s.io/v1'
import { expect, test } from 'vitest'
import { partial } from '../../../src-kube/machinery/testing/partial.ts'
import { warningsOfCreation, warningsOfUpdate } from './warnings.ts'

const text = (format: string) => ({ type: 'string' as const, format })
const definition = (properties: object) =>
  partial<CustomResourceDefinition & { metadata: { name: string } }>({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'x' },
    spec: { versions: [{ schema: { openAPIV3Schema: { type: 'object', properties } } }] },
  })

test('a definition is told which formats of texts nobody checks, each once', () => {
  const properties = {
    a: text('odd'),
    list: { type: 'array', items: text('odd') },
    map: { type: 'object', additionalProperties: text('other') },
    known: text('date-time'),
    short: text('k8s-short-name'),
    number: { type: 'integer', format: 'uint8' },
  }
  expect(warningsOfCreation(definition(properties))).toEqual([
    'unrecognized format "odd"',
    'unrecognized format "other"',
  ])
})

test('a changed definition is told of what is new', () => {
  const [before, now] = [definition({ a: text('odd') }), definition({ a: text('odd'), b: text('new') })]
  expect(warningsOfUpdate(now, before, { counts: true })).toEqual(['unrecognized format "new"'])
  expect(warningsOfUpdate(now, before, { counts: false })).toEqual([])
})
