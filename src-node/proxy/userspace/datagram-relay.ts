import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { once } from 'node:events'
import type { Clock, Timer } from '../../../src-kube/machinery/clock.ts'
import type { ProxyEndpoint } from '../rules/model.ts'
import type { Relay } from './relay.ts'
import { Turns } from './turns.ts'

/** Milliseconds without a datagram after which a client's way is forgotten. */
const IDLE = 30_000

interface Way {
  endpoint: ProxyEndpoint
  socket: Socket
  timer: Timer
}

/** Datagrams of a client go to one endpoint for as long as it sends, by a socket of its own, so that the answers find back. */
export class DatagramRelay implements Relay {
  readonly #socket: Socket
  readonly #clock: Clock
  readonly #turns = new Turns()
  readonly #ways = new Map<string, Way>()

  private constructor(socket: Socket, clock: Clock) {
    this.#socket = socket
    this.#clock = clock
    socket.on('message', (datagram, from) => this.#take(datagram, from))
  }

  static async open(address: string, clock: Clock): Promise<DatagramRelay> {
    const socket = createSocket('udp4')
    socket.bind(0, address)
    await once(socket, 'listening')
    // A datagram that cannot be sent is lost, as any may be.
    socket.on('error', () => {})
    return new DatagramRelay(socket, clock)
  }

  get port(): number {
    return this.#socket.address().port
  }

  /** Clients of an endpoint that is gone go to another one with their next datagram. */
  update(endpoints: readonly ProxyEndpoint[], affinitySeconds: number | undefined): void {
    this.#turns.update(endpoints, affinitySeconds)
    const there = new Set(endpoints.map(({ ip, port }) => `${ip}:${port}`))
    for (const [client, { endpoint }] of this.#ways)
      if (!there.has(`${endpoint.ip}:${endpoint.port}`)) this.#forget(client)
  }

  #take(datagram: Buffer, from: RemoteInfo): void {
    const way = this.#wayOf(from)
    if (!way) return
    this.#keepAwake(way, from)
    way.socket.send(datagram, way.endpoint.port, way.endpoint.ip)
  }

  #wayOf(from: RemoteInfo): Way | undefined {
    const client = nameOf(from)
    const known = this.#ways.get(client)
    if (known) return known
    const now = this.#clock.now()
    const [endpoint] = this.#turns.order(from.address, now)
    if (!endpoint) return undefined
    this.#turns.keep(from.address, endpoint, now)
    const socket = createSocket('udp4')
    socket.on('error', () => this.#forget(client))
    socket.on('message', (answer) => {
      this.#keepAwake(way, from)
      this.#socket.send(answer, from.port, from.address)
    })
    const way: Way = { endpoint, socket, timer: this.#clock.after(IDLE, () => this.#forget(client)) }
    this.#ways.set(client, way)
    return way
  }

  #keepAwake(way: Way, from: RemoteInfo): void {
    way.timer.cancel()
    way.timer = this.#clock.after(IDLE, () => this.#forget(nameOf(from)))
  }

  #forget(client: string): void {
    const way = this.#ways.get(client)
    if (!way) return
    this.#ways.delete(client)
    way.timer.cancel()
    way.socket.close()
  }

  close(): void {
    for (const client of this.#ways.keys()) this.#forget(client)
    this.#socket.close()
  }
}

const nameOf = ({ address, port }: RemoteInfo): string => `${address}:${port}`
