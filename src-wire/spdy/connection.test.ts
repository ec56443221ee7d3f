import { randomBytes } from 'node:crypto'
import { duplexPair, PassThrough, type Duplex } from 'node:stream'
import { constants, createDeflate } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { SpdyConnection } from './connection.ts'
import { dictionary } from './dictionary.ts'
import { controlFrame, dataHeader, FrameReader, frameType, words } from './frames.ts'
import { HeaderDecoder, HeaderEncoder } from './header-block.ts'
import type { SpdyStream } from './stream.ts'

function pair() {
  const [near, far] = duplexPair()
  const opened: SpdyStream[] = []
  const client = new SpdyConnection({ socket: near, server: false, onStream: () => undefined })
  const server = new SpdyConnection({ socket: far, onStream: (stream) => opened.push(stream) })
  return { client, server, opened, near, far }
}

async function bytesOf(stream: Duplex): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

const until = async (ready: () => boolean) => {
  while (!ready()) await new Promise((resolve) => setImmediate(resolve))
}

describe('SPDY header blocks', () => {
  it('are read back in order through one context', async () => {
    const encoder = new HeaderEncoder()
    const decoder = new HeaderDecoder()
    for (const headers of [{ streamtype: 'error' }, { streamtype: 'data', port: '80', requestid: '0' }, {}]) {
      expect(await decoder.decode(encoder.encode(headers))).toEqual(headers)
    }
  })

  it('are read when compressed with the dictionary, as Go sends them', async () => {
    const deflate = createDeflate({ dictionary, flush: constants.Z_SYNC_FLUSH })
    const raw = Buffer.concat([words(1, 10), Buffer.from('Streamtype'), words(5), Buffer.from('stdin')])
    const block = await new Promise<Buffer>((resolve) => {
      deflate.write(raw, () => resolve(deflate.read() as Buffer))
    })
    expect(await new HeaderDecoder().decode(block)).toEqual({ streamtype: 'stdin' })
  })

  it('that are not zlib are refused', async () => {
    await expect(new HeaderDecoder().decode(Buffer.from('nonsense'))).rejects.toThrow('header')
  })
})

describe('FrameReader', () => {
  const wire = Buffer.concat([
    controlFrame(frameType.ping, 0, words(1)),
    dataHeader(3, 1, 5),
    Buffer.from('hello'),
    controlFrame(frameType.goaway, 0, words(3, 0)),
  ])

  it('finds the same frames wherever the bytes are cut', () => {
    for (let cut = 0; cut <= wire.length; cut++) {
      const reader = new FrameReader()
      const seen: string[] = []
      for (const piece of [wire.subarray(0, cut), wire.subarray(cut)]) {
        if (piece.length > 0) reader.push(piece)
        for (let frame = reader.next(); frame; frame = reader.next()) {
          seen.push(`${frame.control} ${frame.type} ${frame.stream} ${frame.flags} ${frame.payload.toString('hex')}`)
        }
      }
      expect(seen).toEqual(['true 6 0 0 00000001', 'false 0 3 1 68656c6c6f', 'true 7 0 0 0000000300000000'])
    }
  })
})

describe('SpdyConnection', () => {
  it('carries bytes both ways and half-closes', async () => {
    const { client, opened } = pair()
    const stream = client.open({ streamtype: 'stdin' })
    stream.end('to the server')
    await until(() => opened.length === 1)
    expect(opened[0]!.headers).toEqual({ streamtype: 'stdin' })
    expect((await bytesOf(opened[0]!)).toString()).toBe('to the server')
    opened[0]!.end('to the client')
    expect((await bytesOf(stream)).toString()).toBe('to the client')
  })

  it('carries large bodies on parallel streams unharmed', async () => {
    const { client, opened } = pair()
    const bodies = Array.from({ length: 8 }, () => randomBytes(700_000))
    for (const [index, body] of bodies.entries()) client.open({ n: String(index) }).end(body)
    await until(() => opened.length === 8)
    const got = await Promise.all(opened.map(bytesOf))
    for (const [index, body] of bodies.entries()) expect(got[index]!.equals(body)).toBe(true)
  })

  it('stops reading the socket while a reader is behind', async () => {
    const { client, opened, far } = pair()
    client.open({}).write(randomBytes(2_000_000))
    await until(() => opened.length === 1 && far.isPaused())
    expect(far.isPaused()).toBe(true)
    opened[0]!.resume()
    await until(() => !far.isPaused())
    expect(opened[0]!.readableLength).toBe(0)
  })

  it('understands its peer wherever the bytes are cut', async () => {
    const record: Buffer[] = []
    const tap = new PassThrough().on('data', (chunk: Buffer) => record.push(chunk))
    const recorder = new SpdyConnection({ socket: tap, server: false, onStream: () => undefined })
    recorder.open({ streamtype: 'error' }).end()
    recorder.open({ streamtype: 'stdin' }).end('typed')
    await until(() => Buffer.concat(record).includes('typed') && record.length > 6)
    const wire = Buffer.concat(record)
    for (let cut = 1; cut < wire.length; cut++) {
      const [near, far] = duplexPair()
      const opened: SpdyStream[] = []
      const server = new SpdyConnection({ socket: far, onStream: (stream) => opened.push(stream) })
      near.resume()
      near.write(wire.subarray(0, cut))
      near.write(wire.subarray(cut))
      await until(() => opened.length === 2)
      expect(opened.map((stream) => stream.headers['streamtype'])).toEqual(['error', 'stdin'])
      expect((await bytesOf(opened[1]!)).toString()).toBe('typed')
      server.end()
    }
  })

  it('tells the other end of a reset', async () => {
    const { client, opened } = pair()
    const stream = client.open({})
    await until(() => opened.length === 1)
    stream.destroy()
    await until(() => opened[0]!.destroyed)
    expect(opened[0]!.readableEnded || opened[0]!.destroyed).toBe(true)
  })

  it('answers a ping of the other end only', async () => {
    const [near, far] = duplexPair()
    const server = new SpdyConnection({ socket: far, onStream: () => undefined })
    near.write(controlFrame(frameType.ping, 0, words(2)))
    near.write(controlFrame(frameType.ping, 0, words(7)))
    await until(() => near.readableLength > 0)
    expect((near.read() as Buffer).toString('hex')).toBe('800300060000000400000007')
    server.end()
  })

  it('ends its streams when the socket goes away', async () => {
    const { client, opened, near } = pair()
    const stream = client.open({})
    await until(() => opened.length === 1)
    near.destroy()
    await until(() => stream.destroyed)
    expect(stream.destroyed).toBe(true)
  })

  it('closes on a stream of nonsense', async () => {
    const socket = new PassThrough()
    let closed = false
    const server = new SpdyConnection({ socket, onStream: () => undefined, onClose: () => (closed = true) })
    socket.write(controlFrame(frameType.synStream, 0, words(1, 0), Buffer.alloc(2), Buffer.from('not zlib')))
    await until(() => closed)
    server.end()
    expect(closed).toBe(true)
  })
})
