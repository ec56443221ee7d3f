import { Agent as HttpAgent, request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { WebSocket } from 'ws'
import type { ClusterConnection } from './cluster-actions.ts'
import { createSignedIn, type Credentials, type SignedIn } from './sign-in.ts'

/** A request to a cluster's API server; the way there adds who asks. */
export interface UpstreamRequest {
  method: string
  /** Path and query. */
  path: string
  accept?: string | undefined
  contentType?: string | undefined
  body?: string | undefined
  signal?: AbortSignal | undefined
}

/** One cluster's API server, reached with the credentials of its connection. */
export interface Upstream {
  request(options: UpstreamRequest): Promise<IncomingMessage>
  /** A WebSocket that is still connecting; the caller handles `unexpected-response` and `error`. */
  connect(path: string, protocol: string): WebSocket
  /** What its own program signs in with; undefined where the connection says it all. */
  credentials(): Promise<Credentials | undefined>
  close(): void
}

/** Paths the renderer may ask for: the API, what describes it, and what our own servers tell beside it. */
const ALLOWED =
  /^\/(api|apis|openapi|version|livez|readyz|healthz|metrics|debug\/(?:scheduler|history)|drydock\/v1\/trace)(\/|\?|$)/

/** The way to a cluster's API server. Nothing is sent before the first request. */
export function createUpstream(connection: ClusterConnection): Upstream {
  const base = new URL(connection.server)
  const prefix = base.pathname.replace(/\/$/, '')
  const signedIn = connection.signIn && createSignedIn(connection.signIn, connection)
  const ways = createWays(connection, base)

  const target = (path: string, protocol = base.protocol): URL => {
    const url = new URL(`${protocol}//${base.host}${prefix}${ALLOWED.test(path) ? path : ''}`)
    // As it is sent: `..` in any spelling (`%2e%2e`, behind `\\`) is resolved by now, and may have led out of the cluster's own paths.
    const sent = url.pathname.startsWith(prefix) ? url.pathname.slice(prefix.length) : ''
    if (!ALLOWED.test(sent) || /(^|\/)\.\.(\/|$|\?)/.test(path)) throw new Error(`${path} is not a path of the API`)
    return url
  }
  return {
    async request(options) {
      const url = target(options.path)
      const credentials = await signedIn?.credentials()
      const response = await send(url, options, ways.of(credentials))
      if (response.statusCode !== 401 || !signedIn || !credentials) return response
      signedIn.refuse(credentials)
      const others = await signedIn.credentials()
      if (others === credentials) return response
      response.resume()
      return send(url, options, ways.of(others))
    },
    connect(path, protocol) {
      const url = target(path, base.protocol === 'https:' ? 'wss:' : 'ws:')
      const { agent, headers, tls } = ways.of(signedIn?.last)
      const signing = signedIn ? { finishRequest: (request: ClientRequest) => void sign(request, signedIn) } : {}
      return new WebSocket(url, [protocol], { ...tls, agent, headers, perMessageDeflate: false, ...signing })
    },
    credentials: async () => signedIn?.credentials(),
    close: ways.close,
  }
}

/** Sends a request that is made already, once its token holds. */
async function sign(request: ClientRequest, signedIn: SignedIn): Promise<void> {
  try {
    const { token } = await signedIn.credentials()
    if (token) request.setHeader('authorization', `Bearer ${token}`)
    request.end()
  } catch (error) {
    request.destroy(error as Error)
  }
}

/** How requests go with some credentials. */
interface Way {
  agent: HttpAgent | HttpsAgent
  headers: Record<string, string | string[]>
  tls: TlsOptions
}

/** One transport for each certificate: a connection made with one must not serve requests of another. */
function createWays(connection: ClusterConnection, base: URL): { of(credentials?: Credentials): Way; close(): void } {
  const agents = new Map<string, HttpAgent | HttpsAgent>()
  const proxyEnv = proxyOf(connection.proxy, base)
  const agentFor = (tls: TlsOptions): HttpAgent | HttpsAgent => {
    const key = tls.cert ?? ''
    const options = { keepAlive: true, ...(proxyEnv ? { proxyEnv } : {}) }
    const found =
      agents.get(key) ?? (base.protocol === 'https:' ? new HttpsAgent({ ...options, ...tls }) : new HttpAgent(options))
    agents.set(key, found)
    return found
  }
  return {
    of(credentials) {
      const who = { ...connection, ...credentials }
      const tls = tlsOptions(who)
      return { agent: agentFor(tls), headers: identityHeaders(who), tls }
    },
    close: () => agents.forEach((agent) => agent.destroy()),
  }
}

function identityHeaders({ token, basic, impersonate }: ClusterConnection): Record<string, string | string[]> {
  const secret = basic && Buffer.from(`${basic.username}:${basic.password}`).toString('base64')
  return {
    ...(token ? { authorization: `Bearer ${token}` } : secret ? { authorization: `Basic ${secret}` } : {}),
    ...(impersonate ? { 'impersonate-user': impersonate.user } : {}),
    ...(impersonate && impersonate.groups.length > 0 ? { 'impersonate-group': [...impersonate.groups] } : {}),
  }
}

/** What leads through a proxy: the kubeconfig's, else the environment's, as kubectl's; this machine is reached without one. */
export function proxyOf(
  proxy: string | undefined,
  base: URL,
  environment: NodeJS.ProcessEnv = process.env,
): NodeJS.ProcessEnv | undefined {
  if (proxy) return { HTTP_PROXY: proxy, HTTPS_PROXY: proxy }
  if (/^(localhost|127\..*|\[::1\])$/.test(base.hostname)) return undefined
  return environment
}

/** Milliseconds until a connection has to stand. */
const LONGEST_CONNECT = 10_000
/** Milliseconds of silence after which a connection is asked whether it still is one: watches are silent for long. */
const KEEP_ALIVE_PAUSE = 15_000

function send(url: URL, options: UpstreamRequest, { agent, headers }: Way): Promise<IncomingMessage> {
  const { method, accept, contentType, body, signal } = options
  return new Promise((resolve, reject) => {
    const request = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, {
      method,
      agent,
      ...(signal ? { signal } : {}),
      headers: {
        accept: accept ?? 'application/json',
        'user-agent': 'drydock-app',
        ...headers,
        ...(contentType ? { 'content-type': contentType } : {}),
        ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }),
      },
    })
    const timer = setTimeout(() => {
      request.destroy(Object.assign(new Error(`${url.host} does not answer`), { code: 'ETIMEDOUT' }))
    }, LONGEST_CONNECT)
    const connected = (): void => clearTimeout(timer)
    request.on('socket', (socket) => {
      socket.setKeepAlive(true, KEEP_ALIVE_PAUSE)
      if (socket.connecting) socket.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', connected)
      else connected()
    })
    request.on('close', connected)
    request.on('response', resolve)
    request.on('error', reject)
    request.end(body)
  })
}

