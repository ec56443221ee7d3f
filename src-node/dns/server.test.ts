import { createSocket } from 'node:dgram'
import { afterEach, describe, expect, it } from 'vitest'
import { decode, type Packet } from 'dns-packet'
import type { Answered } from './dns-metrics.ts'
import { serveDns, type DnsServer } from './server.ts'
import { forward, upstreamServers } from './upstream.ts'

const stops: DnsServer[] = []
const noted: Answered[] = []
afterEach(async () => {
  for (const server of stops.splice(0)) await server.stop()
})

async function freePort(): Promise<number> {
  const socket = createSocket('udp4')
  await new Promise<void>((done) => socket.bind(0, '127.0.0.1', done))
  const { port } = socket.address()
  await new Promise<void>((done) => socket.close(done))
  return port
}

/** On a port that is free for both protocols: what is free for one may be taken for the other. */
async function serve(answers: number): Promise<number> {
  for (let attempt = 1; ; attempt++) {
    const port = await freePort()
    try {
      await serveOn(port, answers)
      return port
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || attempt === 5) throw error
    }
  }
}

async function serveOn(port: number, answers: number): Promise<void> {
  const answer = (query: Packet): Promise<Packet> =>
    Promise.resolve({
      ...(query.id === undefined ? {} : { id: query.id }),
      type: 'response',
      questions: query.questions ?? [],
      answers: Array.from({ length: answers }, (_, i) => ({
        type: 'A',
        name: 'web.test',
        ttl: 5,
        data: `10.0.${i >> 8}.${i & 255}`,
      })),
    })
  noted.length = 0
  const note = (answered: Answered): void => void noted.push(answered)
  stops.push(await serveDns({ addresses: ['127.0.0.1'], port, answer, note, log: () => {} }))
}

const query: Packet = { id: 77, type: 'query', questions: [{ type: 'A', name: 'web.test' }] }

describe('the DNS server and its client', () => {
  it('answers over UDP under the id of the query', async () => {
    const port = await serve(1)
    const reply = await forward(query, ['127.0.0.1'], port)
    expect(reply?.id).toBe(77)
    expect(reply?.answers?.map((a) => a.data)).toEqual(['10.0.0.0'])
    const { seconds, size, ...rest } = noted[0]!
    expect(rest).toEqual({ transport: 'udp', type: 'A', rcode: 'NOERROR', isOwn: false })
    expect([seconds, size].every((amount) => amount > 0)).toBe(true)
  })

  it('truncates what is too long for UDP, and the client asks again over TCP', async () => {
    const port = await serve(200)
    const reply = await forward(query, ['127.0.0.1'], port)
    expect(reply?.answers).toHaveLength(200)
  })

  it('drops what is no DNS message and goes on', async () => {
    const port = await serve(1)
    const socket = createSocket('udp4')
    socket.send(Buffer.from('junk'), port, '127.0.0.1')
    const reply = await forward(query, ['127.0.0.1'], port)
    socket.close()
    expect(decode(Buffer.alloc(12)).questions).toEqual([])
    expect(reply?.answers).toHaveLength(1)
  })

  it('asks the next server when the first refuses', async () => {
    const port = await serve(1)
    expect((await forward(query, ['127.0.0.2', '127.0.0.1'], port))?.answers).toHaveLength(1)
    expect((await forward(query, [`127.0.0.1:${port}`]))?.answers).toHaveLength(1)
  })
})

describe('upstreamServers', () => {
  it('reads nameserver lines and never itself', () => {
    expect(
      upstreamServers('search x\nnameserver 127.0.0.11\nnameserver 10.96.0.10\nnameserver fe80::1\n', ['10.96.0.10']),
    ).toEqual(['127.0.0.11'])
  })
})
