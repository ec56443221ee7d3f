import { describe, expect, test } from 'vitest'
import { fieldPath } from '../field-path.ts'
import { checkRules } from './cel-check.ts'
import { hasRules, validateRules } from './cel-rules.ts'
import { celValue } from './cel-values.ts'
import type { JsonSchema, ValidationRule } from './types.ts'

const text: JsonSchema = { type: 'string' }
const whole: JsonSchema = { type: 'integer' }
const rule = (source: string, more: Partial<ValidationRule> = {}): ValidationRule => ({ rule: source, ...more })

/** A schema whose `spec` has properties and rules. */
const withRules = (properties: Record<string, JsonSchema>, ...rules: ValidationRule[]): JsonSchema => ({
  type: 'object',
  properties: { spec: { type: 'object', properties, 'x-kubernetes-validations': rules } },
})
const say = (spec: unknown, schema: JsonSchema, old?: unknown): string[] =>
  validateRules({ spec }, schema, old === undefined ? undefined : { spec: old }).map((e) => `${e.field}: ${e.message}`)
const sizes = { min: whole, max: whole }

// kubernetes.io, "Extend the Kubernetes API with CustomResourceDefinitions: Validation rules".
describe('a rule', () => {
  const schema = withRules(sizes, rule('self.min <= self.max'))

  test('holds or is told', () => {
    expect(say({ min: 1, max: 2 }, schema)).toEqual([])
    expect(say({ min: 3, max: 2 }, schema)).toEqual(['spec: Invalid value: failed rule: self.min <= self.max'])
  })

  test('that cannot be evaluated is broken', () => {
    expect(say({ min: 1 }, schema)).toEqual([
      'spec: Invalid value: "object": no such key: max evaluating rule: self.min <= self.max',
    ])
    const named = withRules(sizes, rule('self.max > 0', { message: 'max counts' }))
    expect(say({}, named)).toEqual(['spec: Invalid value: "object": no such key: max evaluating rule: max counts'])
  })

  test.each<[Partial<ValidationRule>, string]>([
    [{ message: 'min over max' }, 'spec: Invalid value: min over max'],
    [{ messageExpression: '"min is " + string(self.min)' }, 'spec: Invalid value: min is 3'],
    [{ messageExpression: '"a\\nb"', message: 'plain' }, 'spec: Invalid value: plain'],
    [{ messageExpression: `"${'long'.repeat(1500)}"`, message: ' plain ' }, 'spec: Invalid value: plain'],
    [{ messageExpression: 'self.nothing', message: 'plain' }, 'spec: Invalid value: plain'],
    [{ reason: 'FieldValueRequired', message: 'm' }, 'spec: Required value: m'],
    [{ reason: 'FieldValueForbidden', message: 'm' }, 'spec: Forbidden: m'],
    [{ reason: 'FieldValueDuplicate' }, 'spec: Duplicate value'],
    [{ fieldPath: '.min', message: 'm' }, 'spec.min: Invalid value: m'],
    [{ fieldPath: ".list['b.c']", message: 'm' }, 'spec: Invalid value: m'],
  ])('says %j', (more, words) => {
    expect(say({ min: 3, max: 2 }, withRules(sizes, rule('self.min <= self.max', more)))).toEqual([words])
  })

  test('stands with any value, in lists and maps as well', () => {
    const even: JsonSchema = { ...whole, 'x-kubernetes-validations': [rule('self % 2 == 0')] }
    const schema = withRules({
      list: { type: 'array', items: even },
      map: { type: 'object', additionalProperties: even },
      port: { 'x-kubernetes-int-or-string': true, 'x-kubernetes-validations': [rule('type(self) == int')] },
      tuple: { type: 'array', items: [even] },
    })
    expect(say({ list: [2, 3], map: { a: 1 }, port: 'x', tuple: [1], gone: null }, schema)).toEqual([
      'spec.list[1]: Invalid value: 3: failed rule: self % 2 == 0',
      'spec.map[a]: Invalid value: 1: failed rule: self % 2 == 0',
      'spec.port: Invalid value: "x": failed rule: type(self) == int',
    ])
    expect(hasRules(schema)).toBe(true)
    expect(hasRules({ additionalProperties: even })).toBe(true)
    expect(hasRules({ items: text, additionalProperties: true })).toBe(false)
    expect(hasRules(undefined)).toBe(false)
  })

  test('about the old value is asked when there is one', () => {
    const fixed = withRules(sizes, rule('self.min == oldSelf.min'))
    expect(say({ min: 1 }, fixed)).toEqual([])
    expect(say({ min: 1 }, fixed, { min: 1 })).toEqual([])
    expect(say({ min: 2 }, fixed, { min: 1 })).toHaveLength(1)
    const optional = withRules(sizes, rule('!oldSelf.hasValue() || self.min >= 0', { optionalOldSelf: true }))
    expect(say({ min: -1 }, optional)).toEqual([])
    expect(say({ min: -1 }, optional, { min: 0 })).toHaveLength(1)
    expect(say({ min: 1 }, withRules(sizes, rule('self.min > 0 || "oldSelf" == ""')))).toEqual([])
  })

  test('is not asked of what an update leaves as it is', () => {
    expect(say({ min: 3, max: 2 }, schema, { min: 3, max: 2 })).toEqual([])
    const keyed: JsonSchema = {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['k'],
      items: { type: 'object', properties: { k: text, v: whole }, 'x-kubernetes-validations': [rule('self.v > 0')] },
    }
    const list = withRules({ list: keyed })
    const old = { list: [{ k: 'a', v: 0 }] }
    expect(
      say(
        {
          list: [
            { k: 'b', v: 1 },
            { k: 'a', v: 0 },
          ],
        },
        list,
        old,
      ),
    ).toEqual([])
    expect(say({ list: [{ k: 'b', v: 0 }, 5] }, list, old)).toHaveLength(2)
    expect(say({ list: [{ k: 'a', v: 0 }] }, list, 'other')).toHaveLength(1)
  })

  test('is not asked of the items of a list that an update leaves as it is', () => {
    const odd: JsonSchema = { ...whole, 'x-kubernetes-validations': [rule('self % 2 == 1')] }
    const list = withRules({ list: { type: 'array', items: odd }, min: whole })
    expect(say({ list: [2], min: 1 }, list, { list: [2], min: 0 })).toEqual([])
    expect(say({ list: [2, 3] }, list, { list: [2] })).toEqual([
      'spec.list[0]: Invalid value: 2: failed rule: self % 2 == 1',
    ])
  })

  test('warns of what an update leaves as it is, but of transitions', () => {
    const warnings: string[] = []
    const warned = (spec: object, old: object, schema: JsonSchema): string[] =>
      validateRules({ spec }, schema, { spec: old }, (words) => warnings.push(words)).map(({ message }) => message)
    const min: JsonSchema = { ...whole, 'x-kubernetes-validations': [rule('self > 5', { message: 'too small' })] }
    expect(warned({ min: 3, max: 2 }, { min: 3, max: 1 }, withRules({ min, max: whole }))).toEqual([])
    expect(warnings).toEqual(['spec.min: Invalid value: 3: too small'])
    const moving = withRules(sizes, rule('self.min != oldSelf.min'))
    expect(warned({ min: 3 }, { min: 3 }, moving)).toHaveLength(1)
    expect(warnings).toHaveLength(1)
  })

  test('of the root sees kind and names', () => {
    const root: JsonSchema = {
      type: 'object',
      'x-kubernetes-validations': [
        rule('self.kind == "Tool" && self.metadata.name == "a" && !has(self.metadata.labels)'),
      ],
    }
    const object = { apiVersion: 'v1', kind: 'Tool', metadata: { name: 'a', generateName: 'a-', labels: {} } }
    expect(validateRules(object, root)).toEqual([])
    expect(validateRules({ ...object, metadata: 5 }, root)).toHaveLength(1)
  })
})

