import { describe, expect, it } from 'vitest'
import { everything, labelSelectorMatcher, parseLabelSelector } from './labels.ts'

describe('parseLabelSelector', () => {
  const cases: Array<[string, Record<string, string> | undefined, boolean]> = [
    ['', undefined, true],
    ['a=b', { a: 'b' }, true],
    ['a==b', { a: 'b' }, true],
    ['a=b', { a: 'c' }, false],
    ['a=b', {}, false],
    ['a=b', undefined, false],
    ['a=', { a: '' }, true],
    ['a=,b=c', { a: '', b: 'c' }, true],
    ['a!=b', { a: 'c' }, true],
    ['a!=b', {}, true],
    ['a!=b', { a: 'b' }, false],
    ['a in (b,c)', { a: 'c' }, true],
    ['a in (b, c)', { a: 'd' }, false],
    ['a in ()', { a: '' }, true],
    ['a in (,b)', { a: '' }, true],
    ['a in (b,)', { a: '' }, true],
    ['a notin (b,c)', { a: 'b' }, false],
    ['a notin (b,c)', {}, true],
    ['a', { a: '' }, true],
    ['a', {}, false],
    ['a', { b: '' }, false],
    ['!a', {}, true],
    ['! a', { a: 'b' }, false],
    ['a>5', { a: '6' }, true],
    ['a>5', { a: '5' }, false],
    ['a>5', { a: 'x' }, false],
    ['a>5', {}, false],
    ['a<5', { a: '-6' }, true],
    ['a<5', { a: '7' }, false],
    ['a<5', { a: 'x' }, false],
    ['a<5', {}, false],
    ['constructor', {}, false],
    ['in in (in)', { in: 'in' }, true],
    [' a = b , c ', { a: 'b', c: '' }, true],
    ['a=b,c=d', { a: 'b' }, false],
    ['example.com/a=b', { 'example.com/a': 'b' }, true],
  ]
  it.each(cases)('%j on %j is %j', (text, labels, expected) => {
    expect(parseLabelSelector(text).matches(labels)).toBe(expected)
  })

  it('gives equal selectors equal texts', () => {
    expect(String(parseLabelSelector('c in (z,y),a==b,!d,e,f>1,g<2,h!=i'))).toBe('!d,a=b,c in (y,z),e,f>1,g<2,h!=i')
    expect(String(parseLabelSelector('a=b,c'))).toBe(String(parseLabelSelector('c,a = b')))
    expect(String(parseLabelSelector('a='))).toBe('a=')
  })

  const wrong: Array<[string, string]> = [
    ['a=b,', "found '', expected: identifier after ','"],
    ['a,,b', "found ',', expected: identifier after ','"],
    ['a,(b', "found '(', expected: identifier after ','"],
    [',a', "found ',', expected: !, identifier, or 'end of string'"],
    ['!', "unable to parse requirement: found '', expected: identifier"],
    ['a b', "found 'b', expected: in, notin, =, ==, !=, gt, lt"],
    ['a=b c', "found 'c', expected: ',' or 'end of string'"],
    ['a==>b', "found '>', expected: identifier"],
    ['a in b', "found 'b' expected: '('"],
    ['a in', "found '' expected: '('"],
    ['a in (', "unable to parse requirement: found '', expected: ',', ')' or identifier"],
    ['a in (b', "unable to parse requirement: found '', expected: ',' or ')'"],
    ['a in (b,', "unable to parse requirement: found '', expected: ',', or identifier"],
    ['a in (b c)', "unable to parse requirement: found 'c', expected: ',' or ')'"],
    ['a>b', "for 'Gt', 'Lt' operators, the value must be an integer"],
    ['a<', "for 'Gt', 'Lt' operators, the value must be an integer"],
    ['a/b/c=d', 'Invalid value: "a/b/c": a qualified name must consist of'],
    ['Not_DNS/b', 'prefix part a lowercase RFC 1123 subdomain'],
    ['-a=b', 'Invalid value: "-a": name part must consist of'],
    ['a=-b', 'values[0][a]: Invalid value: "-b": a valid label must be'],
    [`a=${'x'.repeat(64)}`, 'must be no more than 63 characters'],
    ['a in (b,c&d)', 'values[0][a]: Invalid value: "c&d"'],
  ]
  it.each(wrong)('refuses %j with 400: %s', (text, words) => {
    expect(() => parseLabelSelector(text)).toThrow(
      expect.objectContaining({ code: 400, message: expect.stringContaining(words) as string }),
    )
  })
})

describe('labelSelectorMatcher', () => {
  it('selects nothing when absent and everything when empty', () => {
    expect(labelSelectorMatcher(undefined).matches({ a: 'b' })).toBe(false)
    expect(String(labelSelectorMatcher(null))).toBe('<none>')
    expect(labelSelectorMatcher({})).toBe(everything)
    expect(String(everything)).toBe('')
  })

  it('joins labels and expressions', () => {
    const matcher = labelSelectorMatcher({
      matchLabels: { app: 'x' },
      matchExpressions: [
        { key: 'tier', operator: 'In', values: ['a', 'b'] },
        { key: 'old', operator: 'DoesNotExist' },
        { key: 'zone', operator: 'NotIn', values: ['z'] },
        { key: 'here', operator: 'Exists' },
      ],
    })
    expect(matcher.matches({ app: 'x', tier: 'b', here: '' })).toBe(true)
    expect(matcher.matches({ app: 'x', tier: 'b', here: '', old: '' })).toBe(false)
    expect(matcher.matches({ app: 'x', tier: 'b', here: '', zone: 'z' })).toBe(false)
    expect(matcher.requirements).toHaveLength(5)
  })

  it('refuses operators that are none', () => {
    expect(() => labelSelectorMatcher({ matchExpressions: [{ key: 'a', operator: 'Like' }] })).toThrow(
      '"Like" is not a valid label selector operator',
    )
  })
})
