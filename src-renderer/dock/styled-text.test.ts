import { expect, it } from 'vitest'
import { spansOf, styleAfter } from './styled-text.ts'
import { plainText } from './terminal-sequences.ts'
import { plainStyle } from './text-style.ts'

const line = (raw: string, from = plainStyle) => ({ raw, from })

it('gives every stretch of text its style', () => {
  expect(spansOf(line('\u001b[32mINFO\u001b[0m ready \u001b[1min\u001b[22m 3 ms'))).toEqual([
    { text: 'INFO', style: { colour: 2 } },
    { text: ' ready ', style: {} },
    { text: 'in', style: { bold: true } },
    { text: ' 3 ms', style: {} },
  ])
})

it('goes on with the style that the line before left on', () => {
  const before = line('\u001b[31mError: no such file')
  const next = line('    at main.js:1', styleAfter(before))
  expect(spansOf(next)).toEqual([{ text: '    at main.js:1', style: { colour: 1 } }])
  expect(styleAfter(next)).toEqual({ colour: 1 })
  expect(styleAfter(line('\u001b[0m', styleAfter(next)))).toBe(plainStyle)
})

it('keeps the style of what shows behind text that was written over it', () => {
  expect(spansOf(line('\u001b[33mpulling 99%\r\u001b[32mdone'))).toEqual([
    { text: 'done', style: { colour: 2 } },
    { text: 'ing 99%', style: { colour: 3 } },
  ])
  expect(spansOf(line('\u001b[33mpulling\r\u001b[0m\u001b[Kdone'))).toEqual([{ text: 'done', style: {} }])
})

it.each([
  'plain',
  '',
  '\u001b[31mred\u001b[0m',
  'from Windows\r',
  '\r\u001b[1m10%\r\u001b[32m100%\rok',
  'a\u001b]8;;http://x\u0007link\u001b]8;;\u0007 b\u001b[38;5',
  '\u001b]0;no end \u001b[7mand so on',
])('has the text that is searched and copied: %j', (raw) => {
  const spans = spansOf(line(raw))
  expect(spans.map(({ text }) => text).join('')).toBe(plainText(raw))
  expect(spans.every(({ text }) => text !== '')).toBe(true)
})
