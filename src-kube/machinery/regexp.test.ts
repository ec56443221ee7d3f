import { describe, expect, test } from 'vitest'
import { findAllPattern, findPattern, flawOfPattern, matchesPattern, RegexpError } from './regexp.ts'

describe('patterns of Go', () => {
  test.each<[string, string[], string[]]>([
    ['^(\\d+|\\*)(/\\d+)?(\\s+(\\d+|\\*)(/\\d+)?){4}$', ['* * * * */5'], ['* * *']],
    ['^[a-z0-9]([-a-z0-9]*[a-z0-9])?$', ['a-b'], ['-']],
    ['(?i)^abc$', ['ABC'], ['x']],
    ['(?i:a)b', ['Ab'], ['AB']],
    ['(?s)^.$', ['\n', '😀'], ['ab']],
    ['^.$', ['\r', '\u2028', '😀'], ['\n']],
    ['(?m)^b$', ['a\nb\nc'], ['ab']],
    ['a$', ['ba'], ['a\n']],
    ['\\Aa\\z', ['a'], ['ab', 'a\n']],
    ['^(?P<name>a)$', ['a'], ['b']],
    ['^(?<name>a)$', ['a'], ['b']],
    ['^[[:alpha:]]+$', ['abc'], ['a1', 'é']],
    ['^[[:^alpha:]]$', ['1'], ['a']],
    ['^\\pN$', ['1', '٣'], ['a']],
    ['^\\p{Greek}$', ['λ'], ['l']],
    ['^\\Qa.b*\\E$', ['a.b*'], ['axb']],
    ['^\\x{1F600}\\x41$', ['😀A'], ['A']],
    ['^\\s$', [' ', '\t', '\f'], ['\u00a0', '\v']],
    ['^\\w\\b', ['a'], ['é']],
    ['^[]a]$', [']'], ['b']],
    ['^a{,2}$', ['a{,2}'], ['aa']],
    ['^\\-\\/\\_$', ['-/_'], ['a']],
  ])('%s', (pattern, right, wrong) => {
    expect(right.filter((text) => !matchesPattern(text, pattern))).toEqual([])
    expect(wrong.filter((text) => matchesPattern(text, pattern))).toEqual([])
  })

  test.each([
    ['(', 'missing closing ): `(`'],
    ['a)', 'unexpected ): `a)`'],
    ['[a', 'missing closing ]: `[a`'],
    ['[b-a]', 'invalid character class range: `b-a`'],
    ['[[:nothing:]]', 'invalid character class range: `[:nothing:]`'],
    ['+', 'missing argument to repetition operator: `+`'],
    ['x++', 'invalid nested repetition operator: `++`'],
    ['a{1001}', 'invalid repeat count: `{1001}`'],
    ['((a{100}){100}){100}', 'invalid repeat count: `{100}`'],
    ['(?=a)', 'invalid or unsupported Perl syntax: `(?=`'],
    ['(?!a)', 'invalid or unsupported Perl syntax: `(?!`'],
    ['(?<!a)b', 'invalid named capture: `(?<!a)b`'],
    ['(a)\\1', 'invalid escape sequence: `\\1`'],
    ['\\Z', 'invalid escape sequence: `\\Z`'],
    ['\\u0041', 'invalid escape sequence: `\\u`'],
    ['a\\', 'trailing backslash at end of expression: ``'],
    [
      `${'('.repeat(1001)}${')'.repeat(1001)}`,
      `expression nests too deeply: \`${'('.repeat(1001)}${')'.repeat(1001)}\``,
    ],
  ])('%s is none', (pattern, words) => {
    expect(flawOfPattern(pattern)).toBe(`error parsing regexp: ${words}`)
    expect(() => matchesPattern('a', pattern)).toThrow(RegexpError)
  })

  test('the first of several that match is taken, not the longest', () => {
    expect(findPattern('xab', 'a|ab')).toBe('a')
    expect(findPattern('aaa', '(?U)a+')).toBe('a')
    expect(findPattern('x', 'a')).toBeUndefined()
  })

  test.each<[string, string, string[]]>([
    ['123 abc 456', '[0-9]+', ['123', '456']],
    ['123 abc 456', '[0-9]*', ['123', '', '', '', '', '456']],
    ['baaac', 'a*', ['', 'aaa', '']],
    ['😀a', '', ['', '', '']],
    ['ab', '(a)(b)?', ['ab']],
    ['ab', 'x', []],
  ])('of %s all that match %s', (text, pattern, found) => {
    expect(findAllPattern(text, pattern)).toEqual(found)
    expect(findAllPattern(text, pattern, 1)).toEqual(found.slice(0, 1))
    expect(findAllPattern(text, pattern, 0)).toEqual([])
  })

  // Each would take JavaScript's engine longer than there is time.
  test.each(['^(a+)+$', '(a|aa)+$', '(a*)*b', '^(([a-z])+.)+[A-Z]([a-z])+$', '(.*a){20}$'])(
    '%s is judged on a long text',
    (pattern) => {
      expect(matchesPattern(`${'a'.repeat(20_000)}!`, pattern)).toBe(false)
      expect(findAllPattern(`${'a'.repeat(2000)}!`, `${pattern}x`)).toEqual([])
    },
  )

  test('more of them than are kept compiled are as they were', () => {
    const all = Array.from({ length: 1200 }, (_, i) => String(i))
    for (const round of [all, all.toReversed()])
      expect(round.filter((i) => !matchesPattern(`p${i}`, `^p${i}$`) || matchesPattern(`p${i}0`, `^p${i}$`))).toEqual(
        [],
      )
  })
})
