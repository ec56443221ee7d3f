import { type ClientRequest, type IncomingMessage, request as plainRequest } from 'node:http'
import { request as secureRequest } from 'node:https'
import type { HTTPGetAction } from '#types/core/v1'

/** Where a GET of a probe or hook goes. */
export interface HttpTarget {
  secure: boolean
  host: string
  port: number
  /** With its query, beginning with a slash. */
  path: string
  headers: Record<string, string[]>
}

/** An answer to an HTTP probe or hook, with the beginning of its body (10 KiB at most). */
export interface HttpAnswer {
  status: number
  /** Where a redirect leads. */
  location: string | undefined
  body: string
}

/** Bytes of an answer that are read. */
const MOST_BODY = 10_240

/** What an action asks for on a host; `agent` is said in place of a browser. A header may be given more than once. */
export function httpTarget(action: HTTPGetAction, ownHost: string, port: number, agent: string): HttpTarget {
  const headers: Record<string, string[]> = {}
  for (const { name, value } of action.httpHeaders ?? []) (headers[name.toLowerCase()] ??= []).push(value)
  for (const [name, value] of [
    ['user-agent', agent],
    ['accept', '*/*'],
  ] as const) {
    headers[name] ??= [value]
    // A header without a value is not sent.
    if (headers[name].every((one) => one === '')) delete headers[name]
  }
  const path = action.path ?? ''
  return {
    secure: action.scheme === 'HTTPS',
    host: action.host || ownHost,
    port,
    path: path.startsWith('/') ? path : `/${path}`,
    headers: { ...headers, connection: ['close'] },
  }
}

/** Addresses of IPv6 stand in brackets. */
export function urlOf({ secure, host, port, path }: HttpTarget): string {
  return `${secure ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}${path}`
}

/** Asks once. Certificates are not verified. Rejects with the connection's error, or the signal's reason. */
export function httpGet(target: HttpTarget, signal: AbortSignal): Promise<HttpAnswer> {
  const { secure, host, port, path, headers } = target
  return new Promise((resolve, reject) => {
    const options = { host, port, path, headers: joined(headers), agent: false as const, method: 'GET' }
    const call: ClientRequest = secure
      ? secureRequest({ ...options, rejectUnauthorized: false })
      : plainRequest(options)
    const stop = (): void => {
      reject(signal.reason as Error)
      call.destroy()
    }
    if (signal.aborted) return stop()
    signal.addEventListener('abort', stop, { once: true })
    call.once('close', () => signal.removeEventListener('abort', stop))
    call.on('error', reject)
    call.once('response', (response) => {
      readStart(response).then((body) => {
        const { location } = response.headers
        resolve({ status: response.statusCode ?? 0, location, body })
        call.destroy()
      }, reject)
    })
    call.end()
  })
}

/** Of `host` there can be only one. */
function joined({ host, ...others }: Record<string, string[]>): Record<string, string | string[]> {
  return host ? { ...others, host: host.at(-1)! } : others
}

async function readStart(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    size += chunk.length
    if (size >= MOST_BODY) break
  }
  return Buffer.concat(chunks).toString('utf8', 0, MOST_BODY)
}
