import type { ServerResponse } from 'node:http'
import { expect, test } from 'vitest'
import { BLOCK, writeParts } from './blocks.ts'

/** A response that keeps what it is given until its client reads. */
function slowResponse(isFree = true) {
  const held: { bytes: Buffer; sent: (error?: Error) => void }[] = []
  const got: Buffer[] = []
  const write = (bytes: Buffer, sent: (error?: Error) => void = () => {}): boolean => {
    held.push({ bytes, sent })
    return isFree
  }
  const read = (error?: Error): void => {
    for (const { bytes, sent } of held.splice(0)) {
      got.push(Buffer.from(bytes))
      sent(error)
    }
  }
  return { response: { write } as ServerResponse, held, read, text: () => Buffer.concat(got).toString() }
}

const always = (): Promise<boolean> => Promise.resolve(true)
const third = (letter: string): Buffer => Buffer.alloc(BLOCK / 3, letter)

test('Parts go in blocks, text and bytes in their order', async () => {
  const { response, held, read, text } = slowResponse()
  await writeParts(response, ['[', third('a'), ',', third('b'), ',', third('c'), ',', third('d'), ']'], always)
  expect(held.map(({ bytes }) => bytes.length)).toEqual([2 * third('a').length + 3, 2 * third('a').length + 2])
  read()
  expect(text()).toBe(`[${third('a')},${third('b')},${third('c')},${third('d')}]`)
})

test('A part that no block holds is written as it is, in its place', async () => {
  const { response, held, read, text } = slowResponse()
  const large = Buffer.alloc(BLOCK + 1, 'x')
  await writeParts(response, ['a', large, large, 'b'], always)
  expect(held.map(({ bytes }) => bytes.length)).toEqual([1, BLOCK + 1, BLOCK + 1, 1])
  read()
  expect(text()).toBe(`a${large}${large}b`)
})

test('A block is used again once it was sent, and not before', async () => {
  const first = slowResponse()
  await writeParts(first.response, ['first'], always)
  const second = slowResponse()
  await writeParts(second.response, ['second'], always)
  expect(second.held[0]!.bytes.buffer).not.toBe(first.held[0]!.bytes.buffer)
  const block = first.held[0]!.bytes.buffer
  first.read()
  expect(first.text()).toBe('first')
  const third = slowResponse()
  await writeParts(third.response, ['third'], always)
  expect(third.held[0]!.bytes.buffer).toBe(block)
  second.read()
  expect(second.text()).toBe('second')
})

test('What was cut off on its way is not written into again', async () => {
  const cut = slowResponse()
  await writeParts(cut.response, ['cut'], always)
  const block = cut.held[0]!.bytes.buffer
  cut.read(new Error('write EPIPE'))
  const next = Array.from({ length: 9 }, () => slowResponse())
  for (const { response } of next) await writeParts(response, ['next'], always)
  expect(next.map(({ held }) => held[0]!.bytes.buffer)).not.toContain(block)
})

test('It waits for room, and ends when nobody reads any more', async () => {
  const { response, held } = slowResponse(false)
  const parts = [third('a'), third('b'), third('c'), third('d'), Buffer.alloc(BLOCK + 1), third('e')]
  let waited = 0
  await writeParts(response, parts, () => Promise.resolve(++waited < 3))
  expect(waited).toBe(3)
  expect(held.map(({ bytes }) => bytes.length)).toEqual([BLOCK - 1, third('d').length, BLOCK + 1])
})
