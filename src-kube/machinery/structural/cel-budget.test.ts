import { describe, expect, test } from 'vitest'
import { validateRules } from './cel-rules.ts'
import type { JsonSchema, ValidationRule } from './types.ts'

/** A pattern of 51 characters: 13 units for every ten characters of the text. */
const MATCHES = 'self.text.matches("^[a-z]{1,40}-[0-9]+-[a-z]+-[0-9]+-[a-z]+-[0-9a-f]+$")'
/** More than one evaluation may take. */
const long = { text: '-'.repeat(800_000) }
/** 78,015 units: 128 of them fit into the ten million of an object. */
const medium = { text: '-'.repeat(60_000) }

const objects = (rule: ValidationRule, ...more: ValidationRule[]): JsonSchema => ({
  type: 'object',
  properties: {
    list: {
      type: 'array',
      items: { type: 'object', properties: { text: { type: 'string' } }, 'x-kubernetes-validations': [rule, ...more] },
    },
  },
})
const many = (item: object): object => ({ list: Array.from({ length: 300 }, () => item) })
const told = (value: object, schema: JsonSchema, old?: object, warn?: (words: string) => void): string[] =>
  validateRules(value, schema, old, warn).map(({ field, message }) => `${field}: ${message}`)

// kubernetes.io, "CustomResourceDefinitions: Resource use by validation functions".
describe('rules that take too much when an object is written', () => {
  const rule: ValidationRule = { rule: MATCHES, message: 'wrong' }

  test('end with the one that took more than one may', () => {
    const words =
      'list[0]: Invalid value: "object": \'operation cancelled: actual cost limit exceeded\': no further validation rules will be run due to call cost exceeds limit for rule: wrong'
    expect(told({ list: [long, medium] }, objects(rule, { rule: 'self.text == ""' }))).toEqual([words])
  })

  test('end when all together took more than they may, after what was told until then', () => {
    const errors = told(many(medium), objects(rule))
    expect(errors).toHaveLength(129)
    expect(errors[127]).toBe('list[127]: Invalid value: wrong')
    expect(errors[128]).toBe(
      'list[128]: Invalid value: "object": validation failed due to running out of cost budget, no further validation rules will be run',
    )
  })

  test('end with a message that takes too much', () => {
    const messageExpression = `'a' + string(${MATCHES})`
    const spoken = objects({ rule: 'self.text == ""', messageExpression })
    expect(told({ list: [long, long] }, spoken)).toEqual([
      `list[0]: Invalid value: "object": no further validation rules will be run due to call cost exceeds limit for messageExpression: ${JSON.stringify(messageExpression)}`,
    ])
    expect(told(many(medium), spoken).at(-1)).toMatch(
      /^list\[128\]: Invalid value: "object": messageExpression evaluation failed due to running out of cost budget, no further validation rules will be run$/,
    )
  })

  test('are errors also where an update left everything as it was', () => {
    const warnings: string[] = []
    expect(told({ list: [long] }, objects(rule), { list: [long] }, (words) => warnings.push(words))).toHaveLength(1)
    expect(warnings).toEqual([])
  })

  test('leave rules in common use alone', () => {
    const named = objects({
      rule: 'has(self.text) && self.text.size() < 64 && self.text.matches("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$")',
    })
    expect(told({ list: Array.from({ length: 5000 }, (_, i) => ({ text: `name-${i}` })) }, named)).toEqual([])
  })
})
