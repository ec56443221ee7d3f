import { createSocket, type Socket } from 'node:dgram'
import { createServer, type Server, type Socket as TcpSocket } from 'node:net'
import { AUTHORITATIVE_ANSWER, decode, type Packet } from 'dns-packet'
import type { Answered } from './dns-metrics.ts'
import { udpSize, withExtension } from './plan/edns.ts'
import { writtenWithin } from './plan/fit.ts'

/** Answers a decoded query; resolves with undefined for what is not a query. */
export type Answerer = (query: Packet, transport: 'udp' | 'tcp') => Promise<Packet | undefined>

/** Bytes that the length before a message can tell of. */
const MOST_OVER_TCP = 65_535

/** Codes of answers by their number (IANA, "DNS RCODEs"); there are more, which name servers seldom give. */
const rcodes = ['NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED']

/** Sockets that answer; after `stop` they are closed. */
export interface DnsServer {
  stop(): Promise<void>
}

/** Listens on UDP and TCP port 53 of every address. A packet that cannot be read is dropped, as any name server does. */
export async function serveDns(options: {
  addresses: readonly string[]
  port?: number
  answer: Answerer
  /** Told of every question that was answered. */
  note?: (answered: Answered) => void
  log: (message: string) => void
}): Promise<DnsServer> {
  const { addresses, port = 53, answer, note, log } = options
  const respond: Responder = (message, transport) => respondTo(message, transport, answer, note)
  const opened: Array<Socket | Server> = []
  try {
    for (const address of addresses) {
      opened.push(await listenUdp(address, port, respond, log))
      opened.push(await listenTcp(address, port, respond, log))
    }
  } catch (error) {
    for (const socket of opened) socket.close()
    throw error
  }
  return {
    async stop() {
      await Promise.all(opened.map((socket) => new Promise<void>((done) => socket.close(() => done()))))
    },
  }
}

/** Bytes for bytes; undefined for what is not a query. */
type Responder = (message: Uint8Array, transport: 'udp' | 'tcp') => Promise<Uint8Array | undefined>

function listenUdp(address: string, port: number, respond: Responder, log: (message: string) => void): Promise<Socket> {
  const socket = createSocket('udp4')
  socket.on('message', (message, from) => {
    respond(message, 'udp')
      .then((reply) => reply && socket.send(reply, from.port, from.address))
      .catch((error: unknown) => log(`dns: ${String(error)}`))
  })
  return new Promise((resolve, reject) => {
    socket.once('error', reject)
    socket.bind(port, address, () => {
      socket.off('error', reject)
      socket.on('error', (error) => log(`dns: ${error.message}`))
      resolve(socket)
    })
  })
}

function listenTcp(address: string, port: number, respond: Responder, log: (message: string) => void): Promise<Server> {
  const server = createServer((connection) => serveConnection(connection, respond, log))
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, address, () => resolve(server))
  })
}

/** Messages with a length before them, in order (RFC 7766). */
function serveConnection(connection: TcpSocket, respond: Responder, log: (message: string) => void): void {
  let pending: Buffer = Buffer.alloc(0)
  connection.setTimeout(10_000, () => connection.destroy())
  connection.on('error', () => connection.destroy())
  connection.on('data', (chunk: Buffer) => {
    pending = Buffer.concat([pending, chunk])
    while (pending.length >= 2 && pending.length >= 2 + pending.readUInt16BE(0)) {
      const message = pending.subarray(2, 2 + pending.readUInt16BE(0))
      pending = pending.subarray(2 + message.length)
      respond(message, 'tcp')
        .then((reply) => {
          if (!reply) return
          const length = Buffer.alloc(2)
          length.writeUInt16BE(reply.length)
          connection.write(Buffer.concat([length, reply]))
        })
        .catch((error: unknown) => log(`dns: ${String(error)}`))
    }
  })
}

async function respondTo(
  message: Uint8Array,
  transport: 'udp' | 'tcp',
  answer: Answerer,
  note: ((answered: Answered) => void) | undefined,
): Promise<Uint8Array | undefined> {
  const began = performance.now()
  const query = read(message)
  if (!query || query.type !== 'query') return undefined
  const reply = await answer(query, transport)
  if (!reply) return undefined
  const bytes = writtenWithin(withExtension(query, reply), transport === 'tcp' ? MOST_OVER_TCP : udpSize(query))
  const flags = reply.flags ?? 0
  note?.({
    transport,
    type: query.questions?.[0]?.type ?? '',
    rcode: rcodes[flags & 15] ?? String(flags & 15),
    isOwn: (flags & AUTHORITATIVE_ANSWER) !== 0,
    seconds: (performance.now() - began) / 1000,
    size: bytes.length,
  })
  return bytes
}

function read(message: Uint8Array): Packet | undefined {
  try {
    return decode(message)
  } catch (error) {
    if (error instanceof RangeError || error instanceof Error) return undefined
    throw error
  }
}
