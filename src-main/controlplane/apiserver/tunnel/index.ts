import type { IncomingMessage } from 'node:http'
import { connect, type ClientHttp2Session } from 'node:http2'
import type { Duplex } from 'node:stream'
import { systemClock, type Clock } from '../../../../src-kube/machinery/clock.ts'
import { StatusError, badRequest, forbidden } from '../../../../src-kube/machinery/errors.ts'
import { SESSION_MEMORY, windowSizes } from '../../../../src-wire/http2-client.ts'
import type { NodeConnection, NodeTunnels } from '../../../../src-wire/node/node-connection.ts'
import { refuseUpgrade, switchProtocols } from '../../../../src-wire/remote/switch-protocols.ts'
import { keepAlive } from '../../../../src-wire/http2-keep-alive.ts'
import { nodeClient } from '../../../../src-wire/tunnel/node-client.ts'
import { TUNNEL_PATH, TUNNEL_PROTOCOL, type TunnelChannel } from '../../../../src-wire/tunnel/node-paths.ts'
import type { UserInfo } from '../../admission/admission.ts'

export { TUNNEL_PATH }

/** How the server keeps the connections that nodes dial. */
export interface TunnelsOptions {
  clock?: Clock
  /** Milliseconds between pings. Default 5,000: a cut network is noticed within 15 seconds. */
  pingInterval?: number
  /** Told when a node's first connection stands and when its last is gone. */
  onChange?(node: string, connected: boolean): void
}

/** The tunnels, and the door through which nodes make them. */
export interface Tunnels extends NodeTunnels {
  /**
   * Takes an upgrade of `/drydock/v1/tunnel?node=…&channel=control|bulk` by an authenticated user, who must be
   * `system:node:<node>`. Answers and owns the socket, whatever happens.
   */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer, user: UserInfo): Promise<void>
  /** Tells of every control connection that stands, also of one that replaces another: the agent may be a new one. Answers how to end it. */
  onConnect(listener: (node: string) => void): () => void
  /** Drops every connection and takes no more; nobody is told. */
  close(): void
}

/** The API server's end of the node tunnels: HTTP/2 client over the sockets the nodes dialled. */
export const createTunnels = (options: TunnelsOptions = {}): Tunnels => new TunnelServer(options)

class TunnelServer implements Tunnels {
  readonly #options: TunnelsOptions
  readonly #nodes = new Map<string, Tunnel>()
  readonly #listeners = new Set<(node: string) => void>()
  #isClosed = false

  constructor(options: TunnelsOptions) {
    this.#options = options
  }

