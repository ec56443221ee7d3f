import { expect, it } from 'vitest'
import { cutAt } from './log-search.ts'

it('marks what is sought, whatever its case', () => {
  expect(cutAt('Error: no error', 'error')).toEqual([
    { text: 'Error', hit: true },
    { text: ': no ', hit: false },
    { text: 'error', hit: true },
  ])
  expect(cutAt('fine', '')).toEqual([{ text: 'fine', hit: false }])
})

it('marks signs as they are, behind letters that grow when they are made lower too', () => {
  const hits = (text: string, sought: string): string[] =>
    cutAt(text, sought).flatMap((part) => (part.hit ? part.text : []))
  expect(hits('a.b axb [a.b]', 'a.b')).toEqual(['a.b', 'a.b'])
  expect(hits('[x] (1+1)/2', '[x] (1+1)/2')).toEqual(['[x] (1+1)/2'])
  expect(hits('İİ error', 'ERROR')).toEqual(['error'])
})
