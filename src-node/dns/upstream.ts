import { createSocket } from 'node:dgram'
import { connect } from 'node:net'
import { decode, encode, type Packet } from 'dns-packet'

/** Milliseconds a server gets before the next is asked. */
const TIMEOUT = 2_000

/** The `nameserver` lines of a resolv.conf, without `own` addresses: asking ourselves would be a loop. */
export function upstreamServers(resolvConf: string, own: readonly string[]): string[] {
  return resolvConf
    .split('\n')
    .map((line) => /^\s*nameserver\s+([\d.]+)\s*$/.exec(line)?.[1])
    .filter((address) => address !== undefined)
    .filter((address) => !own.includes(address))
}

/**
 * Passes a query on and answers the reply with the query's own id; a truncated one is asked again over TCP. Undefined when no
 * server answers in time. A server is an `address`, which is asked at `usual`, or `address:port`.
 */
export async function forward(query: Packet, servers: readonly string[], usual = 53): Promise<Packet | undefined> {
  for (const place of servers) {
    const [server = '', own] = place.split(':')
    const port = own === undefined ? usual : Number(own)
    const id = Math.floor(Math.random() * 65_536)
    const message = encode({ ...query, id })
    const reply = await overUdp(message, id, server, port)
    if (!reply) continue
    const whole = reply.flag_tc ? ((await overTcp(message, server, port)) ?? reply) : reply
    return { ...whole, ...(query.id === undefined ? {} : { id: query.id }) }
  }
  return undefined
}

function overUdp(message: Uint8Array, id: number, server: string, port: number): Promise<Packet | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4')
    const done = (reply: Packet | undefined): void => {
      clearTimeout(timer)
      socket.close()
      resolve(reply)
    }
    const timer = setTimeout(() => done(undefined), TIMEOUT)
    socket.once('error', () => done(undefined))
    socket.on('message', (bytes) => {
      const reply = safely(bytes)
      if (reply?.id === id) done(reply)
    })
    socket.connect(port, server, () => socket.send(message))
  })
}

function overTcp(message: Uint8Array, server: string, port: number): Promise<Packet | undefined> {
  return new Promise((resolve) => {
    const socket = connect(port, server)
    let received: Buffer = Buffer.alloc(0)
    const done = (reply: Packet | undefined): void => {
      socket.destroy()
      resolve(reply)
    }
    socket.setTimeout(TIMEOUT, () => done(undefined))
    socket.once('error', () => done(undefined))
    socket.once('connect', () => {
      const length = Buffer.alloc(2)
      length.writeUInt16BE(message.length)
      socket.write(Buffer.concat([length, message]))
    })
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk])
      if (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0)) done(safely(received.subarray(2)))
    })
  })
}

function safely(bytes: Uint8Array): Packet | undefined {
  try {
    return decode(bytes)
  } catch (error) {
    if (error instanceof Error) return undefined
    throw error
  }
}
