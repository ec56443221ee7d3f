import { describe, expect, it } from 'vitest'
import { flag, int, list, map, mapOf, message, nested, text, texts } from './message.ts'

const Inner = message({ name: text(1), size: int(2) })
const Outer = message({
  id: text(1),
  on: flag(2),
  inner: nested(3, Inner),
  all: list(4, Inner),
  words: texts(5),
  labels: map(6),
  byName: mapOf(7, Inner),
})

describe('messages as tables of fields', () => {
  it('come back as they were written', () => {
    const value = {
      id: 'x',
      on: true,
      inner: { name: 'ä', size: 2 ** 40 },
      all: [
        { name: 'a', size: -1 },
        { name: '', size: 0 },
      ],
      words: ['', 'w'],
      labels: { k: 'v', empty: '' },
      byName: { one: { name: 'n', size: 1 }, none: { name: '', size: 0 } },
    }
    expect(Outer.decode(Outer.encode(value))).toEqual(value)
  })

  it('are as protobuf.dev says on the wire, without what an absent field means', () => {
    expect([...Outer.encode({ id: '', on: false, inner: { name: 'a' } })]).toEqual([0x1a, 3, 0x0a, 1, 0x61])
  })

  it('tell an empty message from none', () => {
    expect(Outer.decode(Outer.encode({ inner: {} })).inner).toEqual({ name: '', size: 0 })
    expect(Outer.decode(Outer.encode({})).inner).toBeUndefined()
  })

  it('skip fields that nobody named', () => {
    const More = message({ id: text(1), later: text(9), much: int(10) })
    expect(Inner.decode(More.encode({ id: 'x', later: 'y', much: 7 }))).toEqual({ name: 'x', size: 0 })
  })

  it('refuse what ends too early', () => {
    expect(() => Inner.decode(Uint8Array.of(0x0a, 5, 0x61))).toThrow(RangeError)
  })
})
