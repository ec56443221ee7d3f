import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { once } from 'node:events'
import type { Clock } from '../../../src-kube/machinery/clock.ts'
import type { ProxyEndpoint } from '../rules/model.ts'
import type { Relay } from './relay.ts'
import { Turns } from './turns.ts'

/** Milliseconds that an endpoint has to take a connection before the next one is tried. */
const PATIENCE = 2_000

/** Connections of TCP that come here go on to an endpoint, those that stand also when it is no endpoint any more. */
export class StreamRelay implements Relay {
  readonly #server: Server
  readonly #clock: Clock
  readonly #turns = new Turns()
  readonly #sockets = new Set<Socket>()

  private constructor(server: Server, clock: Clock) {
    this.#server = server
    this.#clock = clock
    server.on('connection', (client) => void this.#accept(client))
  }

  static async open(address: string, clock: Clock): Promise<StreamRelay> {
    const server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true })
    server.listen(0, address)
    await once(server, 'listening')
    return new StreamRelay(server, clock)
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  update(endpoints: readonly ProxyEndpoint[], affinitySeconds: number | undefined): void {
    this.#turns.update(endpoints, affinitySeconds)
  }

  async #accept(client: Socket): Promise<void> {
    this.#track(client)
    const address = client.remoteAddress ?? ''
    for (const endpoint of this.#turns.order(address, this.#clock.now())) {
      const server = await this.#dial(endpoint)
      if (!server) continue
      if (client.destroyed) return void server.destroy()
      this.#turns.keep(address, endpoint, this.#clock.now())
      return join(client, server)
    }
    client.resetAndDestroy()
  }

  /** Undefined for an endpoint that takes no connection. */
  async #dial({ ip, port }: ProxyEndpoint): Promise<Socket | undefined> {
    const socket = connect({ host: ip, port, allowHalfOpen: true, noDelay: true })
    this.#track(socket)
    const timer = this.#clock.after(PATIENCE, () => socket.destroy(new Error('took too long')))
    try {
      await once(socket, 'connect')
      return socket
    } catch {
      return undefined
    } finally {
      timer.cancel()
    }
  }

  #track(socket: Socket): void {
    this.#sockets.add(socket)
    socket.on('error', () => socket.destroy())
    socket.once('close', () => this.#sockets.delete(socket))
  }

  close(): void {
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
  }
}

/** What either says the other hears, its end included; who breaks off breaks off both. */
function join(client: Socket, server: Socket): void {
  client.pipe(server)
  server.pipe(client)
  client.once('close', () => server.destroy())
  server.once('close', () => (server.errored ? client.resetAndDestroy() : client.destroySoon()))
}
