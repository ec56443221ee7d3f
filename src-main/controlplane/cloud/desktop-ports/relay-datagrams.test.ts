import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { FakeClock } from '../../../../src-kube/machinery/clock.ts'
import type { OpenPort } from './open-port.ts'
import { relayDatagrams, type DatagramWay } from './relay-datagrams.ts'

let clock: FakeClock
let open: OpenPort
let client: Socket
/** The streams that were dialled, each an echo; and what the next dial answers. */
let streams: PassThrough[]
let stands: boolean
let next: () => Promise<DatagramWay>

beforeEach(async () => {
  clock = new FakeClock()
  streams = []
  stands = true
  next = () => {
    const stream = new PassThrough()
    streams.push(stream)
    return Promise.resolve({ stream, stands: () => stands })
  }
  open = (await relayDatagrams('127.0.0.1', 0, () => next(), clock))!
  client = createSocket('udp4')
})
afterEach(async () => {
  client.close()
  await open.close()
})

const send = (words: string): void => client.send(words, open.port, '127.0.0.1')
const hear = async (): Promise<string> => String((await once(client, 'message'))[0])
async function say(words: string): Promise<string> {
  send(words)
  return hear()
}

describe('datagrams on the desktop', () => {
  it('of one client share a stream; what comes before it is there waits', async () => {
    let arrive: () => void = () => undefined
    const dial = next
    next = () => new Promise((resolve) => (arrive = () => void dial().then(resolve)))
    const heard = new Promise<string[]>((resolve) => {
      const got: string[] = []
      client.on('message', (one) => got.push(String(one)) === 2 && resolve(got))
    })
    send('a')
    send('b')
    await vi.waitUntil(() => clock.pending > 0)
    await new Promise((resolve) => setImmediate(resolve))
    arrive()
    expect(await heard).toEqual(['a', 'b'])
    expect(streams).toHaveLength(1)
  })

  it('of another client go over another stream', async () => {
    await say('a')
    client.close()
    client = createSocket('udp4')
    await say('b')
    expect(streams).toHaveLength(2)
  })

  it('go elsewhere when their endpoint is none any more, or has failed', async () => {
    await say('a')
    stands = false
    const heard = hear()
    send('b')
    await vi.waitUntil(() => streams.length === 2)
    stands = true
    expect(streams[0]!.destroyed).toBe(true)
    expect(await heard).toBe('b')
    streams[1]!.destroy(new Error('ECONNREFUSED'))
    await vi.waitUntil(() => streams[1]!.closed)
    expect(await say('c')).toBe('c')
    expect(streams).toHaveLength(3)
  })

  it('that cannot be sent are lost, and the next is tried anew', async () => {
    const dial = next
    let refused = 0
    next = () => {
      refused++
      return Promise.reject(new Error('no node is connected'))
    }
    send('a')
    await vi.waitUntil(() => refused > 0 && clock.pending === 0)
    next = dial
    expect(await say('b')).toBe('b')
  })

  it('keep their stream until two minutes after the last of them', async () => {
    await say('a')
    await clock.advance(100_000)
    await say('b')
    await clock.advance(100_000)
    expect(streams[0]!.destroyed).toBe(false)
    await clock.advance(20_000)
    expect(streams[0]!.destroyed).toBe(true)
    expect(clock.pending).toBe(0)
  })

  it('are lost while their stream is behind', async () => {
    await say('a')
    streams[0]!.cork()
    const written = vi.spyOn(streams[0]!, 'write')
    for (let sent = 0; sent < 8; sent++) send('x'.repeat(60_000))
    client.send('last', open.port, '127.0.0.1')
    await vi.waitUntil(() => written.mock.calls.some(([chunk]) => (chunk as Buffer).length === 6))
    expect(streams[0]!.writableLength).toBeLessThan(300_000)
    streams[0]!.uncork()
  })

  it('do not share a port with another program', async () => {
    expect(await relayDatagrams('127.0.0.1', open.port, () => next(), clock)).toBeUndefined()
    await expect(relayDatagrams('203.0.113.1', 0, () => next(), clock)).rejects.toThrow('EADDRNOTAVAIL')
  })

  it('end with their port', async () => {
    await say('a')
    await open.close()
    expect(streams[0]!.destroyed).toBe(true)
    expect(clock.pending).toBe(0)
    open = (await relayDatagrams('127.0.0.1', 0, () => next(), clock))!
  })
})
