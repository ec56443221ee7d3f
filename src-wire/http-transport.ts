import { constants, type ClientHttp2Stream, type IncomingHttpHeaders } from 'node:http2'
import { Readable } from 'node:stream'
import type { ApiCall, Transport, WatchCall } from '../src-kube/client/transport.ts'
import { StatusError, type StatusObject } from '../src-kube/machinery/errors.ts'
import { type KubeObject, type WatchEvent, withTypedItems } from '../src-kube/machinery/meta.ts'
import { bodyOf } from './http2-body.ts'
import { Http2Client, unreachable, type Http2ClientOptions } from './http2-client.ts'
import { jsonLines } from './json-lines.ts'
import { resourcePath } from './resource-path.ts'

/** Who asks, and as whom: a bearer token, or the client certificate of the connection. Requests begun after `signal` aborted reject. */
export interface HttpTransportOptions extends Http2ClientOptions {
  /** Bearer token, or what to ask for it before each request (tokens rotate). */
  token?: string | (() => string | undefined) | undefined
  userAgent?: string
  /** Closes the transport. */
  signal?: AbortSignal
}

/** A request that is not about a resource: `/version`, `/healthz`, `/apis`, … */
export interface RawRequest {
  method?: string
  /** Path with query, as it goes on the wire. */
  path: string
  headers?: Record<string, string>
  body?: string | Uint8Array | Readable
  signal?: AbortSignal | undefined
}

/** An answer as it came, whatever its status. The body is to be read or destroyed, else its stream stays open. */
export interface RawResponse {
  status: number
  headers: IncomingHttpHeaders
  body: Readable
}

/** A cluster over HTTPS; `close` ends its idle connections. */
export interface HttpTransport extends Transport {
  /** Any request with this transport's credentials; the answer may have any status. Throws `StatusError` 503 when unreachable. */
  raw(request: RawRequest): Promise<RawResponse>
  close(): void
}

const methods: Record<ApiCall['verb'], string> = {
  get: 'GET',
  list: 'GET',
  create: 'POST',
  update: 'PUT',
  patch: 'PATCH',
  delete: 'DELETE',
  deletecollection: 'DELETE',
}

/**
 * The API over HTTPS (HTTP/2): one session, re-dialled when lost, kept alive by pings so that a cut network is noticed in
 * seconds. A read whose connection is lost before the answer is sent again once; a write only when it never left.
 */
export function httpTransport(options: HttpTransportOptions): HttpTransport {
  const requests = new RawRequests(options)
  const raw = (request: RawRequest): Promise<RawResponse> => requests.send(request)
  const close = (): void => requests.close()
  options.signal?.addEventListener('abort', close, { once: true })
  return { request: (call) => requestOf(raw, call), watch: (call) => watchOf(raw, call), raw, close }
}

type SendRaw = HttpTransport['raw']

/** Requests of any kind, with the transport's credentials. */
class RawRequests {
  readonly #options: HttpTransportOptions
  readonly #client: Http2Client
  /** What stands before every path, for a server behind one. */
  readonly #prefix: string

  constructor(options: HttpTransportOptions) {
    this.#options = options
    this.#client = new Http2Client({ ...options, server: new URL(options.server).origin })
    this.#prefix = new URL(options.server).pathname.replace(/\/+$/, '')
  }

  async send(request: RawRequest): Promise<RawResponse> {
    const { method = 'GET', signal, body } = request
    const headers = this.#headersOf(request, method)
    for (let attempt = 0; ; attempt++) {
      signal?.throwIfAborted()
      const stream = await this.#client.open(headers, { endStream: body === undefined })
      try {
        return await exchange(stream, request)
      } catch (error) {
        signal?.throwIfAborted()
        const again = error instanceof LostBeforeAnswer && (error.refused || method === 'GET')
        if (attempt > 0 || !again || body instanceof Readable) throw unreachable(error)
      }
    }
  }

  close(): void {
    this.#client.close()
  }

