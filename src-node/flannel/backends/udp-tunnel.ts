import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { addressesOf, NetworkTable } from '../plan/packet.ts'
import type { Peer } from '../plan/peers.ts'

/** The socket that packets go through in the backend `udp`. */
export interface UdpTunnelOptions {
  /** Address on the node network. */
  nodeIp: string
  /** Where every node listens for the others' packets. */
  port: number
}

const LOOPBACK = '127.0.0.1'

/**
 * Packets of pods on their way between this node's TUN device and other nodes, each in a datagram as it is: those of the device come and go by
 * loopback, where a helper has the device open. What leads to no peer, or comes from none, is dropped, as by a router without a route.
 */
export class UdpTunnel {
  readonly #port: number
  readonly #outside: Socket
  readonly #inside: Socket
  /** Port of the helper on loopback. */
  readonly helperPort: number
  #bySubnet = new NetworkTable<Peer>([])
  #byAddress = new Map<string, NetworkTable<true>>()

  private constructor(port: number, outside: Socket, inside: Socket, helperPort: number) {
    this.#port = port
    this.#outside = outside
    this.#inside = inside
    this.helperPort = helperPort
    outside.on('message', (packet, from) => this.#arrived(packet, from.address))
    inside.on('message', (packet) => this.#leaves(packet))
  }

  /** Throws the system's own error, for a port that is taken. */
  static async open({ nodeIp, port }: UdpTunnelOptions): Promise<UdpTunnel> {
    const outside = await bound(port, nodeIp)
    const inside = await bound(0, LOOPBACK)
    // Found free now and told to the helper, so that the kernel takes nothing from anybody else.
    const probe = await bound(0, LOOPBACK)
    const helperPort = probe.address().port
    probe.close()
    inside.connect(helperPort, LOOPBACK)
    await once(inside, 'connect')
    return new UdpTunnel(port, outside, inside, helperPort)
  }

  /** Port on loopback where the helper brings the device's packets. */
  get port(): number {
    return this.#inside.address().port
  }

  meet(peers: readonly Peer[]): void {
    this.#bySubnet = new NetworkTable(peers.map((peer) => [peer.subnet, peer]))
    this.#byAddress = new Map(peers.map(({ publicIp, subnet }) => [publicIp, new NetworkTable([[subnet, true]])]))
  }

  #leaves(packet: Buffer): void {
    const addresses = addressesOf(packet)
    const peer = addresses && this.#bySubnet.find(addresses.destination)
    if (peer) this.#outside.send(packet, this.#port, peer.publicIp)
  }

  /** A node speaks for its own pods and for itself, for nobody else's. */
  #arrived(packet: Buffer, node: string): void {
    const addresses = addressesOf(packet)
    if (addresses && this.#byAddress.get(node)?.find(addresses.source)) this.#inside.send(packet)
  }

  close(): void {
    this.#outside.close()
    this.#inside.close()
  }
}

async function bound(port: number, address: string): Promise<Socket> {
  const socket = createSocket('udp4')
  socket.bind(port, address)
  await once(socket, 'listening')
  // A datagram that cannot be sent is lost, as any may be; without a listener it would end the agent.
  socket.on('error', () => {})
  return socket
}