describe('values of rules', () => {
  test('are times and durations by their formats, where they can be', () => {
    const schema = withRules(
      { at: { ...text, format: 'date-time' }, on: { ...text, format: 'date' }, for: { ...text, format: 'duration' } },
      rule('self.at > timestamp("2025-01-01T00:00:00Z") && self.on < self.at && self.__for__ < duration("2h")'),
    )
    expect(say({ at: '2026-01-01T00:00:00Z', on: '2024-01-01', for: '1h' }, schema)).toEqual([])
    expect(celValue('3 days', { format: 'duration' })).toBe('3 days')
  })

  test('have properties by names that rules can write', () => {
    expect(
      celValue({ 'a-b': 1, '1a': 2, c: 3 }, { type: 'object', properties: { 'a-b': whole, '1a': whole } }),
    ).toEqual({
      a__dash__b: 1,
    })
    expect(celValue({ x: [{ y: 1 }] }, undefined)).toEqual({ x: [{ y: 1 }] })
    const embedded: JsonSchema = { type: 'object', 'x-kubernetes-embedded-resource': true }
    expect(celValue({ kind: 'Pod', metadata: { name: 'p', uid: 'u' }, spec: 1 }, embedded)).toEqual({
      kind: 'Pod',
      metadata: { name: 'p' },
    })
    const open: JsonSchema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }
    expect(celValue({ any: null, thing: 1 }, open)).toEqual({ thing: 1 })
  })
})

