import { describe, expect, it } from 'vitest'
import {
  decodeRange,
  decodeWatch,
  decodeWrite,
  encodeProgress,
  encodeRange,
  encodeWatch,
  encodeWrite,
} from './messages.ts'

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const from = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex')

/** The bytes are written out by hand from the field numbers of etcd's rpc.proto and kv.proto. */
describe('messages of etcd', () => {
  it('ask for ranges', () => {
    expect(hex(encodeRange({ key: '/a' }))).toBe('0a022f61')
    const all = { key: '/a', end: '/b', limit: 5, revision: 300, countOnly: true }
    expect(hex(encodeRange(all))).toBe('0a022f6112022f62180520ac024801')
  })

  it('ask for writes on a condition, with a look at what stands in the way', () => {
    const compare = '0a0a 0800 1002 1a022f61 3007'.replaceAll(' ', '')
    const look = '1a06 0a04 0a022f61'.replaceAll(' ', '')
    const put = { key: '/a', expected: 7, value: Buffer.from('x') }
    expect(hex(encodeWrite(put))).toBe(`${compare}${'12091207 0a022f61 120178'.replaceAll(' ', '')}${look}`)
    expect(hex(encodeWrite({ ...put, value: undefined }))).toBe(`${compare}${'12061a040a022f61'}${look}`)
    const alone = '0a0f 0802 1002 1a022f61 3009 8204022f62'.replaceAll(' ', '')
    const unless = { prefix: '/a', writtenAfter: 8 }
    expect(hex(encodeWrite({ ...put, value: undefined, unless }))).toBe(`${compare}${alone}12061a040a022f61${look}`)
  })

  it('ask for watches, and how far they are', () => {
    expect(hex(encodeWatch({ key: '/a', end: '/b', startRevision: 9 }))).toBe('0a0e0a022f6112022f62180920014001')
    expect(hex(encodeProgress())).toBe('1a00')
  })

  it('tell values, and skip what we do not know', () => {
    const value = '0a022f61 1002 1803 2001 2a0178 3007'
    const range = from(`0a06 0801 1802 2003 120f ${value} 1801 2009 fa0101ff`)
    expect(decodeRange(range)).toEqual({
      revision: 2,
      values: [{ key: '/a', createRevision: 2, modRevision: 3, value: Buffer.from('x') }],
      more: true,
    })
    expect(decodeRange(from(''))).toEqual({ revision: 0, values: [], more: false })
  })

  it('tell how writes went', () => {
    expect(decodeWrite(from('0a021805 1001'))).toEqual({ succeeded: true, revision: 5, present: undefined })
    const present = from('0a021805 1a0a 0a08 1206 0a022f61 1803')
    expect(decodeWrite(present).present).toMatchObject({ key: '/a', modRevision: 3 })
    expect(decodeWrite(from('0a021805 1a04 0a02 2000')).present).toBeUndefined()
  })

  it('tell what happened', () => {
    expect(decodeWatch(from('0a021805 1801 2001 2804 320178 3801'))).toEqual({
      revision: 5,
      created: true,
      canceled: true,
      compactRevision: 4,
      reason: 'x',
      fragment: true,
      events: [],
    })
    const events = decodeWatch(from('5a08 1206 0a022f61 1803 5a0a 0801 1206 0a022f61 1804')).events
    expect(events.map(({ deleted, value }) => [deleted, value.modRevision])).toEqual([
      [false, 3],
      [true, 4],
    ])
  })
})
