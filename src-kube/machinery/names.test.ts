import { describe, expect, it } from 'vitest'
import {
  generateName,
  isDns1035Label,
  isDns1123Label,
  isDns1123Subdomain,
  isLabelValue,
  isPathSegment,
  isQualifiedName,
  randomSuffix,
} from './names.ts'

const checks = { isDns1035Label, isDns1123Label, isDns1123Subdomain, isLabelValue, isQualifiedName }

describe('names', () => {
  const good: Array<[keyof typeof checks, string]> = [
    ['isDns1123Label', '0-a'],
    ['isDns1123Label', 'a'.repeat(63)],
    ['isDns1035Label', 'a-0'],
    ['isDns1123Subdomain', 'a.b-c.0'],
    ['isLabelValue', ''],
    ['isLabelValue', 'A_b.c-1'],
    ['isQualifiedName', 'A_b.c'],
    ['isQualifiedName', 'example.com/MyName'],
  ]
  it.each(good)('%s accepts %j', (check, text) => {
    expect(checks[check](text)).toEqual([])
  })

  const bad: Array<[keyof typeof checks, string, string]> = [
    ['isDns1123Label', 'A', 'a lowercase RFC 1123 label must consist of'],
    ['isDns1123Label', 'a'.repeat(64), 'must be no more than 63 characters'],
    ['isDns1123Label', 'a.b', 'must not contain dots'],
    ['isDns1123Label', 'A.b', 'a lowercase RFC 1123 label must consist of'],
    ['isDns1123Label', '', 'a lowercase RFC 1123 label must consist of'],
    ['isDns1035Label', '0a', 'a DNS-1035 label must consist of'],
    ['isDns1123Subdomain', 'a..b', 'a lowercase RFC 1123 subdomain must consist of'],
    ['isLabelValue', 'a b', 'a valid label must be an empty string or consist of'],
    ['isQualifiedName', '', 'name part must be non-empty'],
    ['isQualifiedName', '/a', 'prefix part must be non-empty'],
    ['isQualifiedName', 'A/a', 'prefix part a lowercase RFC 1123 subdomain'],
    ['isQualifiedName', 'a'.repeat(64), 'name part must be no more than 63 characters'],
    ['isQualifiedName', 'a/b/c', "with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"],
  ]
  it.each(bad)('%s refuses %j: %s', (check, text, words) => {
    expect(checks[check](text)[0]).toContain(words)
  })

  it('keeps names of RBAC objects out of the path', () => {
    expect(isPathSegment('system:a')).toEqual([])
    expect(isPathSegment('.')).toEqual(["may not be '.'"])
    expect(isPathSegment('..')).toEqual(["may not be '..'"])
    expect(isPathSegment('a/b%c')).toEqual(["may not contain '/'", "may not contain '%'"])
  })

  it('generates names that stay DNS labels', () => {
    expect(generateName('web-')).toMatch(/^web-[bcdfghjklmnpqrstvwxz2456789]{5}$/)
    expect(generateName('a'.repeat(80))).toHaveLength(63)
    expect(randomSuffix(10)).toHaveLength(10)
    expect(new Set(Array.from({ length: 50 }, () => randomSuffix())).size).toBeGreaterThan(45)
  })
})
