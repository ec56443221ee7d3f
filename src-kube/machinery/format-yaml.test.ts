import { load } from 'js-yaml'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { formatYaml } from './format-yaml.ts'
import { parseYaml } from './yaml.ts'

describe('formatYaml', () => {
  it('is read back as it was, strings that look like other things included', () => {
    const value = {
      a: ['yes', 'no', '0777', '1e3', '~', '', '12:30', '2026-01-02', 'x: y', ' z '],
      b: { c: 1.5, d: null, e: true },
      f: 'l1\nl2\n',
    }
    expect(parseYaml(formatYaml(value))).toEqual(value)
  })

  it('repeats what is shared, folds nothing and leaves undefined out', () => {
    const shared = { x: 'word '.repeat(60).trim() }
    const text = formatYaml({ a: shared, b: shared, c: undefined })
    expect(text).not.toMatch(/[&*]/)
    expect(text.split('\n')).toHaveLength(5)
    expect(text).not.toContain('c:')
  })

  it('reads like what kubectl prints', () => {
    const value = {
      apiVersion: 'v1',
      data: { config: 'a: b\n\tc\n', end: 'x\n\n', none: 'x\ny', odd: 'x \ny', empty: '' },
      items: [{ name: 'one', args: ['-v', '2', 'a: b'] }, [['deep'], []], {}],
      quantities: ['100m', '1Gi', '1e3', '0x1F', '10.0.0.1', '2026-01-02T03:04:05Z', '8ed72a7c-89ff'],
    }
    expect(formatYaml(value)).toBe(`apiVersion: v1
data:
  config: |
    a: b
    \tc
  end: |+
    x

  none: |-
    x
    y
  odd: "x \\ny"
  empty: ""
items:
- name: one
  args:
  - "-v"
  - "2"
  - "a: b"
- - - deep
  - []
- {}
quantities:
- 100m
- 1Gi
- "1e3"
- "0x1F"
- "10.0.0.1"
- "2026-01-02T03:04:05Z"
- 8ed72a7c-89ff
`)
  })

  it.each([null, true, 0, 1.5, 1e21, 'x', '', [], {}])('writes %j alone', (value) => {
    expect(parse(formatYaml(value))).toEqual(value)
  })

  // Whatever is awkward in any version of YAML, thrown together at random; the seed makes every run the same.
  it('is read back as it was by every reader, of YAML 1.1 and 1.2', () => {
    for (const value of documents(3000)) {
      const text = formatYaml(value)
      expect(parseYaml(text)).toEqual(value)
      expect(load(text)).toEqual(value)
      expect(parse(text)).toEqual(value)
      expect(parse(text, { version: '1.1' })).toEqual(value)
    }
  })

  it('takes no longer for a run of spaces than for other text', () => {
    const texts = [`a${' '.repeat(300_000)}b`, `a${' \n'.repeat(150_000)}b`, `a${':'.repeat(300_000)}`]
    for (const text of texts) expect(parseYaml(formatYaml({ text }))).toEqual({ text })
  })
})

const WORDS =
  'a yes NO null true 0 1 12 . - + : # | > { } [ ] , & * ! % @ ` ? ~ = << \\ " \' / _ e x é 😀 0x1F 1_0 1e3 12:30 2026-01-02 --- ...'
const pieces = [...WORDS.split(' '), ' ', '  ', '\n', '\n\n', '\t', '\r', '- ', ': ', ' #', '\0', '\u007f', '\u0085']
pieces.push('\u2028', '\ufeff', '\uffff')

/** Maps with so many values of all kinds, down to four levels. */
function documents(count: number): object[] {
  let state = 7
  const drawn = (below: number): number => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return Math.floor((state / 2_147_483_648) * below)
  }
  const many = <T>(below: number, make: () => T): T[] => Array.from({ length: drawn(below) }, make)
  const text = (): string => many(8, () => pieces[drawn(pieces.length)]!).join('')
  const map = (depth: number): object => {
    const entries = many(4, (): [string, unknown] => [text(), value(depth + 1)])
    return Object.fromEntries(entries.filter(([key]) => key !== '<<'))
  }
  const kinds: Array<(depth: number) => unknown> = [
    () => [null, true, false, 0, -5, 1.5, 1e21, 1e-7][drawn(8)],
    text,
    text,
    text,
    (depth) => many(4, () => value(depth + 1)),
    map,
  ]
  const value = (depth: number): unknown => kinds[drawn(depth > 3 ? 4 : kinds.length)]!(depth)
  return Array.from({ length: count }, () => map(0))
}
