import type { IncomingMessage } from 'node:http'
import { connect } from 'node:http2'
import type { Duplex } from 'node:stream'
import { systemClock, type Clock } from '../../../../src-kube/machinery/clock.ts'
import { StatusError, badRequest, forbidden } from '../../../../src-kube/machinery/errors.ts'
import { SESSION_MEMORY, windowSizes } from '../../../../src-wire/http2-client.ts'
import type { NodeConnection, NodeTunnels } from '../../../../src-wire/node/node-connection.ts'
import { refuseUpgrade, switchProtocols } from '../../../../src-wire/remote/switch-protocols.ts'
import { keepAlive } from '../../../../src-wire/http2-keep-alive.ts'
import { nodeClient, type StreamOptions } from '../../../../src-wire/tunnel/node-client.ts'
import { TUNNEL_PATH, TUNNEL_PROTOCOL, type TunnelChannel } from '../../../../src-wire/tunnel/node-paths.ts'
import type { UserInfo } from '../../admission/admission.ts'
import { NodeSession } from './node-session.ts'

export { TUNNEL_PATH }

/** How the server keeps the connections that nodes dial. */
export interface TunnelsOptions {
  clock?: Clock
  /** Milliseconds between pings. Default 5,000: a cut network, or a frozen node, is noticed within 15 seconds. */
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
  /** Those that were told of as connected. */
  readonly #told = new Set<string>()
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
    if (tunnel?.isHeard) return tunnel.connection
    throw notConnected(node)
  }

  has(node: string): boolean {
    return this.#nodes.get(node)?.isHeard === true
  }

  list(): string[] {
    return [...this.#nodes].filter(([, tunnel]) => tunnel.isHeard).map(([node]) => node)
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
    this.#keep(new NodeSession(node, channel, session))
  }

  /** What takes a session in must not end before its end is heard: one that nobody forgets would be a node that is never gone. */
  #keep(one: NodeSession): void {
    const { clock = systemClock, pingInterval = 5_000 } = this.#options
    const { session } = one
    const stopPings = keepAlive(session, clock, pingInterval, {
      fell: (error) => {
        one.fallSilent(error)
        this.#tell(one.node)
      },
      ended: () => {
        one.endSilence()
        try {
          this.#enter(one)
        } catch (error) {
          session.destroy(error as Error)
        }
      },
    })
    // The cause reaches every stream of the session; here it only must not end the process.
    session.on('error', () => undefined)
    session.once('close', () => {
      stopPings()
      this.#leave(one)
      this.#tell(one.node)
    })
    this.#enter(one)
  }

  #enter(one: NodeSession): void {
    const { node, channel } = one
    const tunnel = this.#nodes.get(node) ?? new Tunnel(node)
    this.#nodes.set(node, tunnel)
    tunnel.use(one)
    this.#tell(node)
    if (channel === 'control') for (const listener of this.#listeners) listener(node)
  }

  /** A replaced connection, and one of a tunnel that ended, has nothing to take along. */
  #leave(one: NodeSession): void {
    const tunnel = this.#nodes.get(one.node)
    if (!tunnel?.drop(one)) return
    this.#nodes.delete(one.node)
    tunnel.end()
  }

  #tell(node: string): void {
    const isConnected = this.has(node)
    if (this.#isClosed || isConnected === this.#told.has(node)) return
    if (isConnected) this.#told.add(node)
    else this.#told.delete(node)
    if (!isConnected) this.#nodes.get(node)?.end()
    this.#options.onChange?.(node, isConnected)
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
  readonly #node: string
  readonly #client: ReturnType<typeof nodeClient>
  readonly #sessions = new Map<TunnelChannel, NodeSession>()
  /** Of what was handed out since the node was last heard. */
  #closed = new AbortController()

  constructor(node: string) {
    this.#node = node
    this.#client = nodeClient((channel, headers, options = {}) => {
      const usable = this.#usable(channel, options)
      if (!usable) throw notConnected(node)
      return usable.request(headers, options)
    })
  }

  get connection(): NodeConnection {
    if (this.#closed.signal.aborted) this.#closed = new AbortController()
    return { ...this.#client, node: this.#node, closed: this.#closed.signal }
  }

  get isHeard(): boolean {
    return [...this.#sessions.values()].some((one) => one.isHeard)
  }

  /** While one connection is being dialled again the other serves for both. What lasts, as another connection to a forwarded port, waits for a silent node. */
  #usable(channel: TunnelChannel, { isLasting = false }: StreamOptions): NodeSession | undefined {
    const first = this.#sessions.get(channel)
    const all = [...(first ? [first] : []), ...this.#sessions.values()]
    return all.find((one) => one.isHeard) ?? (isLasting ? all.find((one) => one.isOpen) : undefined)
  }

  use(one: NodeSession): void {
    const older = this.#sessions.get(one.channel)
    this.#sessions.set(one.channel, one)
    if (older !== one) older?.session.destroy(new Error('the node connected anew'))
  }

  /** Whether that was the last one. */
  drop(one: NodeSession): boolean {
    if (this.#sessions.get(one.channel) === one) this.#sessions.delete(one.channel)
    return this.#sessions.size === 0
  }

  end(): void {
    this.#closed.abort()
  }

  destroy(): void {
    this.end()
    for (const { session } of this.#sessions.values()) session.destroy()
  }
}
