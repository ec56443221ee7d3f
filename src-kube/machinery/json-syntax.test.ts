import { describe, expect, it } from 'vitest'
import { jsonFault } from './json-syntax.ts'

describe('jsonFault', () => {
  it.each([
    ['', 'unexpected end of JSON input'],
    [' ', 'unexpected end of JSON input'],
    ['{', 'unexpected end of JSON input'],
    ['[1', 'unexpected end of JSON input'],
    ['"a', 'unexpected end of JSON input'],
    ['"\\u00', 'unexpected end of JSON input'],
    ['tru', 'unexpected end of JSON input'],
    ['-', 'unexpected end of JSON input'],
    ['apiVersion: v1', "invalid character 'a' looking for beginning of value"],
    ["'x'", "invalid character '\\'' looking for beginning of value"],
    ['{bad', "invalid character 'b' looking for beginning of object key string"],
    ['{"a":1,}', "invalid character '}' looking for beginning of object key string"],
    ['{"a" 1}', "invalid character '1' after object key"],
    ['{"a":{} "b"}', "invalid character '\"' after object key:value pair"],
    ['[1 2]', "invalid character '2' after array element"],
    ['[1,]', "invalid character ']' looking for beginning of value"],
    ['{} x', "invalid character 'x' after top-level value"],
    ['[] 😀', "invalid character '😀' after top-level value"],
    ['"a\nb"', "invalid character '\\n' in string literal"],
    ['"\\x"', "invalid character 'x' in string escape code"],
    ['"\\u00g0"', "invalid character 'g' in \\u hexadecimal character escape"],
    ['tree', "invalid character 'e' in literal true (expecting 'u')"],
    ['nil', "invalid character 'i' in literal null (expecting 'u')"],
    ['-a', "invalid character 'a' in numeric literal"],
    ['1.x', "invalid character 'x' after decimal point in numeric literal"],
    ['1e+x', "invalid character 'x' in exponent of numeric literal"],
    ['01', "invalid character '1' after top-level value"],
  ])("names the fault of %j in Go's words", (text, words) => {
    expect(() => JSON.parse(text) as unknown).toThrow(SyntaxError)
    expect(jsonFault(text)).toBe(words)
  })

  it('goes over all that is right', () => {
    const good = JSON.stringify({ a: [1, -0.5e-3, true, false, null, 'x\n"\u0001'], b: {}, c: [], 'd\\': 1e21 })
    expect(jsonFault(`${good} ${good}`)).toBe("invalid character '{' after top-level value")
  })

  it('stops in the deep', () => {
    expect(jsonFault('['.repeat(20_000))).toBe('exceeded max depth')
  })
})
