import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, describe, expect, it } from 'vitest'
import { FakeClock } from '../../../src-kube/machinery/clock.ts'
import { DatagramRelay } from './datagram-relay.ts'
import { StreamRelay } from './stream-relay.ts'

const LOOPBACK = '127.0.0.1'
const open: Array<{ close(): unknown }> = []
afterEach(() => open.splice(0).forEach((one) => one.close()))
const kept = <T extends { close(): unknown }>(one: T): T => {
  open.push(one)
  return one
}
const at = (port: number) => ({ ip: LOOPBACK, port, local: true })

/** A server that answers each connection when its client has said all. */
async function server(name: string) {
  const connections: Socket[] = []
  const listener = kept(
    createServer({ allowHalfOpen: true }, (socket) => {
      connections.push(socket)
      socket.on('error', () => {})
      void text(socket).then(
        (said) => socket.end(`${name} heard ${said}`),
        () => {},
      )
    }),
  )
  listener.listen(0, LOOPBACK)
  await once(listener, 'listening')
  return { endpoint: at((listener.address() as AddressInfo).port), connections }
}

async function ask(port: number, words: string): Promise<string> {
  const socket = connect({ host: LOOPBACK, port, allowHalfOpen: true })
  socket.end(words)
  return text(socket)
}

/** A port that nobody listens on. */
async function deadEndpoint() {
  const listener = createServer()
  listener.listen(0, LOOPBACK)
  await once(listener, 'listening')
  const { port } = listener.address() as AddressInfo
  listener.close()
  return at(port)
}

describe('StreamRelay', () => {
  const relay = async () => kept(await StreamRelay.open(LOOPBACK, new FakeClock()))

  it('brings connections to the endpoints in turn, each way until its end', async () => {
    const [one, two, through] = [await server('one'), await server('two'), await relay()]
    through.update([one.endpoint, two.endpoint], undefined)
    expect(await ask(through.port, 'a')).toBe('one heard a')
    expect(await ask(through.port, 'b')).toBe('two heard b')
    const large = 'x'.repeat(3_000_000)
    expect(await ask(through.port, large)).toBe(`one heard ${large}`)
  })

  it('tries the next endpoint when one takes no connection, and breaks off when none does', async () => {
    const [dead, one, through] = [await deadEndpoint(), await server('one'), await relay()]
    through.update([dead, one.endpoint], 60)
    expect(await ask(through.port, 'a')).toBe('one heard a')
    // Kept with the one that took it, though it is another's turn.
    expect(await ask(through.port, 'b')).toBe('one heard b')
    through.update([dead], undefined)
    await expect(ask(through.port, 'c')).rejects.toMatchObject({ code: 'ECONNRESET' })
  })

  it('lets connections go on whose endpoint is none any more, and breaks off with whoever does', async () => {
    const [one, through] = [await server('one'), await relay()]
    through.update([one.endpoint], undefined)
    const client = connect({ host: LOOPBACK, port: through.port, allowHalfOpen: true })
    client.write('still ')
    await expect.poll(() => one.connections.length).toBe(1)
    through.update([], undefined)
    client.end('here')
    expect(await text(client)).toBe('one heard still here')
    through.update([one.endpoint], undefined)
    const other = connect({ host: LOOPBACK, port: through.port })
    other.write('x')
    await expect.poll(() => one.connections.length).toBe(2)
    one.connections[1]!.resetAndDestroy()
    await expect(text(other)).rejects.toMatchObject({ code: 'ECONNRESET' })
  })

  it('ends its connections when it is closed', async () => {
    const [one, through] = [await server('one'), await relay()]
    through.update([one.endpoint], undefined)
    const client = connect({ host: LOOPBACK, port: through.port })
    client.on('error', () => {})
    client.write('x')
    await expect.poll(() => one.connections.length).toBe(1)
    through.close()
    await once(client, 'close')
  })
})

/** A server that answers each datagram, and remembers whom it heard. */
async function datagramServer(name: string) {
  const socket = kept(createSocket('udp4'))
  const clients: number[] = []
  socket.on('message', (datagram, from) => {
    clients.push(from.port)
    socket.send(`${name} heard ${datagram.toString()}`, from.port, from.address)
  })
  socket.bind(0, LOOPBACK)
  await once(socket, 'listening')
  return { endpoint: at(socket.address().port), clients }
}

function datagramClient() {
  const socket = kept(createSocket('udp4'))
  return async (port: number, words: string): Promise<string> => {
    socket.send(words, port, LOOPBACK)
    return String(((await once(socket, 'message')) as [Buffer])[0])
  }
}

describe('DatagramRelay', () => {
  it('keeps a client with one endpoint while it sends, and brings the answers back', async () => {
    const clock = new FakeClock()
    const through = kept(await DatagramRelay.open(LOOPBACK, clock))
    const [one, two] = [await datagramServer('one'), await datagramServer('two')]
    through.update([one.endpoint, two.endpoint], undefined)
    const [first, second] = [datagramClient(), datagramClient()]
    expect(await first(through.port, 'a')).toBe('one heard a')
    await clock.advance(29_000)
    expect(await first(through.port, 'b')).toBe('one heard b')
    expect(await second(through.port, 'c')).toBe('two heard c')
    expect(new Set(one.clients).size).toBe(1)
    await clock.advance(30_000)
    expect(await first(through.port, 'd')).toBe('one heard d')
    expect(new Set(one.clients).size).toBe(2)
  })

  it('brings the next datagram elsewhere when its endpoint is gone', async () => {
    const through = kept(await DatagramRelay.open(LOOPBACK, new FakeClock()))
    const [one, two] = [await datagramServer('one'), await datagramServer('two')]
    const ask = datagramClient()
    through.update([one.endpoint], 60)
    expect(await ask(through.port, 'a')).toBe('one heard a')
    through.update([two.endpoint], 60)
    expect(await ask(through.port, 'b')).toBe('two heard b')
  })
})
