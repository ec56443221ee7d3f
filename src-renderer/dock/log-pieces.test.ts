import { expect, it } from 'vitest'
import { piecesOf } from './log-pieces.ts'
import { patternOf } from './log-search.ts'
import { plainText } from './terminal-sequences.ts'
import { plainStyle } from './text-style.ts'

const lineOf = (raw: string) => ({
  id: 1,
  source: '',
  time: '',
  text: plainText(raw),
  ...(raw.includes('\u001b') && { styled: { raw, from: plainStyle } }),
})
const plain = { colours: false, json: false }
const coloured = { colours: true, json: false }
const readable = { colours: true, json: true }
const seek = (text: string) => patternOf({ text, regex: false, matchCase: false }).pattern

it('shows a line in its colours, or without when they are not wanted', () => {
  const line = lineOf('\u001b[31mfailed\u001b[0m: disk')
  expect(piecesOf(line, coloured, undefined)).toEqual([
    { text: 'failed', style: { colour: 1 } },
    { text: ': disk', style: {} },
  ])
  expect(piecesOf(line, plain, undefined)).toEqual([{ text: 'failed: disk' }])
})

it('marks a find that goes over several colours, and keeps those around it', () => {
  const line = lineOf('GET \u001b[32m/cart\u001b[0m 503')
  expect(piecesOf(line, coloured, seek('cart 5'))).toEqual([
    { text: 'GET ', style: {}, hit: false },
    { text: '/', style: { colour: 2 }, hit: false },
    { text: 'cart', style: { colour: 2 }, hit: true },
    { text: ' 5', style: {}, hit: true },
    { text: '03', style: {}, hit: false },
  ])
})

it('shows an object in words, with the finds marked', () => {
  const line = lineOf('{"level":"error","msg":"no disk"}')
  expect(piecesOf(line, readable, seek('disk'))).toEqual([
    { text: 'ERROR', as: 'failed', hit: false },
    { text: ' ', as: 'value', hit: false },
    { text: 'no ', as: 'message', hit: false },
    { text: 'disk', as: 'message', hit: true },
  ])
  expect(piecesOf(line, coloured, undefined)).toEqual([{ text: line.text }])
})

it('shows an object as it was written where only that has the find', () => {
  const line = lineOf('{"level":"error","msg":"no disk"}')
  expect(piecesOf(line, readable, seek('"level":"error"'))).toEqual([
    { text: '{', hit: false },
    { text: '"level":"error"', hit: true },
    { text: ',"msg":"no disk"}', hit: false },
  ])
})

it('shows other lines in their colours while objects are shown in words', () => {
  expect(piecesOf(lineOf('\u001b[1mplain'), readable, undefined)).toEqual([{ text: 'plain', style: { bold: true } }])
})
