import { describe, expect, it } from 'vitest'
import { channel, decodeFrame, encodeFrame } from './frames.ts'

describe('binary frames', () => {
  it('carry id, channel and payload there and back, also from the middle of a buffer', () => {
    const frame = encodeFrame(0xfedcba98, channel.stderr, new TextEncoder().encode('héllo'))
    const padded = new Uint8Array(frame.length + 3)
    padded.set(frame, 3)
    const read = decodeFrame(padded.subarray(3))
    expect(read?.id).toBe(0xfedcba98)
    expect(read?.channel).toBe(2)
    expect(new TextDecoder().decode(read?.payload)).toBe('héllo')
  })

  it('an empty payload is a frame, four bytes are none', () => {
    expect(decodeFrame(encodeFrame(1, channel.body, new Uint8Array()))?.payload.length).toBe(0)
    expect(decodeFrame(new Uint8Array(4))).toBeUndefined()
  })
})
