/**
 * The gateway: a loopback web server that gives the renderer its files and, over one WebSocket, every cluster's API and what
 * Drydock can do to its own clusters. The credentials of clusters never reach the renderer.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { resolve } from 'node:path'
import type { Duplex } from 'node:stream'
import { WebSocketServer, type WebSocket } from 'ws'
import type { ClusterConnection, ClusterSource } from './cluster-actions.ts'
import { createHelm } from './helm/helm.ts'
import { createConsoles } from './kubectl/consoles.ts'
import type { Preferences } from './preferences/preferences.ts'
import { createGuard, wantsChinese, type Denial, type Guard } from './security.ts'
import { serveSession } from './session.ts'
import { securityHeaders, serveFile } from './static-files.ts'
import { createUpstream, type Upstream } from './upstream.ts'

/** What the gateway serves, and to whom it tells what happens at it. */
export interface GatewayOptions {
  clusters: ClusterSource
  /** Folder of the built renderer (`out/renderer`). */
  rendererDirectory: string
  /**
   * The port that is wished for; where it is taken, and by default, any free one. What a browser keeps, it keeps for each address, so only a
   * port of its own lets that outlive the process.
   */
  port?: number
  /** What a person set, for every browser and address; without it that is the browser's too. The gateway stops it. */
  preferences?: Preferences
  /** Shown in the app. */
  version?: string
  /** A link was used up: whoever keeps one for later takes the next. */
  onSignIn?: (next: string) => void
  /** A window was closed, or reloads. */
  onLeave?: () => void
  log?: (message: string, details?: Record<string, unknown>) => void
}

/** Ports of the app: that of the desktop app, and of the host of a cluster that far above the port of its API server. */
export const DESKTOP_PORT = 16_442
const ABOVE_API_SERVER = 10_000

/** The port that the app of a host wishes for, always the same for a cluster; 0 for any where there is no such port. */
export function hostPort(server: string): number {
  const port = Number(new URL(server).port) + ABOVE_API_SERVER
  return port > ABOVE_API_SERVER && port < 65_536 ? port : 0
}

/** The loopback server that the app, in a window or a browser, speaks to. */
export interface Gateway {
  /** Opens the app in one browser, once: it holds a token. */
  url: string
  port: number
  /** Windows that are open. */
  readonly windows: number
  /** A fresh URL for another window. */
  issueUrl(): string
  stop(): Promise<void>
}

/** Opens it. Throws the listener's own error where this machine lets nothing listen. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const {
    clusters,
    version = '',
    onSignIn = () => undefined,
    onLeave = () => undefined,
    log = () => undefined,
  } = options
  const directory = resolve(options.rendererDirectory)
  const server = createServer()
  const port = await listen(server, options.port ?? 0)
  const guard = createGuard(port)
  const upstreams = createUpstreams(clusters)
  const helm = createHelm(clusters)
  const consoles = createConsoles({ clusters, upstream: upstreams.get })
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: 32 << 20 })

  server.on('request', (request, response) => {
    respond(request, response, { guard, directory, onSignIn }).catch((error: unknown) => {
      log('a file could not be served', { url: request.url, error: String(error) })
      if (response.headersSent) response.destroy()
      else response.writeHead(500).end()
    })
  })
  const opened = (socket: WebSocket): void => {
    serveSession({ ...options, socket, helm, consoles, upstream: upstreams.get, version, log })
    socket.on('close', onLeave)
  }
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const denial = pathOf(request) === '/socket' ? guard.check(request, { upgrade: true }) : notFound
    if (denial) refuse(socket, denial)
    else sockets.handleUpgrade(request, socket, head, opened)
  })
  return {
    url: guard.issueUrl(),
    port,
    get windows() {
      return sockets.clients.size
    },
    issueUrl: guard.issueUrl,
    async stop() {
      for (const socket of sockets.clients) socket.terminate()
      upstreams.close()
      await Promise.all([helm.stop(), consoles.stop(), options.preferences?.stop()])
      server.closeAllConnections()
      await new Promise<void>((done) => server.close(() => done()))
    },
  }
}

/** The port it listens on, of this machine alone: the one that is wished for, else any. */
async function listen(server: Server, wished: number): Promise<number> {
  try {
    await listenOn(server, wished)
  } catch (error) {
    if (wished === 0 || !isTaken(error)) throw error
    await listenOn(server, 0)
  }
  return (server.address() as AddressInfo).port
}

const isTaken = (error: unknown): boolean =>
  ['EADDRINUSE', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')

const listenOn = (server: Server, port: number): Promise<void> =>
  new Promise((done, fail) => {
    server.once('error', fail)
    server.listen(port, '127.0.0.1', () => {
      server.off('error', fail)
      done()
    })
  })

const notFound = { code: 404, message: 'Not found.' } as const

interface Site {
  guard: Guard
  directory: string
  onSignIn: (next: string) => void
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  { guard, directory, onSignIn }: Site,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://gateway')
  const denial = guard.check(request)
  const token = url.pathname === '/' ? url.searchParams.get('token') : null
  if (token !== null && (denial === undefined || denial.code === 401)) {
    const cookie = guard.redeem(token)
    if (cookie) onSignIn(guard.issueUrl())
    if (cookie || !denial) {
      response.writeHead(303, {
        location: '/',
        'cache-control': 'no-store',
        ...(cookie ? { 'set-cookie': cookie } : {}),
      })
      return void response.end()
    }
  }
  if (denial) return deny(response, inWordsFor(request, denial))
  if (request.method !== 'GET' && request.method !== 'HEAD') return deny(response, { code: 405, message: 'Only GET.' })
  if (!(await serveFile(directory, url.pathname, response))) deny(response, notFound)
}

const inWordsFor = ({ headers }: IncomingMessage, { code, message, chinese = message }: Denial): Denial => ({
  code,
  message: wantsChinese(headers) ? chinese : message,
})

function deny(response: ServerResponse, { code, message }: { code: number; message: string }): void {
  response.writeHead(code, {
    ...securityHeaders,
    'content-type': 'text/plain; charset=utf-8',
    'cache-control': 'no-store',
  })
  response.end(`${message}\n`)
}

function refuse(socket: Duplex, { code, message }: Denial | typeof notFound): void {
  socket.on('error', () => socket.destroy())
  socket.end(
    `HTTP/1.1 ${code} Refused\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: ${message.length}\r\n\r\n${message}`,
  )
}

const pathOf = (request: IncomingMessage): string => new URL(request.url ?? '/', 'http://gateway').pathname

/** One upstream a cluster, shared by all windows, made anew when its connection changes (another port, rotated certificate). */
function createUpstreams(clusters: ClusterSource): { get(id: string): Upstream; close(): void } {
  const open = new Map<string, { connection: ClusterConnection; upstream: Upstream }>()
  return {
    get(id) {
      const connection = clusters.connection(id)
      if (!connection) throw new Error(`There is no cluster "${id}".`)
      const found = open.get(id)
      if (found && sameConnection(found.connection, connection)) return found.upstream
      found?.upstream.close()
      const upstream = createUpstream(connection)
      open.set(id, { connection, upstream })
      return upstream
    },
    close() {
      for (const { upstream } of open.values()) upstream.close()
    },
  }
}

function sameConnection(a: ClusterConnection, b: ClusterConnection): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b)
}