interface TlsOptions {
  ca?: string
  cert?: string
  key?: string
  servername?: string
  rejectUnauthorized?: boolean
}

function tlsOptions(connection: ClusterConnection): TlsOptions {
  return {
    ...(connection.certificateAuthority ? { ca: connection.certificateAuthority } : {}),
    ...(connection.clientCertificate ? { cert: connection.clientCertificate } : {}),
    ...(connection.clientKey ? { key: connection.clientKey } : {}),
    ...(connection.serverName ? { servername: connection.serverName } : {}),
    ...(connection.insecure ? { rejectUnauthorized: false } : {}),
  }
}

/** The words for a cluster that cannot be reached, with what to do. */
export function unreachable(error: unknown): string {
  const { code = '', message } = error as NodeJS.ErrnoException
  if (code === 'ECONNREFUSED') return 'The cluster does not answer: its API server is not running. Start the cluster.'
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return `The cluster's host name cannot be resolved (${message}). Check the network or the kubeconfig.`
  if (['ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH'].includes(code))
    return 'The cluster does not answer in time. Check the network or VPN.'
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return `The cluster's certificate is not for this address (${message}). Check the server in the kubeconfig, or name it by tls-server-name.`
  if (code === 'EPROTO' || code === 'ERR_SSL_WRONG_VERSION_NUMBER')
    return `What answers is no API server, or refuses the client certificate (${message}). Check the server in the kubeconfig.`
  if (code.startsWith('CERT_') || /SIGNATURE|SELF_SIGNED|ISSUER_CERT/.test(code))
    return `The cluster's certificate is not trusted (${message}). Fetch its kubeconfig anew.`
  if (code === 'ECONNRESET' || code === 'EPIPE')
    return `The connection to the cluster broke (${message}). Check the network or the proxy on the way.`
  return message || String(error)
}
