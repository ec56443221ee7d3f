import type { APIService } from '#types/apiregistration.k8s.io/v1'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { rootCertificates, connect as tlsConnect, type TLSSocket } from 'node:tls'
import type { UserInfo } from '../../admission/admission.ts'
import { dialService } from '../streaming/dial-service.ts'
import type { StreamingOptions } from '../streaming/index.ts'

/** PEM: with what this server proves to others that it speaks for its users (kubernetes.io, "Configure the Aggregation Layer"). */
export interface FrontProxy {
  cert: string
  key: string
}

/** A request that another API server is to answer, as it is passed on. */
export interface Call {
  method: string
  /** Path and query. */
  url: string
  headers: Record<string, string | string[]>
  user: UserInfo
  body?: NodeJS.ReadableStream | undefined
  /** How the body is passed on, where that is not the client's own length. */
  framed?: { 'transfer-encoding'?: 'chunked' } | undefined
  signal: AbortSignal
}

/**
 * Asks the service behind a group version, as the user it is for, and resolves with the head of its answer. Rejects when it cannot be reached or
 * is not who it ought to be. The connection ends with the answer.
 */
export async function callService(
  { spec }: APIService,
  call: Call,
  options: StreamingOptions,
  proxy: FrontProxy,
): Promise<IncomingMessage> {
  const { name = '', namespace = '', port = 443 } = spec.service ?? {}
  const host = `${name}.${namespace}.svc`
  const socket = await secured(spec, { name, namespace, port, host }, options, proxy)
  if (call.signal.aborted) socket.destroy()
  call.signal.throwIfAborted()
  call.signal.addEventListener('abort', () => socket.destroy(), { once: true })
  return new Promise((resolve, reject) => {
    const request = httpRequest({
      createConnection: () => socket,
      method: call.method,
      path: call.url,
      headers: {
        ...passed(call.headers),
        ...call.framed,
        ...identity(call.user),
        host: `${host}:${port}`,
        connection: 'close',
      },
    })
    request.once('response', resolve)
    request.once('error', reject)
    if (call.body) call.body.pipe(request)
    else request.end()
  })
}

interface Place {
  name: string
  namespace: string
  port: number
  host: string
}

async function secured(
  { caBundle, insecureSkipTLSVerify }: APIService['spec'],
  { name, namespace, port, host }: Place,
  options: StreamingOptions,
  proxy: FrontProxy,
): Promise<TLSSocket> {
  const socket = await dialService(options, { namespace, name, port, asker: 'system:kube-aggregator' })
  const ca = caBundle ? Buffer.from(caBundle, 'base64') : [...rootCertificates]
  return new Promise((resolve, reject) => {
    const secure = tlsConnect({
      socket,
      servername: host,
      ca,
      rejectUnauthorized: !insecureSkipTLSVerify,
      cert: proxy.cert,
      key: proxy.key,
    })
    secure.once('secureConnect', () => resolve(secure))
    secure.once('error', reject)
    socket.once('error', reject)
  })
}

/** Headers of one hop, and those by which a client would pass for somebody else. */
const KEPT_BACK =
  /^(:.*|connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|authorization|host|http2-settings|impersonate-.*|x-remote-.*)$/i

/** Headers that go on: not those of the connection, nor any by which a client could claim to be another. */
export function passed(headers: Record<string, string | string[] | undefined>): Record<string, string | string[]> {
  const kept: Record<string, string | string[]> = {}
  for (const [name, value] of Object.entries(headers))
    if (value !== undefined && !KEPT_BACK.test(name)) kept[name] = value
  return kept
}

function identity({ name, uid, groups, extra = {} }: UserInfo): Record<string, string | string[]> {
  const more = Object.entries(extra).map(([key, values]) => [`X-Remote-Extra-${encodeURIComponent(key)}`, values])
  return {
    'X-Remote-User': name,
    ...(uid ? { 'X-Remote-Uid': uid } : {}),
    ...(groups.length > 0 ? { 'X-Remote-Group': [...groups] } : {}),
    ...(Object.fromEntries(more) as Record<string, string[]>),
  }
}
