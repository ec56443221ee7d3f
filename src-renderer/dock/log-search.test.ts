import { expect, it } from 'vitest'
import { cutAt, isHit, patternOf, type LogQuery } from './log-search.ts'

const query = (text: string, more: Partial<LogQuery> = {}): LogQuery => ({
  text,
  regex: false,
  matchCase: false,
  ...more,
})
const hits = (text: string, asked: LogQuery): string[] =>
  cutAt(text, patternOf(asked).pattern).flatMap((part) => (part.hit ? part.text : []))

it('marks what is sought, whatever its case', () => {
  expect(cutAt('Error: no error', patternOf(query('error')).pattern)).toEqual([
    { text: 'Error', hit: true },
    { text: ': no ', hit: false },
    { text: 'error', hit: true },
  ])
  expect(cutAt('fine', patternOf(query('')).pattern)).toEqual([{ text: 'fine', hit: false }])
})

it('marks signs as they are, behind letters that grow when they are made lower too', () => {
  expect(hits('a.b axb [a.b]', query('a.b'))).toEqual(['a.b', 'a.b'])
  expect(hits('[x] (1+1)/2', query('[x] (1+1)/2'))).toEqual(['[x] (1+1)/2'])
  expect(hits('İİ error', query('ERROR'))).toEqual(['error'])
})

it('tells upper from lower case when asked to', () => {
  expect(hits('Error error ERROR', query('Error', { matchCase: true }))).toEqual(['Error'])
  expect(hits('Error error', query('e[r]+or', { matchCase: true, regex: true }))).toEqual(['error'])
})

it('seeks by regular expression, also by one that escapes more than it must', () => {
  expect(hits('GET /a 200, GET /b 503', query(String.raw`\b5\d\d\b`, { regex: true }))).toEqual(['503'])
  expect(hits('2026-11-21', query(String.raw`\d+\-\d+`, { regex: true }))).toEqual(['2026-11'])
})

it('says what is wrong with an expression that is not whole yet', () => {
  const { pattern, problem } = patternOf(query('(5', { regex: true }))
  expect(pattern).toBeUndefined()
  expect(problem).toContain('Unterminated group')
})

it('takes an empty find for none, and still finds what follows it', () => {
  const { pattern } = patternOf(query('x*', { regex: true }))
  expect(isHit('aaa', pattern!)).toBe(false)
  expect(isHit('aax', pattern!)).toBe(true)
  expect(isHit('aax', pattern!)).toBe(true)
  expect(cutAt('axxb', pattern)).toEqual([
    { text: 'a', hit: false },
    { text: 'xx', hit: true },
    { text: 'b', hit: false },
  ])
})
