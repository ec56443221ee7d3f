import { createServer as createHttp2, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { SkippingClock } from '../../../../src-kube/machinery/testing/skipping-clock.ts'
import { EtcdClient } from './client.ts'
import { EtcdConnection } from './connection.ts'
import { isCompacted } from './errors.ts'
import { frame } from './frames.ts'
import { FakeEtcd } from './testing/fake-etcd.ts'

const ends: Array<() => unknown> = []
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end()
})

/** Milliseconds after which a client gives up. */
const PATIENCE = 7_000

const clock = new SkippingClock()

function clientOf(servers: string[]): EtcdClient {
  const client = new EtcdClient({ servers, clock, timeout: PATIENCE, retryAfter: 10 })
  ends.push(() => client.close())
  return client
}

/** What a client asks for while nobody answers, once its patience is over. */
function inVain(asked: Promise<unknown>): Promise<unknown> {
  clock.skip(PATIENCE)
  return asked
}

async function etcdOf(): Promise<FakeEtcd> {
  const etcd = await new FakeEtcd().start()
  ends.push(() => etcd.away())
  return etcd
}

async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  ends.push(() => server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** Something that speaks HTTP/2 and answers every call in its own way. */
async function answering(answer: (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void): Promise<string> {
  const server = createHttp2()
  const sessions = new Set<{ destroy(): void }>()
  server.on('session', (session) => sessions.add(session))
  server.on('stream', (stream, headers) => {
    stream.on('error', () => {})
    answer(stream, headers)
  })
  const url = await listening(server as Server)
  ends.push(() => sessions.forEach((session) => session.destroy()))
  return url
}

const all = { key: '/', end: '0' }

describe('a client of etcd', () => {
  it('needs a server', () => {
    expect(() => clientOf([])).toThrow('at least one server')
  })

  it('goes to the next member when one is not there, or goes', async () => {
    const [first, second] = [await etcdOf(), await etcdOf()]
    second.history.write('/a', Buffer.from('x'))
    const client = clientOf(['http://127.0.0.1:1', first.url, second.url])
    expect((await client.range(all)).values).toEqual([])
    await first.away()
    expect((await client.range(all)).values.map(({ key }) => key)).toEqual(['/a'])
  })

  it('reads again what a member failed to answer, and tells its words when it goes on failing', async () => {
    const etcd = await etcdOf()
    const client = clientOf([etcd.url])
    etcd.refusal = { code: 14, words: 'etcdserver: leader changed' }
    const reading = client.range(all)
    await vi.waitFor(() => expect(etcd.calls.get('/etcdserverpb.KV/Range')).toBeGreaterThan(1))
    etcd.refusal = undefined
    expect((await reading).revision).toBe(1)
    etcd.refusal = { code: 14, words: 'etcdserver: leader changed' }
    const before = etcd.calls.get('/etcdserverpb.KV/Range')!
    const failing = client.range(all)
    // At the second call, the first has been answered.
    await vi.waitFor(() => expect(etcd.calls.get('/etcdserverpb.KV/Range')).toBeGreaterThan(before + 1))
    await expect(inVain(failing)).rejects.toThrow('etcdserver: leader changed')
  })

  it('tries no write twice', async () => {
    const etcd = await etcdOf()
    const client = clientOf([etcd.url])
    etcd.refusal = { code: 14, words: 'etcdserver: no leader' }
    await expect(client.write({ key: '/a', expected: 0, value: Buffer.from('x') })).rejects.toThrow('no leader')
    expect(etcd.calls.get('/etcdserverpb.KV/Txn')).toBe(1)
  })

  it('gives up what is not answered in time', async () => {
    const etcd = await etcdOf()
    const client = clientOf([etcd.url])
    etcd.silent = true
    const reading = client.range(all)
    await vi.waitFor(() => expect(etcd.calls.get('/etcdserverpb.KV/Range')).toBe(1))
    await expect(inVain(reading)).rejects.toThrow('etcdserver: request timed out')
  })

  it('knows what etcd has forgotten', async () => {
    const etcd = await etcdOf()
    etcd.write('/a', '1')
    etcd.write('/a', '2')
    const client = clientOf([etcd.url])
    await client.compact(3)
    const error: unknown = await client.range({ ...all, revision: 2 }).catch((reason: unknown) => reason)
    expect(isCompacted(error)).toBe(true)
    await expect(client.range({ ...all, revision: 99 })).rejects.toThrow('future revision')
  })

  it('waits for no program that speaks something else', async () => {
    let tried = 0
    const other = createServer((socket) => {
      tried++
      socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')
    })
    const reading = clientOf([await listening(other)]).range(all)
    await vi.waitFor(() => expect(tried).toBeGreaterThan(1))
    await expect(inVain(reading)).rejects.toThrow('etcdserver: request timed out')
  })

  it('leaves a member that gives no sign of life', async () => {
    const etcd = await etcdOf()
    const sockets: Array<{ pause(): void; destroy(): void }> = []
    let paused = false
    const relay = createServer((socket) => {
      sockets.push(socket)
      socket.on('error', () => {})
      const upstream = new (socket.constructor as new () => typeof socket)()
      upstream.on('error', () => {})
      upstream.connect(Number(new URL(etcd.url).port), '127.0.0.1')
      socket.on('data', (chunk) => void (paused || upstream.write(chunk)))
      upstream.on('data', (chunk) => void (paused || socket.write(chunk)))
    })
    const url = await listening(relay)
    ends.push(() => sockets.forEach((socket) => socket.destroy()))
    const keepalive = 10_000
    const connection = new EtcdConnection({ servers: [url], clock, keepalive })
    ends.push(() => connection.close())
    const session = await connection.session(PATIENCE)
    const ping = vi.spyOn(session, 'ping')
    /** The member is asked for a sign of life, and gets the time it has to give one. */
    const askedForLife = async (): Promise<void> => {
      ping.mockClear()
      clock.skip(keepalive)
      await vi.waitFor(() => expect(ping).toHaveBeenCalled())
      if (!paused) await new Promise((resolve) => session.ping(resolve))
      clock.skip(keepalive / 2)
    }
    await askedForLife()
    await new Promise((resolve) => session.ping(resolve))
    expect(connection.session(PATIENCE)).toBe(session)
    paused = true
    await askedForLife()
    await vi.waitFor(() => expect(session.destroyed).toBe(true))
  })

  it.each([
    ['an empty answer', { ':status': 200, 'grpc-status': '0' }, 'the answer was empty'],
    ['a status without words', { ':status': 200, 'grpc-status': '9' }, 'etcd answered gRPC status 9'],
    ['words that are not ASCII', { ':status': 200, 'grpc-status': '9', 'grpc-message': 'gr%C3%BCn' }, 'grün'],
    ['words that are badly encoded', { ':status': 200, 'grpc-status': '9', 'grpc-message': '100%' }, '100%'],
    ['what is no gRPC', { ':status': 404 }, 'HTTP status 404'],
  ])('tells of %s', async (_, headers, words) => {
    const url = await answering((stream) => stream.respond(headers, { endStream: true }))
    await expect(clientOf([url]).compact(1)).rejects.toThrow(words)
  })

  it('tells of a stream that ends without a word', async () => {
    const url = await answering((stream) => {
      stream.respond({ ':status': 200 })
      stream.write(frame(Buffer.alloc(0)))
      stream.end()
    })
    const watch = await clientOf([url]).watch({ ...all, startRevision: 1 }, () => {})
    await expect(watch.ended).resolves.toMatchObject({ message: 'etcd cannot be reached: the connection was lost' })
    const polite = await answering((stream) =>
      stream.respond({ ':status': 200, 'grpc-status': '0' }, { endStream: true }),
    )
    const other = await clientOf([polite]).watch({ ...all, startRevision: 1 }, () => {})
    await expect(other.ended).resolves.toMatchObject({ message: 'etcd cannot be reached: the stream ended' })
  })

  it('moves to another member when one says that it goes', async () => {
    const [first, second] = [await etcdOf(), await etcdOf()]
    second.history.write('/a', Buffer.from('x'))
    const client = clientOf([first.url, second.url])
    await client.range(all)
    first.sayGoodbye()
    await vi.waitFor(async () => expect((await client.range(all)).values).toHaveLength(1))
  })

  it('ends connecting when it is closed', async () => {
    const client = clientOf(['http://127.0.0.1:1'])
    const reading = client.range(all)
    client.close()
    await expect(inVain(reading)).rejects.toThrow('etcdserver: request timed out')
  })
})