  async handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer, user: UserInfo): Promise<void> {
    socket.on('error', () => socket.destroy())
    try {
      await this.#accept(request, socket, head, user)
    } catch (error) {
      if (!(error instanceof StatusError)) socket.destroy()
      else refuseUpgrade(socket, error.code, error.toStatus())
    }
  }

  get(node: string): NodeConnection {
    const tunnel = this.#nodes.get(node)
    if (tunnel) return tunnel.connection
    throw notConnected(node)
  }

  has(node: string): boolean {
    return this.#nodes.has(node)
  }

  list(): string[] {
    return [...this.#nodes.keys()]
  }

  onConnect(listener: (node: string) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  close(): void {
    this.#isClosed = true
    const all = [...this.#nodes.values()]
    this.#nodes.clear()
    for (const tunnel of all) tunnel.destroy()
  }

  async #accept(request: IncomingMessage, socket: Duplex, head: Buffer, user: UserInfo): Promise<void> {
    const { node, channel } = parse(request, user)
    if (this.#isClosed) throw new StatusError(503, 'ServiceUnavailable', 'the server is shutting down')
    await switchProtocols(socket, { upgrade: TUNNEL_PROTOCOL })
    // While that was written the server may have closed, and a dead socket would never tell of its end.
    if (this.#isClosed || socket.destroyed) return void socket.destroy()
    if (head.length > 0) socket.unshift(head)
    const session = connect('http://node', {
      createConnection: () => socket,
      maxSessionMemory: SESSION_MEMORY,
      settings: { enablePush: false, initialWindowSize: windowSizes.stream },
    })
    // Before the session itself hears of it, and ends its streams as if they were whole.
    socket.prependOnceListener('close', () => session.destroy(new Error('the connection was closed')))
    session.once('connect', () => session.destroyed || session.setLocalWindowSize(windowSizes.session))
    this.#enter(node, channel, session)
  }

  #enter(node: string, channel: TunnelChannel, session: ClientHttp2Session): void {
    const known = this.#nodes.get(node)
    const tunnel = known ?? new Tunnel(node)
    this.#nodes.set(node, tunnel)
    this.#onceClosed(session, () => {
      // A replaced session, and one of a tunnel that ended, has nothing to take along.
      if (!tunnel.drop(channel, session) || this.#nodes.get(node) !== tunnel) return
      this.#nodes.delete(node)
      tunnel.end()
      this.#options.onChange?.(node, false)
    })
    tunnel.use(channel, session)
    if (!known) this.#options.onChange?.(node, true)
    if (channel === 'control') for (const listener of this.#listeners) listener(node)
  }

  /** What takes a session in must not end before this is heard: one that nobody forgets would be a node that is never gone. */
  #onceClosed(session: ClientHttp2Session, then: () => void): void {
    const { clock = systemClock, pingInterval = 5_000 } = this.#options
    const stopPings = keepAlive(session, clock, pingInterval)
    // The cause reaches every stream of the session; here it only must not end the process.
    session.on('error', () => undefined)
    session.once('close', () => {
      stopPings()
      then()
    })
  }
}

function parse(request: IncomingMessage, user: UserInfo): { node: string; channel: TunnelChannel } {
  const query = new URL(request.url ?? '/', 'https://server').searchParams
  const node = query.get('node') ?? ''
  const channel = query.get('channel')
  if (request.headers.upgrade !== TUNNEL_PROTOCOL) throw badRequest(`the upgrade must be to ${TUNNEL_PROTOCOL}`)
  if (!node || (channel !== 'control' && channel !== 'bulk')) throw badRequest('node and channel are required')
  if (user.name !== `system:node:${node}` || !user.groups.includes('system:nodes')) {
    throw forbidden({ group: '', resource: 'nodes' }, node, `user "${user.name}" may not open a tunnel for this node`)
  }
  return { node, channel }
}

const notConnected = (node: string): StatusError =>
  new StatusError(502, 'BadGateway', `error dialing backend: no connection from node "${node}"`)

/** One node's connections. A node that dials again replaces its older connection of that channel. */
class Tunnel {
  readonly connection: NodeConnection
  readonly #sessions = new Map<TunnelChannel, ClientHttp2Session>()
  readonly #closed = new AbortController()

  constructor(node: string) {
    const client = nodeClient((channel, headers) => {
      const session = this.#usable(channel)
      if (!session) throw notConnected(node)
      return session.request(headers, { endStream: false })
    })
    this.connection = { ...client, node, closed: this.#closed.signal }
  }

  /** While one connection is being dialled again the other serves for both; one that is closed tells so only later. */
  #usable(channel: TunnelChannel): ClientHttp2Session | undefined {
    const all = [this.#sessions.get(channel), ...this.#sessions.values()]
    return all.find((session) => session && !session.destroyed && !session.closed)
  }

  use(channel: TunnelChannel, session: ClientHttp2Session): void {
    const older = this.#sessions.get(channel)
    this.#sessions.set(channel, session)
    older?.destroy(new Error('the node connected anew'))
  }

  /** Whether that was the last one. */
  drop(channel: TunnelChannel, session: ClientHttp2Session): boolean {
    if (this.#sessions.get(channel) === session) this.#sessions.delete(channel)
    return this.#sessions.size === 0
  }

  end(): void {
    this.#closed.abort()
  }

  destroy(): void {
    this.end()
    for (const session of this.#sessions.values()) session.destroy()
  }
}
