import { expect, test } from 'vitest'
import { StatusError } from '../../../../src-kube/machinery/errors.ts'
import { refuse } from './refused.ts'

test.each([
  [new StatusError(403, 'Forbidden', 'no'), { 'x-content-type-options': 'nosniff' }],
  [new StatusError(401, 'Unauthorized', 'no'), {}],
  [new Error('broken'), {}],
])('%s is thrown again, and only what is forbidden is marked', (error, headers) => {
  const set: Record<string, string> = {}
  const exchange = { setHeader: (name: string, value: string) => void (set[name] = value) }
  expect(() => refuse(exchange, error)).toThrow(error)
  expect(set).toEqual(headers)
})