  #headersOf(request: RawRequest, method: string): Record<string, string> {
    const { token, userAgent = 'drydock' } = this.#options
    const bearer = typeof token === 'function' ? token() : token
    return {
      ':method': method,
      ':path': this.#prefix + request.path,
      'user-agent': userAgent,
      accept: 'application/json',
      ...(bearer ? { authorization: `Bearer ${bearer}` } : {}),
      ...request.headers,
    }
  }
}

async function requestOf(raw: SendRaw, call: ApiCall): Promise<KubeObject> {
  const body = call.body === undefined ? undefined : JSON.stringify(call.body)
  const type = call.verb === 'patch' ? (call.patchType ?? 'application/merge-patch+json') : 'application/json'
  const response = await raw({
    method: methods[call.verb],
    path: resourcePath(call),
    ...(body === undefined ? {} : { body, headers: { 'content-type': type } }),
    signal: call.signal,
  })
  try {
    return withTypedItems(await answerOf(response))
  } catch (error) {
    call.signal?.throwIfAborted()
    throw unreachable(error)
  }
}

async function* watchOf(raw: SendRaw, call: WatchCall): AsyncGenerator<WatchEvent> {
  if (call.signal.aborted) return
  try {
    const path = resourcePath({ ...call, query: { ...call.query, watch: 'true' } })
    const response = await raw({ path, signal: call.signal })
    if (response.status >= 400) await answerOf(response)
    for await (const value of jsonLines(response.body)) {
      const event = value as WatchEvent
      if (event.type === 'ERROR') throw StatusError.from(event.object as unknown as StatusObject)
      yield event
    }
  } catch (error) {
    if (!call.signal.aborted) throw unreachable(error)
  }
}

/** The stream ended before the response headers came. */
class LostBeforeAnswer extends Error {
  /** The server says that it has not looked at the request. */
  readonly refused: boolean
  constructor(cause: unknown, refused: boolean) {
    super('connection lost before the answer', { cause })
    this.refused = refused
  }
}

function exchange(stream: ClientHttp2Stream, request: RawRequest): Promise<RawResponse> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      stream.close(constants.NGHTTP2_CANCEL)
      // What has arrived and nobody reads would keep the stream open.
      stream.destroy()
    }
    request.signal?.addEventListener('abort', abort, { once: true })
    let failure: unknown
    stream.once('response', (headers) => resolve({ status: Number(headers[':status']), headers, body: bodyOf(stream) }))
    stream.on('error', (error) => (failure = error))
    stream.once('close', () => {
      request.signal?.removeEventListener('abort', abort)
      const refused = stream.rstCode === constants.NGHTTP2_REFUSED_STREAM
      reject(new LostBeforeAnswer(failure ?? new Error(`stream closed with code ${stream.rstCode}`), refused))
    })
    if (request.body instanceof Readable) {
      request.body.on('error', (error) => stream.destroy(error))
      request.body.pipe(stream)
    } else if (request.body !== undefined) stream.end(request.body)
    // Given up while the connection was being made.
    if (request.signal?.aborted) abort()
  })
}

/** The object of a successful answer; a `Status` that says failure is thrown. */
async function answerOf(response: RawResponse): Promise<KubeObject> {
  const chunks: Buffer[] = []
  for await (const chunk of response.body) chunks.push(chunk as Buffer)
  const text = Buffer.concat(chunks).toString('utf8')
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    if (response.status < 400) throw unreachable(new Error('unexpected EOF', { cause }))
    const message = text.trim() || `the server answered ${response.status}`
    throw new StatusError(response.status, reasonOf(response.status), message, undefined, { cause })
  }
  const status = value as Partial<StatusObject>
  if (response.status < 400) return value as KubeObject
  throw StatusError.from(status.kind === 'Status' ? status : { code: response.status, message: text })
}

const reasons: Record<number, string> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  409: 'Conflict',
  410: 'Gone',
  422: 'Invalid',
  429: 'TooManyRequests',
  503: 'ServiceUnavailable',
  504: 'Timeout',
}

/** The reason a server that answered without a `Status` most likely meant. */
function reasonOf(code: number): string {
  return reasons[code] ?? 'InternalError'
}
