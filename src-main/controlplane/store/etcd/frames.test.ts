import { describe, expect, it } from 'vitest'
import { frame, FrameReader } from './frames.ts'

describe('frames of gRPC', () => {
  it('carry messages whole, wherever the stream is cut', () => {
    const words = ['', 'a', 'x'.repeat(1_000), 'end']
    const stream = Buffer.concat(words.map((word) => frame(Buffer.from(word))))
    for (const size of [1, 3, 5, 7, 100, stream.length]) {
      const reader = new FrameReader()
      const found: string[] = []
      for (let at = 0; at < stream.length; at += size)
        found.push(...reader.push(stream.subarray(at, at + size)).map(String))
      expect(found).toEqual(words)
      expect(reader.pending).toBe(0)
    }
  })

  it('are not compressed, and begin with their length', () => {
    expect(frame(Buffer.from('ab'))).toEqual(Buffer.from([0, 0, 0, 0, 2, 97, 98]))
    expect(() => new FrameReader().push(Buffer.from([1, 0, 0, 0, 0]))).toThrow('compressed')
  })
})
