import { describe, expect, test } from 'vitest'
import { fieldPath } from '../field-path.ts'
import { checkRoot } from './root.ts'
import type { JsonSchema } from './types.ts'

const check = (schema: JsonSchema, hasStatus: boolean): string[] =>
  checkRoot(schema, fieldPath('s'), { hasStatus }).map(({ field, message }) => `${field}: ${message}`)

describe('the schema of a whole object', () => {
  test('says of it nothing that the status apart would not keep', () => {
    const plain: JsonSchema = { type: 'object', required: ['spec'], properties: {}, nullable: false }
    expect(check(plain, true)).toEqual([])
    const either = { ...plain, oneOf: [{ required: ['spec'] }] }
    expect(check(either, false)).toEqual([])
    const [words] = check(either, true)
    expect(words).toMatch(/^s: Invalid value: {"type":"object",.*}: only \[Description Type Format Title /)
    expect(words).toMatch(
      / XValidations\] fields are allowed at the root of the schema if the status subresource is enabled$/,
    )
  })

  test('is not null', () => {
    expect(check({ type: 'object', nullable: true }, false)).toEqual([
      's.nullable: Forbidden: nullable cannot be true at the root',
    ])
  })
})
