/**
 * Nodes call out: the agent dials the API server, which then asks for logs, shells and connections over the very socket that it was given. The
 * socket is upgraded from HTTP/1.1 to HTTP/2 with the roles turned round: the agent, which dialled, is HTTP/2's server. So every question is a
 * stream with a window and an end of its own, and nothing of that had to be invented.
 *
 * Rejected: the API server dialling the kubelet's port, as upstream has it. Where Docker runs in a virtual machine, the desktop has no way to the
 * addresses of nodes. Rejected, too: one connection for everything. A window is shared by all streams of a session, and what is small would wait
 * behind images; hence `control` and `bulk`.
 *
 * It costs a reconnection whenever the control plane starts anew: until then a node cannot be asked anything, while its pods run on.
 */
import { performServerHandshake, type ServerHttp2Session } from 'node:http2'
import { request } from 'node:https'
import type { Duplex } from 'node:stream'
import type { SecureContextOptions } from 'node:tls'
import { systemClock, type Clock, type Timer } from '../../src-kube/machinery/clock.ts'
import { SESSION_MEMORY, windowSizes } from '../http2-client.ts'
import { keepAlive } from '../http2-keep-alive.ts'
import type { NodeServices, PodStreams } from '../node/pod-streams.ts'
import { serveNodeStream } from './node-server.ts'
import { TUNNEL_PATH, TUNNEL_PROTOCOL, type TunnelChannel } from './node-paths.ts'

/** What a node dials and what it offers there. The tunnel is dialled anew, ever more slowly, until `signal` aborts. */
export interface ConnectTunnelOptions {
  /** `https://host:port` of the API server. */
  server: string
  /** The node's client certificate; a function is asked before each dial, because certificates rotate. */
  tls: TunnelTls | (() => TunnelTls)
  /** Name of the node, as in its certificate. */
  node: string
  streams: PodStreams & NodeServices
  signal: AbortSignal
  clock?: Clock
  /** Milliseconds between pings in an open connection. Default 5,000. */
  pingInterval?: number
  /** Told of every connection made and lost. */
  onState?(channel: TunnelChannel, state: 'connected' | 'lost', error?: Error): void
}

/** PEM of a node's certificate and key, and of the authority that signed the server's. */
export interface TunnelTls {
  ca?: SecureContextOptions['ca']
  cert: SecureContextOptions['cert']
  key: SecureContextOptions['key']
  serverName?: string | undefined
}

/** `stood`: milliseconds after which a connection that is lost was a good one: two agents of one name would else replace each other without pause. */
const backoff = { first: 250, most: 10_000, dialTimeout: 10_000, stood: 10_000 } as const

/**
 * Keeps the node's two connections to the API server and serves what it asks over them.
 * Each dials again by itself, with back-off and jitter, until the signal aborts. Returns at once.
 */
export function connectTunnel(options: ConnectTunnelOptions): void {
  for (const channel of ['control', 'bulk'] as const) keepConnected(options, channel)
}

function keepConnected(options: ConnectTunnelOptions, channel: TunnelChannel): void {
  const clock = options.clock ?? systemClock
  let failures = 0
  let timer: Timer | undefined
  options.signal.addEventListener('abort', () => timer?.cancel(), { once: true })
  const again = (error?: Error) => {
    if (options.signal.aborted) return
    options.onState?.(channel, 'lost', error)
    const delay = Math.min(backoff.most, backoff.first * 2 ** failures++)
    timer = clock.after(delay * (0.5 + Math.random() / 2), attempt)
  }
  const attempt = () => {
    if (options.signal.aborted) return
    dial(options, channel, clock).then((session) => {
      const since = clock.monotonic()
      options.onState?.(channel, 'connected')
      serve(session, options, clock, (error) => {
        if (clock.monotonic() - since >= backoff.stood) failures = 0
        again(error)
      })
    }, again)
  }
  attempt()
}

/** HTTP/1.1 upgrade over TLS; the same socket then carries HTTP/2 with the roles turned round. */
async function dial(options: ConnectTunnelOptions, channel: TunnelChannel, clock: Clock): Promise<ServerHttp2Session> {
  const { serverName, ...tls } = typeof options.tls === 'function' ? options.tls() : options.tls
  const query = new URLSearchParams({ node: options.node, channel }).toString()
  return new Promise((resolve, reject) => {
    const call = request(`${options.server}${TUNNEL_PATH}?${query}`, {
      ...tls,
      ...(serverName ? { servername: serverName } : {}),
      agent: false,
      headers: { connection: 'Upgrade', upgrade: TUNNEL_PROTOCOL },
    })
    const timer = clock.after(backoff.dialTimeout, () => call.destroy(new Error('timed out')))
    const abort = () => call.destroy(new Error('stopped'))
    options.signal.addEventListener('abort', abort, { once: true })
    const settled = () => {
      timer.cancel()
      options.signal.removeEventListener('abort', abort)
    }
    call.once('upgrade', (_response, socket, head) => {
      settled()
      try {
        resolve(handshake(socket, head))
      } catch (error) {
        socket.destroy()
        reject(error)
      }
    })
    call.once('response', (response) => {
      settled()
      response.resume()
      reject(new Error(`the API server answered ${response.statusCode}`))
      call.destroy()
    })
    call.on('error', (error) => {
      settled()
      reject(error)
    })
    call.end()
  })
}

function handshake(socket: Duplex, head: Buffer): ServerHttp2Session {
  if (head.length > 0) socket.unshift(head)
  const session = performServerHandshake(socket, {
    maxSessionMemory: SESSION_MEMORY,
    settings: { initialWindowSize: windowSizes.stream, maxConcurrentStreams: 10_000 },
  })
  session.setLocalWindowSize(windowSizes.session)
  return session
}

function serve(
  session: ServerHttp2Session,
  options: ConnectTunnelOptions,
  clock: Clock,
  lost: (error?: Error) => void,
): void {
  let failure: Error | undefined
  const stopPings = keepAlive(session, clock, options.pingInterval ?? 5_000)
  const abort = () => session.destroy()
  options.signal.addEventListener('abort', abort, { once: true })
  session.on('stream', (stream, headers) => void serveNodeStream(stream, headers, options.streams))
  session.on('error', (error: Error) => (failure = error))
  session.once('close', () => {
    stopPings()
    options.signal.removeEventListener('abort', abort)
    lost(failure)
  })
  if (options.signal.aborted) abort()
}
