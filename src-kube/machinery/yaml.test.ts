import { describe, expect, it } from 'vitest'
import { parseFirstYaml, parseYaml, parseYamlDocuments } from './yaml.ts'

describe('parseYaml', () => {
  const scalars: Array<[string, unknown]> = [
    ['on', true],
    ['No', false],
    ['yes', true],
    ['true', true],
    ['~', null],
    ['null', null],
    ['0777', 511],
    ['0o17', 15],
    ['0x1F', 31],
    ['0b101', 5],
    ['-0b101', -5],
    ['1_000', 1000],
    ['-7', -7],
    ['+7', 7],
    ['0', 0],
    ['1.5', 1.5],
    ['1e3', 1000],
    ['089', 89],
    ['12:30', '12:30'],
    ['2026-01-02', '2026-01-02'],
    ['2026-01-02T03:04:05Z', '2026-01-02T03:04:05Z'],
    ['1.2.3', '1.2.3'],
    ['100m', '100m'],
    ['"on"', 'on'],
    ["'5'", '5'],
  ]
  it.each(scalars)('reads %s as %j', (text, expected) => {
    expect(parseYaml(`a: ${text}`)).toEqual({ a: expected })
  })

  it('reads JSON, anchors and merges', () => {
    expect(parseYaml('{"a": [1, "x", null]}')).toEqual({ a: [1, 'x', null] })
    expect(parseYaml('a: &x {b: 1}\nc:\n  <<: *x\n  d: 2\n')).toEqual({ a: { b: 1 }, c: { b: 1, d: 2 } })
  })

  it('reads keys as text', () => {
    expect(parseYaml('1: a\nz: b')).toEqual({ 1: 'a', z: 'b' })
  })

  it('passes over empty documents', () => {
    expect(parseYaml('')).toBeUndefined()
    expect(parseYaml('---\n# nothing\n---\na: 1\n---\n')).toEqual({ a: 1 })
    expect(parseYamlDocuments('a: 1\n---\n---\nb: 2\n')).toEqual([{ a: 1 }, { b: 2 }])
  })

  const wrong: Array<[string, string, string]> = [
    ['a syntax error', 'a: 1\nb: [', 'yaml: line 2: '],
    ['a repeated key', 'a: 1\na: 2', 'yaml: line 2: '],
    ['several documents', 'a: 1\n---\nb: 2', 'expected a single document'],
    [
      'a text that multiplies itself',
      [
        'a0: &a0 [x,x,x,x,x,x,x,x]',
        ...[1, 2, 3, 4, 5, 6, 7, 8].map(
          (i) =>
            `a${i}: &a${i} [${Array(8)
              .fill(`*a${i - 1}`)
              .join(',')}]`,
        ),
      ].join('\n'),
      'document contains excessive aliasing',
    ],
    ['a list that holds itself', 'a: &a [*a]', 'document contains excessive aliasing'],
    ['what nests too deep', '['.repeat(501), 'nesting exceeded'],
  ]
  it.each(wrong)('refuses %s with 400', (_, text, words) => {
    expect(() => parseYaml(text)).toThrow(
      expect.objectContaining({ code: 400, message: expect.stringContaining(words) as string }),
    )
    expect(() => parseYaml(text)).toThrow('error converting YAML to JSON: yaml: ')
  })
})

describe('parseFirstYaml', () => {
  const never = (): void => {
    throw new Error('nothing is there twice')
  }
  const first: Array<[string, unknown]> = [
    ['a: 0644\n---\nb: [', { a: 420 }],
    ['# c\n\n%YAML 1.1\n---\na: yes\n...\nb', { a: true }],
    ['a: 1\r\n---\r\nb: 2', { a: 1 }],
    ['--- {a: 1}\n--- {b: 1}', { a: 1 }],
    ['a: 1\n---b: 2\n', { a: 1, '---b': 2 }],
    ['a: |\n  ---\n  x\n', { a: '---\nx\n' }],
    ['---\n---\na: 1', null],
    ['# nothing', null],
    [`${'{a: '.repeat(400)}1${'}'.repeat(400)}`, expect.anything()],
  ]
  it.each(first)('reads the first document of %j', (text, expected) => {
    expect(parseFirstYaml(text, never)).toEqual(expected)
  })

  it('tells of keys that are there twice in the first document alone', () => {
    const told: string[] = []
    expect(parseFirstYaml('a: 1\n---\nb: 1\nb: 2', never)).toEqual({ a: 1 })
    expect(parseFirstYaml('a: 1\na: 2\n---\nb: 1\nb: 2', (document) => told.push(document))).toEqual({ a: 2 })
    expect(told).toEqual(['a: 1\na: 2\n'])
  })

  it('refuses what JSON cannot say, and what a second reading finds', () => {
    expect(() => parseFirstYaml('a: .inf', never)).toThrow('json: unsupported value: +Inf')
    expect(() => parseFirstYaml('a: 1\na: &a [*a]', () => {})).toThrow('excessive aliasing')
    expect(() => parseFirstYaml('a:\n\tb: 1', never)).toThrow(
      /^yaml: line 2: found character that cannot start any token$/,
    )
  })
})