describe('rules of a definition', () => {
  const check = (schema: JsonSchema): string[] =>
    checkRules(schema, fieldPath('s')).map(({ field, message }) => `${field}: ${message}`)
  const at = 's.properties[spec].x-kubernetes-validations[0]'

  test.each<[string, Partial<ValidationRule>]>([
    ['self.min <= self.max', {}],
    ['has(self.min) ? self.list.all(x, x.n > 0) : self.map["k"].n == 1', { messageExpression: 'string(self.min)' }],
    ['[self.min].exists(x, x == 1) && {"a": self.max}["a"] > 0 && cel.bind(m, self.min, m > 0)', {}],
    ['self.map.all(k, v, v.n > 0)', { reason: 'FieldValueForbidden' }],
    ['[has(self.min), has(self.max)].filter(x, x).size() == 1 && (self.list.size() > 0 ? self.list[0].n : 0) < 9', {}],
    ["type(self.either) == string ? self.either.endsWith('%') : self.either > 1", {}],
    ['self.until > timestamp("2026-01-01T00:00:00Z") && self.every <= duration("1h") && self.ratio > 1', {}],
    ['self.min == oldSelf.orValue(self).min', { optionalOldSelf: true }],
    ['self.min == null || self.min % 2 == 0', {}],
    ['oldSelf.min == self.min', { message: 'fixed' }],
    ['self.free.anything.goes && self.e.metadata.name != "" && self.e.spec.n > 0', {}],
  ])('%s is fine', (source, more) => {
    const item: JsonSchema = { type: 'object', properties: { n: whole } }
    const schema = withRules(
      {
        ...sizes,
        list: { type: 'array', items: item },
        map: { type: 'object', additionalProperties: item },
        either: { 'x-kubernetes-int-or-string': true },
        until: { type: 'string', format: 'date-time' },
        every: { type: 'string', format: 'duration' },
        ratio: { type: 'number' },
        free: { 'x-kubernetes-preserve-unknown-fields': true },
        e: { type: 'object', 'x-kubernetes-embedded-resource': true, properties: { spec: item } },
      },
      rule(source, more),
    )
    expect(check(schema)).toEqual([])
  })

  test.each<[ValidationRule, string]>([
    [rule(' '), `${at}.rule: Required value: rule is not specified`],
    [rule('self.min >'), `${at}.rule: Invalid value: "self.min >": compilation failed: ERROR: <input>:1:`],
    [rule('self.nonExistent > 0'), `undefined field 'nonExistent'`],
    [rule('self.list.all(x, x.wrong)'), `undefined field 'wrong'`],
    [
      rule("self.min > 'a'"),
      `${at}.rule: Invalid value: "self.min > 'a'": compilation failed: ERROR: <input>:1:10: found no matching overload for '_>_' applied to '(int, string)'`,
    ],
    [
      rule("string(self.min).matches('x++')"),
      `${at}.rule: Invalid value: "string(self.min).matches('x++')": compilation failed: ERROR: <input>:1:26: invalid matches argument`,
    ],
    [
      rule("[1].all(x, x == self.min || string(self.min).find(')') == '')"),
      'program instantiation failed: error parsing regexp: unexpected ): `)`',
    ],
    [
      rule("{'a': size(string(self.min).findAll('(?=a)', 1))} == {} || matches(string(self.min), 'a')"),
      'program instantiation failed: error parsing regexp: invalid or unsupported Perl syntax: `(?=`',
    ],
    [
      rule("matches(string(self.min), '(')"),
      'program instantiation failed: error parsing regexp: missing closing ): `(`',
    ],
    [rule('oldSelf.min == self.list'), `found no matching overload for '_==_'`],
    [rule('self.min'), `${at}.rule: Invalid value: "self.min": cel expression must evaluate to a bool`],
    [rule('true', { messageExpression: 'self.min' }), `cel expression must evaluate to a string`],
    [rule('true', { messageExpression: 'self.wrong' }), `${at}.messageExpression: Invalid value: "self.wrong"`],
    [rule('true', { message: 'a\nb' }), `${at}.message: Invalid value: "a\\nb": message must not contain line breaks`],
    [rule('true\n&& true'), `${at}.message: Required value: message must be specified if rule contains line breaks`],
    [rule('true', { message: ' ' }), `${at}.message: Invalid value: " ": message must be non-empty if specified`],
    [
      rule('true', { message: 'x'.repeat(2049) }),
      `${at}.message: Invalid value: "xxxxxxxxxx...": message must have a maximum length of 2048 characters`,
    ],
    [
      rule('true', { messageExpression: ' ' }),
      `${at}.messageExpression: Required value: messageExpression must be non-empty if specified`,
    ],
    [rule('true', { fieldPath: '.wrong' }), `${at}.fieldPath: Invalid value: ".wrong": fieldPath must be a valid path`],
    [
      rule('true', { optionalOldSelf: true }),
      `${at}.optionalOldSelf: Invalid value: true: may not be set if oldSelf is not used in rule`,
    ],
    [
      rule('true', { reason: 'Because' }),
      `${at}.reason: Unsupported value: "Because": supported values: "FieldValueDuplicate", "FieldValueForbidden"`,
    ],
  ])('%j is refused', (given, words) => {
    const list: JsonSchema = { type: 'array', items: { type: 'object', properties: { n: whole } } }
    const [error, ...more] = check(withRules({ ...sizes, list }, given))
    expect(error).toContain(words)
    expect(more).toEqual([])
  })

  test('name a field by a path that has words', () => {
    expect(check(withRules({}, rule('true', { fieldPath: ' \n' })))).toEqual([
      `${at}.fieldPath: Invalid value: " \\n": fieldPath must be non-empty if specified`,
      `${at}.fieldPath: Invalid value: " \\n": fieldPath must not contain line breaks`,
      `${at}.fieldPath: Invalid value: " \\n": fieldPath must be a valid path`,
    ])
  })

  test('compare with the old value only where it can be found', () => {
    const items: JsonSchema = { ...whole, 'x-kubernetes-validations': [rule('self >= oldSelf')] }
    const list: JsonSchema = { type: 'array', items }
    expect(check({ type: 'object', properties: { list } })).toEqual([
      's.properties[list].items.x-kubernetes-validations[0].rule: Invalid value: "self >= oldSelf": oldSelf cannot be used on the uncorrelatable portion of the schema within s.properties[list]',
    ])
    expect(check({ type: 'object', properties: { list: { ...list, 'x-kubernetes-list-type': 'map' } } })).toEqual([])
    expect(check({ type: 'object', additionalProperties: items })).toEqual([])
  })

  test('do not loop within loops over lists of any length', () => {
    const nested = (more: JsonSchema): JsonSchema => ({
      type: 'array',
      items: { type: 'array', items: whole, ...more },
      ...more,
    })
    const loops = rule('self.x.all(a, a.all(b, b > 0))')
    const words = 'estimated rule cost exceeds budget by factor of more than 100x'
    expect(check(withRules({ x: nested({}) }, loops))[0]).toContain(words)
    expect(check(withRules({ x: nested({ maxItems: 10 }) }, loops))).toEqual([])
    const inner: JsonSchema = { type: 'array', items: whole, 'x-kubernetes-validations': [rule('self.all(a, a > 0)')] }
    expect(check(withRules({ x: { type: 'array', items: inner } }))[0]).toContain(words)
    const bounded = { ...inner, maxItems: 1000 }
    expect(check(withRules({ x: { type: 'object', additionalProperties: bounded, maxProperties: 5 } }))).toEqual([])
  })
})
