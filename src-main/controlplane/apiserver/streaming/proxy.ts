import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import type { Duplex, Readable, Writable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { connect as tlsConnect } from 'node:tls'
import { promisify } from 'node:util'
import { gunzip, inflate } from 'node:zlib'
import { framing } from '../http/framing.ts'
import { dialBackend, findBackend, KUBELET_PORT, type Backend } from './backend.ts'
import type { ConnectRequest, ConnectTarget, StreamingOptions, UpgradeRequest } from './index.ts'
import { serviceUnavailable } from './pod-target.ts'
import { backendPath } from './proxy-path.ts'
import { rewriteHtml, rewriteLocation } from './rewrite.ts'

/** Headers that concern one hop only, and what authenticated the caller to us: never passed on. */
const notForwarded = new Set(
  'connection|keep-alive|proxy-authenticate|proxy-authorization|te|trailer|transfer-encoding|upgrade|authorization|host|http2-settings'.split(
    '|',
  ),
)

/** `pods/proxy`, `services/proxy`, `nodes/proxy` for ordinary requests. */
export async function proxyRequest(options: StreamingOptions, call: ConnectRequest): Promise<void> {
  const { request, response } = call
  const url = request.url ?? '/'
  const backend = await findBackend(options, call)
  if (call.path === '' && (request.method === 'GET' || request.method === 'HEAD')) {
    const [path, query] = url.split('?')
    response.statusCode = 301
    response.setHeader('location', `${path}/${query === undefined ? '' : `?${query}`}`)
    response.end()
    return
  }
  const answer = await ask(options, call, backend)
  const prefix = url.split('?')[0]!.slice(0, url.split('?')[0]!.length - call.path.length)
  response.statusCode = answer.status
  for (const [name, value] of Object.entries(forwardable(answer.headers))) response.setHeader(name, value)
  const location = answer.headers.location
  if (location) response.setHeader('location', rewriteLocation(location, prefix, `${backend.host}:${backend.port}`))
  const unpack = unpackers[answer.headers['content-encoding'] ?? '']
  if (!unpack || !answer.headers['content-type']?.startsWith('text/html') || request.method === 'HEAD')
    return pipeline(answer.body, response as Writable)
  response.removeHeader('content-length')
  response.removeHeader('content-encoding')
  response.end(rewriteHtml((await unpack(await buffer(answer.body))).toString('utf8'), prefix))
}

/** Encodings in which links can be found; pages in others pass as they are. */
const unpackers: Record<string, ((packed: Buffer) => Buffer | Promise<Buffer>) | undefined> = {
  '': (plain) => plain,
  gzip: promisify(gunzip),
  deflate: promisify(inflate),
}

interface Answer {
  status: number
  headers: IncomingHttpHeaders
  body: Readable
}

async function ask(options: StreamingOptions, call: ConnectRequest, backend: Backend): Promise<Answer> {
  const path = pathAt(call)
  if (call.resource === 'nodes' && backend.port === KUBELET_PORT) {
    const { status, headers, body } = await options.tunnels.get(backend.node).kubelet(path)
    return { status, headers: headers as IncomingHttpHeaders, body }
  }
  const socket = await secured(await dialBackend(options, backend), backend)
  return new Promise((resolve, reject) => {
    const forward = httpRequest({
      createConnection: () => socket,
      method: call.request.method,
      path,
      headers: { ...forwardedHeaders(call, backend), ...framing(call.request) },
    })
    forward.once('response', (answer) =>
      resolve({ status: answer.statusCode ?? 502, headers: answer.headers, body: answer }),
    )
    forward.once('error', (error) =>
      reject(serviceUnavailable(`error trying to reach service: ${error.message}`, error)),
    )
    call.response.once('close', () => socket.destroy())
    call.request.pipe(forward)
  })
}

/** The same for a request that wants another protocol (WebSocket): its bytes are passed on as they are. */
export async function proxyUpgrade(options: StreamingOptions, call: UpgradeRequest): Promise<void> {
  const backend = await findBackend(options, call)
  const far = await secured(await dialBackend(options, backend), backend)
  const lines = [`${call.request.method} ${pathAt(call)} HTTP/1.1`]
  const headers = { ...forwardedHeaders(call, backend), connection: 'Upgrade', upgrade: call.request.headers.upgrade }
  for (const [name, value] of Object.entries(headers)) {
    for (const one of Array.isArray(value) ? value : [value]) if (one !== undefined) lines.push(`${name}: ${one}`)
  }
  far.write(`${lines.join('\r\n')}\r\n\r\n`)
  if (call.head.length > 0) far.write(call.head)
  far.on('error', () => call.socket.destroy())
  far.once('close', () => call.socket.destroy())
  call.socket.once('close', () => far.destroy())
  call.socket.pipe(far)
  far.pipe(call.socket)
}

type Proxied = ConnectTarget & { request: { url?: string | undefined; headers: IncomingHttpHeaders } }

/** What the backend is asked for: the rest of the path ({@link backendPath}), and the query as the client wrote it. */
function pathAt({ path, request }: Proxied): string {
  const url = request.url ?? ''
  const mark = url.indexOf('?')
  return backendPath(path) + (mark < 0 ? '' : url.slice(mark))
}

/** The client's headers, and under which address it asked (reference: apimachinery's proxy transport). */
function forwardedHeaders(call: Proxied, backend: Backend) {
  const { headers, url = '' } = call.request
  const host = headers[':authority'] ?? headers.host
  return {
    ...forwardable(headers),
    host: `${backend.host}:${backend.port}`,
    'x-forwarded-uri': url.split('?')[0]!,
    'x-forwarded-proto': 'https',
    ...(typeof host === 'string' ? { 'x-forwarded-host': host } : {}),
  }
}

function forwardable(headers: IncomingMessage['headers']): Record<string, string | string[]> {
  const kept: Record<string, string | string[]> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && !name.startsWith(':') && !notForwarded.has(name)) kept[name] = value
  }
  return kept
}

/** The backend's certificate is not checked: nothing says whose it ought to be (as upstream). */
function secured(socket: Duplex, backend: Backend): Promise<Duplex> {
  if (!backend.tls) return Promise.resolve(socket)
  return new Promise((resolve, reject) => {
    const secure = tlsConnect({ socket, rejectUnauthorized: false })
    secure.once('secureConnect', () => resolve(secure))
    secure.once('error', (error) =>
      reject(serviceUnavailable(`error trying to reach service: ${error.message}`, error)),
    )
  })
}
