import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { afterEach, describe, expect, it } from 'vitest'
import { UdpTunnel } from './udp-tunnel.ts'

const open: Array<{ close(): unknown }> = []
afterEach(() => open.splice(0).forEach((one) => one.close()))

/** An IPv4 packet as far as routers look at it, with a payload to tell it by. */
function packet(source: string, destination: string, payload: string): Buffer {
  const octets = (address: string): number[] => address.split('.').map(Number)
  return Buffer.from([
    0x45,
    ...Array.from({ length: 11 }, () => 0),
    ...octets(source),
    ...octets(destination),
    ...Buffer.from(payload),
  ])
}

/** A node at an address of loopback: its tunnel, and what stands for its helper. */
async function node(nodeIp: string, port: number) {
  const tunnel = await UdpTunnel.open({ nodeIp, port })
  const helper = createSocket('udp4')
  helper.bind(tunnel.helperPort, '127.0.0.1')
  await once(helper, 'listening')
  open.push(tunnel, helper)
  const send = (bytes: Buffer): void => helper.send(bytes, tunnel.port, '127.0.0.1')
  return { tunnel, helper, send }
}

const next = async (socket: Socket): Promise<string> =>
  String(((await once(socket, 'message')) as [Buffer])[0].subarray(20))

async function freePort(): Promise<number> {
  const socket = createSocket('udp4')
  socket.bind(0, '127.0.0.2')
  await once(socket, 'listening')
  const { port } = socket.address()
  socket.close()
  return port
}

async function twoNodes() {
  const port = await freePort()
  const [one, two] = [await node('127.0.0.2', port), await node('127.0.0.3', port)]
  one.tunnel.meet([{ node: 'n2', publicIp: '127.0.0.3', subnet: '10.244.2.0/24', mac: undefined }])
  two.tunnel.meet([{ node: 'n1', publicIp: '127.0.0.2', subnet: '10.244.1.0/24', mac: undefined }])
  return { one, two, port }
}

describe('UdpTunnel', () => {
  it('brings a packet to the node whose subnet it goes to, and the answer back', async () => {
    const { one, two } = await twoNodes()
    const there = next(two.helper)
    one.send(packet('10.244.1.5', '10.244.2.7', 'ping'))
    expect(await there).toBe('ping')
    const back = next(one.helper)
    two.send(packet('10.244.2.7', '10.244.1.5', 'pong'))
    expect(await back).toBe('pong')
  })

  it('drops what leads nowhere, what is no packet, and what speaks for pods of another node', async () => {
    const { one, two, port } = await twoNodes()
    const stranger = createSocket('udp4')
    open.push(stranger)
    const first = next(two.helper)
    one.send(packet('10.244.1.5', '10.244.9.7', 'to nobody'))
    one.send(Buffer.from('no packet'))
    one.send(packet('10.244.3.5', '10.244.2.7', 'of another node'))
    stranger.bind(0, '127.0.0.4')
    await once(stranger, 'listening')
    stranger.send(packet('10.244.1.5', '10.244.2.7', 'of a stranger'), port, '127.0.0.3')
    one.send(packet('10.244.1.5', '10.244.2.7', 'good'))
    expect(await first).toBe('good')
  })

  it('forgets a peer that left', async () => {
    const { one, two } = await twoNodes()
    one.tunnel.meet([{ node: 'n3', publicIp: '127.0.0.3', subnet: '10.244.3.0/24', mac: undefined }])
    const first = next(two.helper)
    one.send(packet('10.244.1.5', '10.244.2.7', 'to who left'))
    one.send(packet('10.244.1.5', '10.244.3.7', 'to who came'))
    expect(await first).toBe('to who came')
  })

  it('takes nothing on loopback but from its helper', async () => {
    const { one, two } = await twoNodes()
    const other = createSocket('udp4')
    open.push(other)
    other.send(packet('10.244.1.5', '10.244.2.7', 'forged'), one.tunnel.port, '127.0.0.1')
    await once(other, 'listening')
    const there = next(two.helper)
    one.send(packet('10.244.1.5', '10.244.2.7', 'good'))
    expect(await there).toBe('good')
  })
})
