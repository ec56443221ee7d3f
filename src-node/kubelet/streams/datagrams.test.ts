import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { datagramFrame, DatagramFrames } from '../../../src-wire/tunnel/datagrams.ts'
import { dialDatagrams } from './datagrams.ts'

let server: Socket
beforeEach(async () => {
  server = createSocket('udp4')
  server.bind(0, '127.0.0.1')
  await once(server, 'listening')
})
afterEach(() => new Promise<void>((done) => server.close(() => done())))

describe('datagrams from the network of a node', () => {
  it('go out as they were and come back each by itself', async () => {
    server.on('message', (message, from) => server.send(`you said ${String(message)}`, from.port, from.address))
    const stream = await dialDatagrams('127.0.0.1', server.address().port)
    const frames = new DatagramFrames()
    const both = new Promise<string[]>((resolve) => {
      const got: string[] = []
      stream.on('data', (chunk: Buffer) => {
        got.push(...frames.add(chunk).map(String))
        if (got.length === 2) resolve(got)
      })
    })
    stream.write(Buffer.concat([datagramFrame(Buffer.from('a')), datagramFrame(Buffer.from('b'))]))
    expect(await both).toEqual(['you said a', 'you said b'])
    stream.destroy()
    await once(stream, 'close')
  })

  it('end with what the address says where nobody is', async () => {
    const { port } = server.address()
    const stream = await dialDatagrams('127.0.0.1', port)
    const spare = createSocket('udp4')
    await new Promise<void>((done) => server.close(() => done()))
    server = spare
    server.bind(0, '127.0.0.1')
    await once(server, 'listening')
    const failed = once(stream, 'error')
    stream.write(datagramFrame(Buffer.from('a')))
    expect(await failed).toMatchObject([{ code: 'ECONNREFUSED' }])
  })

  it('are not sent where there is no way', async () => {
    await expect(dialDatagrams('nobody.invalid', 1)).rejects.toThrow('nobody.invalid')
  })
})
