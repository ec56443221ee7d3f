import { describe, expect, test } from 'vitest'
import { checkTypes } from '../cel/check.ts'
import { fieldPath } from '../field-path.ts'
import { checkRules } from './cel-check.ts'
import { costOf, timesAsked } from './cel-cost.ts'
import { schemaType } from './cel-type.ts'
import { asResource, type JsonSchema } from './types.ts'

const typed = (type: string, more: JsonSchema = {}): JsonSchema => ({ type, ...more })
const text = (maxLength?: number, more: JsonSchema = {}): JsonSchema => typed('string', { maxLength, ...more })
const list = (items: JsonSchema, maxItems?: number): JsonSchema => typed('array', { items, maxItems })
const map = (additionalProperties: JsonSchema, maxProperties?: number): JsonSchema =>
  typed('object', { additionalProperties, maxProperties })
const fields = (properties: Record<string, JsonSchema>, required: string[] = []): JsonSchema =>
  typed('object', { properties, required })
const either: JsonSchema = { 'x-kubernetes-int-or-string': true }
const [whole, number, bool] = [typed('integer'), typed('number'), typed('boolean')]
/** At most so many characters of bytes fit into a request, within quotes. */
const OPEN = 3 * 1024 * 1024 - 2

function estimate(schema: JsonSchema, rule: string): number {
  const known = schemaType(schema, 'object')
  const checked = checkTypes(rule, new Map(['self', 'oldSelf'].map((name) => [name, known])))
  expect(checked.errors).toEqual([])
  return costOf(checked, schema)
}

// kubernetes.io, "CustomResourceDefinitions: Resource use by validation functions". The sums are those of a kube-apiserver.
describe('a rule is estimated by what its schema lets there be', () => {
  test.each<[string, JsonSchema, string, number]>([
    ['a list of numbers without an end', list(number), 'self.all(x, true)', 4718591],
    ['one of ten numbers', list(number, 10), 'self.all(x, true)', 32],
    ['a list of texts without an end', list(text()), 'self.all(x, true)', 3145727],
    ['one of truths', list(bool), 'self.all(x, true)', 1887437],
    ['one of lists', list(list(number)), 'self.all(x, true)', 3145727],
    ['one of times', list(text(undefined, { format: 'date-time' })), 'self.all(x, true)', 428963],
    ['one of days', list(text(undefined, { format: 'date' })), 'self.all(x, true)', 725936],
    ['one of durations', list(text(undefined, { format: 'duration' })), 'self.all(x, true)', 2359295],
    ['one of numbers or texts', list(either), 'self.all(x, true)', 4718591],
    ['a map of numbers', map(number), 'self.all(k, true)', 1348169],
    ['a map of ten', map(number, 10), 'self.all(k, true)', 32],
    [
      'what must have a name',
      list(fields({ required: text(), other: text() }, ['required'])),
      'self.all(x, true)',
      555128,
    ],
    ['loops in loops', list(number, 10), 'self.all(x, self.all(y, true))', 352],
    ['three of them', list(number, 10), 'self.all(x, self.all(y, self.all(z, true)))', 3552],
    ['a text without an end', text(), "self.contains('test')", 314574],
    ['a text of ten characters', text(10), "self.contains('test')", 5],
    ['a beginning', text(), "self.startsWith('test')", 2],
    ['two texts in one', text(4), 'size(self + "hello") > size("hello")', 7],
    ['a regular expression', text(50), 'self.matches("x")', 22],
    ['none', text(100), 'self.matches("")', 1],
    ['numbers of a list', list(number), 'self[1] == 0.0', 2],
    ['texts of a list', list(text()), 'self[1] == self[1]', 314577],
    ['a number or a text', list(either), 'self[0] == 5', 3],
    ['values of maps in lists', list(map(number)), 'self.all(x, x.y == 25.2)', 6291452],
    ['one of some words', text(undefined, { enum: ['on', 'off', 'a'.repeat(30)] }), 'self == self', 5],
    ['bytes', text(20, { format: 'byte' }), 'self == self', 4],
    ['what is there', map(number), 'has(self.x)', 1],
    ['the dearer branch', text(25), 'self == "" ? self.contains("abc") : true', 12],
    ['both sides', fields({ a: whole, b: whole }), 'self.a > 1 && self.b > 1 || self.a < self.b', 11],
    ['a made list', fields({ a: bool, b: bool }), '[has(self.a), has(self.b)].filter(x, x).size() == 1', 53],
    ['a bound name', text(25), 'cel.bind(s, self.lowerAscii(), s + s == s)', 54],
    ['items by a key', fields({ a: list(text(10), 5) }), 'self.a.map(x, x.size()).sum() < 9', 89],
    ['indices and items', list(whole, 8), 'self.all(i, x, x > i)', 50],
    ['a range of less than nothing', whole, 'lists.range(-1000).size() == 0', 2],
  ])('%s', (_what, schema, rule, cost) => {
    expect(estimate(schema, rule)).toBe(cost)
  })

  test('by the tightest limit, also of allOf', () => {
    const limited = text(undefined, { allOf: [{ maxLength: 300 }, { maxLength: 25 }] })
    expect(estimate(limited, 'self == self')).toBe(12)
    expect(estimate(typed('array', { items: whole, allOf: [{ maxItems: 2 }] }), 'self.all(x, true)')).toBe(8)
  })

  test('by the names that every object has', () => {
    const known = schemaType(fields({ kind: text(), metadata: fields({ name: text() }) }), 'object')
    const checked = checkTypes('self.metadata.name == self.kind', new Map([['self', known]]))
    expect(costOf(checked, asResource(fields({})))).toBe(5 + Math.ceil(OPEN / 10))
  })

  test.each([
    ['text of a number', "'at most ' + string(self.n)"],
    ['an optional list', 'self.?l.orValue([]).all(x, x > 0)'],
  ])('without any end: %s', (_what, rule) => {
    expect(estimate(fields({ n: whole, l: list(whole, 3) }), rule)).toBeGreaterThan(1e15)
  })

  test('as numbers where it is not known what optional values are', () => {
    expect(estimate(fields({ a: whole, b: whole }), 'self.?a.orValue(0) == self.?b.orValue(0)')).toBeLessThan(10)
  })

  test('as often as what it is about fits into a request', () => {
    expect(timesAsked(6, text())).toBe(6)
    expect(timesAsked(undefined, text())).toBe(1024 * 1024)
    expect(timesAsked(undefined, fields({ name: text() }, ['name']))).toBe(Math.floor((OPEN + 2) / 13))
  })
})

