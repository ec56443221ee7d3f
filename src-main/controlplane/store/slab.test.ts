import { expect, test } from 'vitest'
import { placeBytes, placeParts, placeText } from './slab.ts'

test.each([
  ['short', 'a'],
  ['not ASCII', 'äöü→😀'],
  ['long', 'x'.repeat(20_000)],
  ['long and not ASCII', '→'.repeat(20_000)],
])('a text that is %s is kept as it is, in whatever slab', (_, text) => {
  const copies = Array.from({ length: 100_000 / text.length + 20 }, (_, i) => [`${text}${i}`, placeText(`${text}${i}`)])
  for (const [written, bytes] of copies) expect(bytes!.toString()).toBe(written)
})

test('texts that just fit, and those that do so only in characters, are whole', () => {
  for (let length = 1; length < 800; length++) {
    const text = (length % 3 === 0 ? 'ä' : 'b').repeat(length)
    expect(placeText(text).toString()).toBe(text)
  }
})

test('bytes are copied, and left alone when they are many', () => {
  const few = new Uint8Array([1, 2, 3])
  const many = new Uint8Array(50_000)
  expect(Buffer.from(placeBytes(few)).equals(few)).toBe(true)
  expect(placeBytes(few)).not.toBe(few)
  expect(placeBytes(many)).toBe(many)
  for (let i = 0; i < 20_000; i++) expect(placeBytes(few)[2]).toBe(3)
})

test('texts and bytes stand one behind the other, in whatever slab and however long', () => {
  for (const text of ['a', 'äöü→😀', 'x'.repeat(6000), '→'.repeat(6000)]) {
    const bytes = new TextEncoder().encode(text)
    for (let i = 0; i < 40; i++)
      expect(placeParts([text, bytes, '!', bytes, text]).toString()).toBe(`${text}${text}!${text}${text}`)
  }
})

test('parts that just fit, and those that do so only in characters, are whole', () => {
  for (let length = 1; length < 800; length++) {
    const text = (length % 3 === 0 ? 'ä' : 'b').repeat(length)
    const bytes = new TextEncoder().encode(text)
    expect(placeParts([text, bytes]).toString()).toBe(text + text)
    expect(placeParts([bytes, text]).toString()).toBe(text + text)
  }
})
