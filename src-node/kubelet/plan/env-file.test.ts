import { expect, it } from 'vitest'
import { parseEnvFile } from './env-file.ts'

const parse = (text: string) => Object.fromEntries(parseEnvFile(text))

it('a file of variables gives each as it stands between its quotes', () => {
  expect(parse("A='1'\nB.b-c=''\n")).toEqual({ A: '1', 'B.b-c': '' })
  expect(parse("A='two\nlines # and $no \"more\\'\nB='x'")).toEqual({ A: 'two\nlines # and $no "more\\', B: 'x' })
  expect(parse("\n  # a remark = 'none'\n\t A='1'   # why\r\nA='2'\n# the end")).toEqual({ A: '2' })
  expect(parse('')).toEqual({})
  expect(parse('# nothing')).toEqual({})
})

it.each([
  ['A=1', 1],
  ['A="1"', 1],
  ["A='1'\nB ='2'", 2],
  ["A='1'\n\nB= '2'", 3],
  ["A='1' B='2'", 1],
  ["# fine\nA='1", 2],
  ["='1'", 1],
  ['A', 1],
])('%j is none, and its line is named', (text, line) => {
  expect(() => parse(text)).toThrow(`invalid environment variable format at line ${line}`)
})