describe('what is too dear is refused', () => {
  const refusals = (schema: JsonSchema): string[] =>
    checkRules(schema, fieldPath('s')).map(({ field, message }) => `${field}: ${message}`)
  const hint =
    '(try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)'
  const ruled = (schema: JsonSchema, rule: string, more: object = {}): JsonSchema => ({
    ...schema,
    'x-kubernetes-validations': [{ rule, ...more }],
  })
  const of = (property: JsonSchema): JsonSchema => fields({ p: property })
  const at = 's.properties[p].x-kubernetes-validations[0]'

  // The longest list that a kube-apiserver accepts for this rule, by the length of the texts in it.
  test.each([
    [16, 909_090],
    [63, 333_333],
    [253, 94_339],
    [1024, 24_154],
  ])('texts of %i characters: more than %i of them', (length, most) => {
    const rule = "self.all(x, x.contains('gpu'))"
    expect(refusals(of(ruled(list(text(length), most), rule)))).toEqual([])
    expect(refusals(of(ruled(list(text(length), most + 2), rule)))[0]).toContain(
      `${at}.rule: Forbidden: estimated rule cost`,
    )
  })

  test('with the factor, as many digits as it takes', () => {
    const loops = 'self.all(a, self.all(b, a < b))'
    const factor = (most: number): string => refusals(of(ruled(list(whole, most), loops)))[0]!
    expect(factor(1300)).toBe(
      `${at}.rule: Forbidden: estimated rule cost exceeds budget by factor of 1.014650x ${hint}`,
    )
    expect(factor(3000)).toBe(`${at}.rule: Forbidden: estimated rule cost exceeds budget by factor of 5.4x ${hint}`)
    expect(refusals(of(ruled(list(whole), loops)))).toEqual([
      `${at}.rule: Forbidden: estimated rule cost exceeds budget by factor of more than 100x ${hint}`,
      `${at}.rule: Forbidden: contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema`,
      `s: Forbidden: x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema exceeds budget by factor of more than 100x ${hint}`,
    ])
  })

  test('together: the four dearest are told of', () => {
    const dear = (most: number): JsonSchema => ruled(list(whole, most), 'self.all(a, self.all(b, a < b))')
    const many = Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`p${i}`, dear(1200 + i)]))
    const [first, ...others] = refusals(fields({ ...many, cheap: ruled(whole, 'self > 0') }))
    expect(first).toBe(
      's.properties[p11].x-kubernetes-validations[0].rule: Forbidden: contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema',
    )
    expect(others).toHaveLength(4)
    expect(others[2]).toContain('s.properties[p8]')
    expect(others[3]).toContain('entire OpenAPIv3 schema exceeds budget by factor of 1.0')
  })

  test('for every place where a rule holds', () => {
    const rule = ruled(text(1000), 'self.matches("^[a-z]+$")')
    expect(refusals(of(list(rule, 6000)))).toEqual([])
    expect(refusals(of(list(rule, 20_000)))[0]).toContain(
      's.properties[p].items.x-kubernetes-validations[0].rule: Forbidden',
    )
    expect(refusals(of(list(list(rule, 150), 150)))[0]).toContain(
      'estimated rule cost exceeds budget by factor of 1.8x',
    )
    expect(refusals(of(list(map(rule), 150)))[0]).toContain('estimated rule cost exceeds budget by factor of 84.2x')
  })

  test('a message, which is counted once', () => {
    const spoken = ruled(whole, 'self > 0', { messageExpression: "'not ' + string(self)" })
    expect(refusals(of(spoken))[0]).toBe(
      `${at}.messageExpression: Forbidden: estimated messageExpression cost exceeds budget by factor of more than 100x ${hint}`,
    )
    expect(refusals(of(ruled(whole, 'self > 0', { messageExpression: "'not %d'.format([self])" })))).toEqual([])
  })

  test('of what is stored already only all rules together', () => {
    const stored = (most?: number): string[] =>
      checkRules(of(ruled(list(whole, most), 'self.all(a, self.all(b, a < b))')), fieldPath('s'), {
        isStored: true,
      }).map(({ field, message }) => `${field}: ${message}`)
    expect(stored(2000)).toEqual([])
    expect(refusals(of(ruled(list(whole, 2000), 'self.all(a, self.all(b, a < b))')))).toHaveLength(1)
    expect(stored()).toEqual([
      expect.stringContaining(`${at}.rule: Forbidden: contributed to`),
      expect.stringContaining('s: Forbidden: x-kubernetes-validations estimated rule cost total'),
    ])
  })
})
