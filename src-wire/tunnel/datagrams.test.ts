import { describe, expect, it } from 'vitest'
import { datagramFrame, DatagramFrames } from './datagrams.ts'

describe('datagrams in a stream', () => {
  const sent = ['one', '', 'x'.repeat(700), 'last'].map((text) => Buffer.from(text))
  const bytes = Buffer.concat(sent.map(datagramFrame))

  it.each([1, 2, 3, 1000, bytes.length])(
    'are whole again, whatever the stream made of them: %d bytes at a time',
    (size) => {
      const frames = new DatagramFrames()
      const got: Buffer[] = []
      for (let at = 0; at < bytes.length; at += size) got.push(...frames.add(bytes.subarray(at, at + size)))
      expect(got.map((one) => one.length)).toEqual(sent.map((one) => one.length))
      expect(Buffer.concat(got).equals(Buffer.concat(sent))).toBe(true)
    },
  )

  it('are no longer than their length can say', () => {
    expect(new DatagramFrames().add(datagramFrame(Buffer.alloc(65_535)))[0]).toHaveLength(65_535)
    expect(() => datagramFrame(Buffer.alloc(65_536))).toThrow('65536 bytes')
  })
})
