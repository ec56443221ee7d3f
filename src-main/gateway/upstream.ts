import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { WebSocket } from 'ws'
import type { ClusterConnection } from './cluster-actions.ts'

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
  close(): void
}

/** Paths the renderer may ask for: the API, what describes it, and what our own servers tell beside it. */
const allowed =
  /^\/(api|apis|openapi|version|livez|readyz|healthz|metrics|debug\/(?:scheduler|history)|drydock\/v1\/trace)(\/|\?|$)/

export function createUpstream(connection: ClusterConnection): Upstream {
  const base = new URL(connection.server)
  const secure = base.protocol === 'https:'
  const tls = tlsOptions(connection)
  const agent = secure ? new HttpsAgent({ keepAlive: true, ...tls }) : new HttpAgent({ keepAlive: true })
  const prefix = base.pathname.replace(/\/$/, '')
  const authorization = connection.token ? { authorization: `Bearer ${connection.token}` } : {}

  const target = (path: string, protocol = base.protocol): URL => {
    const url = new URL(`${protocol}//${base.host}${prefix}${allowed.test(path) ? path : ''}`)
    // As it is sent: `..` in any spelling (`%2e%2e`, behind `\\`) is resolved by now, and may have led out of the cluster's own paths.
    const sent = url.pathname.startsWith(prefix) ? url.pathname.slice(prefix.length) : ''
    if (!allowed.test(sent) || /(^|\/)\.\.(\/|$|\?)/.test(path)) throw new Error(`${path} is not a path of the API`)
    return url
  }

  return {
    request({ method, path, accept, contentType, body, signal }) {
      return new Promise((resolve, reject) => {
        const send = secure ? httpsRequest : httpRequest
        const request = send(target(path), {
          method,
          agent,
          ...(signal ? { signal } : {}),
          headers: {
            accept: accept ?? 'application/json',
            'user-agent': 'drydock-app',
            ...authorization,
            ...(contentType ? { 'content-type': contentType } : {}),
            ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }),
          },
        })
        request.on('response', resolve)
        request.on('error', reject)
        request.end(body)
      })
    },
    connect(path, protocol) {
      const url = target(path, secure ? 'wss:' : 'ws:')
      return new WebSocket(url, [protocol], { ...tls, headers: authorization, perMessageDeflate: false })
    },
    close: () => agent.destroy(),
  }
}

function tlsOptions(connection: ClusterConnection): {
  ca?: string
  cert?: string
  key?: string
  servername?: string
  rejectUnauthorized?: boolean
} {
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
  const { code, message } = error as NodeJS.ErrnoException
  if (code === 'ECONNREFUSED') return 'The cluster does not answer: its API server is not running. Start the cluster.'
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return `The cluster's host name cannot be resolved (${message}). Check the network or the kubeconfig.`
  if (code === 'ETIMEDOUT' || code === 'EHOSTUNREACH')
    return 'The cluster does not answer in time. Check the network or VPN.'
  if (code?.startsWith('CERT_') || code?.includes('SIGNATURE') || code?.includes('SELF_SIGNED')) {
    return `The cluster's certificate is not trusted (${message}). Fetch its kubeconfig anew.`
  }
  return message || String(error)
}
