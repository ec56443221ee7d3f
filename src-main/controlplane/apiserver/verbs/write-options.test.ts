import { expect, test } from 'vitest'
import type { StatusError } from '../../../../src-kube/machinery/errors.ts'
import { partial } from '../../../../src-kube/machinery/testing/partial.ts'
import type { Exchange } from '../http/exchange.ts'
import { writeOptionsOf } from './write-options.ts'

const asked = (query: string, verb = 'create', agent?: string) =>
  writeOptionsOf({
    exchange: partial<Exchange>({
      info: { query: new URLSearchParams(query), verb },
      user: { name: 'u', groups: [] },
      warn: () => {},
      header: () => agent,
    }),
  })

test('The query says how to write, and the program who writes', () => {
  expect(asked('dryRun=All&fieldValidation=Strict', 'create', 'kubectl/v1.36 (linux)')).toMatchObject({
    dryRun: true,
    fieldValidation: 'Strict',
    fieldManager: 'kubectl',
  })
  expect(asked('fieldManager=me')).toMatchObject({ dryRun: false, fieldValidation: 'Warn', fieldManager: 'me' })
})

test.each([
  [
    'create',
    'dryRun=Some',
    `CreateOptions.meta.k8s.io "" is invalid: dryRun: Unsupported value: []string{"Some"}: supported values: "All"`,
  ],
  [
    'delete',
    'dryRun=',
    `DeleteOptions.meta.k8s.io "" is invalid: dryRun: Unsupported value: []string{""}: supported values: "All"`,
  ],
  [
    'update',
    'fieldValidation=no',
    'UpdateOptions.meta.k8s.io "" is invalid: fieldValidation: Unsupported value: "no": supported values: "Ignore", "Strict", "Warn"',
  ],
  [
    'patch',
    `fieldManager=${'x'.repeat(129)}`,
    'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Too long: may not be more than 128 bytes',
  ],
  [
    'patch',
    'fieldManager=a%0Ab',
    'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Invalid value: "a\\nb": invalid character U+000A (at position 1)',
  ],
])('Wrong options of a %s are refused in the words of upstream: %s', (verb, query, message) => {
  expect(() => asked(query, verb)).toThrow(expect.objectContaining({ code: 422, message }))
})

test('All that is wrong is told at once, in the order of upstream, each as a cause', () => {
  const exchange = (query: string, verb: string) =>
    partial<Exchange>({ info: { query: new URLSearchParams(query), verb }, header: () => undefined })
  const causes = (query: string, verb: string, more: Parameters<typeof writeOptionsOf>[1]): unknown => {
    try {
      return writeOptionsOf({ exchange: exchange(query, verb) }, more)
    } catch (error) {
      return (error as StatusError).details?.causes?.map(({ field, reason }) => [field, reason])
    }
  }
  expect(causes('dryRun=x&fieldValidation=y', 'patch', { patch: 'apply' })).toEqual([
    ['fieldManager', 'FieldValueRequired'],
    ['dryRun', 'FieldValueNotSupported'],
    ['fieldValidation', 'FieldValueNotSupported'],
  ])
  expect(causes('force=1&fieldManager=%01', 'patch', { patch: 'other' })).toEqual([
    ['force', 'FieldValueForbidden'],
    ['fieldManager', 'FieldValueInvalid'],
  ])
  const body = { propagationPolicy: 'y', orphanDependents: true }
  expect(causes('dryRun=x', 'deletecollection', { body })).toEqual([
    ['propagationPolicy', 'FieldValueInvalid'],
    ['propagationPolicy', 'FieldValueNotSupported'],
    ['dryRun', 'FieldValueNotSupported'],
  ])
  expect(causes('force=1&fieldManager=a', 'patch', { patch: 'apply' })).toMatchObject({ force: true })
})

test('A program with an odd name is still a manager', () => {
  expect(asked('', 'create', 'a\u0007b/1').fieldManager).toBe('ab')
})

test('A deletion has no fields: what is said of them is not looked at', () => {
  for (const verb of ['delete', 'deletecollection'])
    expect(asked('fieldValidation=no&fieldManager=a%0Ab&dryRun=All', verb)).toMatchObject({ dryRun: true })
})
