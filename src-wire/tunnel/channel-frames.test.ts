import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { ChannelFrames } from './channel-frames.ts'

async function wireOf(...frames: Array<[number, string]>): Promise<Buffer> {
  const stream = new PassThrough()
  const writer = new ChannelFrames(stream)
  const chunks: Buffer[] = []
  stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  for (const [channel, payload] of frames) writer.send(channel, Buffer.from(payload))
  await new Promise((resolve) => stream.end(resolve))
  return Buffer.concat(chunks)
}

describe('ChannelFrames', () => {
  it('reads the same channels wherever the bytes are cut', async () => {
    const wire = await wireOf([1, 'out'], [2, 'é'], [7, 'nobody listens'], [1, 'put'], [1, ''], [2, ''])
    for (let cut = 0; cut <= wire.length; cut++) {
      const stream = new PassThrough()
      const frames = new ChannelFrames(stream)
      const inputs = [frames.input(1), frames.input(2)]
      for (const piece of [wire.subarray(0, cut), wire.subarray(cut)]) if (piece.length > 0) stream.write(piece)
      expect(await Promise.all(inputs.map(text))).toEqual(['output', 'é'])
    }
  })

  it('ends every channel when the stream ends', async () => {
    const stream = new PassThrough()
    const input = new ChannelFrames(stream).input(1)
    stream.end(await wireOf([1, 'cut sh']))
    expect(await text(input)).toBe('cut sh')
  })

  it('holds the sender back while a reader is behind', async () => {
    const stream = new PassThrough()
    const input = new ChannelFrames(stream).input(1)
    stream.write(await wireOf([1, 'x'.repeat(300_000)]))
    await new Promise((resolve) => setImmediate(resolve))
    expect(stream.isPaused()).toBe(true)
    input.resume()
    await new Promise((resolve) => setImmediate(resolve))
    expect(stream.isPaused()).toBe(false)
  })
})
